"""A gateway that opens links in a real browser, scripts and all, and presses nothing: nothing is changed by it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import select

from commands.opening import open_pages
from models.events import read_events
from models.grades import read_grades
from models.store import read_enrolments
from models.tables import MailRow
from rehearsal.clock import VirtualClock
from rehearsal.play import Play
from scheduler.classifying import classify_recent
from tests.browser import BrowserError, open_browser
from tests.builders import at
from tests.integration.gateways.stage import BASE, BEGINS, open_stage
from tests.integration.gateways.traffic import find_links
from web.serve import listen

UNTIL = at("2027-01-20 00:00")  # a sample: the mails of the first days
AFTER = timedelta(seconds=43)

pytestmark = pytest.mark.browser


def test_a_browser_that_opens_every_link_changes_nothing_and_is_known_for_a_machine(tmp_path: Path) -> None:
    clock = VirtualClock(BEGINS)
    with open_stage(tmp_path, clock, roles=1) as house, ThreadPoolExecutor() as threads:
        app = open_pages(house)
        mailbox = house.settings.data / "mailbox"
        play = Play(installation=house.installation, app=app, clock=clock, mailbox=mailbox, base=BASE, readers={})
        asyncio.run(play.run(until=UNTIL))
        links = [link for mail in play.mails for link in find_links(mail, base=BASE)]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        with listen("127.0.0.1", 0) as listener, open_browser(tmp_path / "profile") as browser:
            served = threads.submit(server.run, sockets=[listener])
            try:
                clock.move_to(max(mail.sent_at for mail in play.mails) + AFTER)
                for link in links:
                    with suppress(BrowserError):  # a resource outside, which it cannot reach from here
                        browser.open(link.replace(BASE, f"http://127.0.0.1:{listener.getsockname()[1]}"))
            finally:
                server.should_exit = True
                served.result()
        classify_recent(house.database, now=clock())
        with house.database.reading() as session:
            mails = session.scalars(select(MailRow.id)).all()
            events = [event for own in read_events(session, mails).values() for event in own]
            grades = read_grades(session, mails)
            people = read_enrolments(session, tracking={"first-100-days": "ask"})

    assert {event.kind for event in events} == {"open", "click", "page", "trap"}
    assert {event.method for event in events} == {"GET"}
    assert len(events) > 20
    assert [(person.stopped, person.pauses, person.pace) for person in people] == [(None, (), None)] * 2
    assert {grades[event.id or 0].credence for event in events} <= {"machine", "suspect"}
