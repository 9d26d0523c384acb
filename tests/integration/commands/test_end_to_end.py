"""From a row in leaders.yaml to a line in a report: mail by SMTP, a pixel, a followed link, a pressed answer."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from commands.opening import open_house
from rehearsal.clock import VirtualClock
from rehearsal.mailbox import ReceivedMail, read_mailbox
from rehearsal.readers import Browser
from tests.builders import at
from tests.integration.commands.house import ROW, House
from tests.mail_server import Inbox, serving
from web.app import create_app

BASE = "http://127.0.0.1:8100"
SAM, KIM = "sam.sample@example.org", "kim.example@example.org"
BOTH = ROW + ROW.replace("Sam Sample", "Kim Example").replace(SAM, KIM)


def browse(house: House, act: Callable[[Browser], Coroutine[None, None, None]]) -> None:
    """Does something with a phone on the house's web app, a quarter of an hour after the last tick."""

    async def visit() -> None:
        clock = VirtualClock(house.now + timedelta(minutes=15))
        with open_house(replace(house.wiring(), clock=clock)) as opened:
            transport = httpx2.ASGITransport(app=create_app(opened.site))
            async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
                await act(Browser(client, clock))

    asyncio.run(visit())


def tick_at(house: House, text: str) -> None:
    house.now = at(text)
    assert house.run("tick").code == 0


def newest(house: House, recipient: str) -> ReceivedMail:
    return [mail for mail in read_mailbox(house.mailbox) if mail.recipient == recipient][-1]


def press(address: str, name: str, value: str) -> Callable[[Browser], Coroutine[None, None, None]]:
    async def act(browser: Browser) -> None:
        await browser.press(address, await browser.read(address), name, value, after_seconds=5)

    return act


def fetch(*addresses: str) -> Callable[[Browser], Coroutine[None, None, None]]:
    async def act(browser: Browser) -> None:
        for address in addresses:
            await browser.get(address)

    return act


def row_of(house: House, email: str) -> dict[str, Any]:
    rows = house.run("report", "leaders", "--json").document["rows"]
    return next(row for row in rows if row["email"] == email)


def test_opens_clicks_and_answers_show_in_the_reports_and_an_answer_changes_the_plan(house: House) -> None:
    house.environ["FIRST100_SMALL_GROUP"] = "2"
    house.write_roster(BOTH)
    tick_at(house, "2026-12-07 09:00")
    tick_at(house, "2026-12-21 08:30")
    assert row_of(house, SAM)["opened"] is None

    for email in (SAM, KIM):
        browse(house, press(newest(house, email).links("p", base=BASE)[0], "tracking", "on"))
    tick_at(house, "2026-12-29 08:30")
    pixels = newest(house, SAM).links("o", base=BASE)
    assert len(pixels) == 1
    browse(house, fetch(*pixels))
    assert (row_of(house, SAM)["opened"], row_of(house, SAM)["engaged"]) == (1, 0)

    tick_at(house, "2027-01-04 08:30")
    browse(house, fetch(*newest(house, SAM).links("l", base=BASE)))
    assert row_of(house, SAM)["engaged"] == 1

    before = house.run("plan", SAM, "--json").document["nudges"]
    for email in (SAM, KIM):
        browse(house, press(newest(house, email).links("a", base=BASE)[0], "answer", "forgot"))
    after = house.run("plan", SAM, "--json").document["nudges"]
    assert [nudge for nudge in before if nudge["state"] == "sent"] == [
        nudge for nudge in after if nudge["state"] == "sent"
    ]
    assert before != after

    house.now = at("2027-01-11 09:00")  # the answers of a week are told of from the next Monday on
    items = {row["item"]: row for row in house.run("report", "items", "--json").document["rows"]}
    asked = items["connect-before-day-one"]
    assert (asked["met_by"], asked["prompts"], asked["answered"]) == (2, 2, 2)
    delivery = house.run("report", "delivery", "--json").document
    assert delivery["mails"]["sent"] == 8  # three nudges and a confirmation for each


def test_a_mail_server_gets_the_bytes_that_a_mailbox_holds(house: House, tmp_path: Path) -> None:
    house.write_roster(BOTH)
    tick_at(house, "2026-12-07 09:00")
    tick_at(house, "2026-12-21 08:30")
    kept = {path.read_bytes() for path in (house.mailbox / "new").iterdir()}
    assert len(kept) == 2

    house.environ["FIRST100_DATA"] = str(tmp_path / "other")
    inbox = Inbox()
    with serving(inbox) as port:
        house.environ["FIRST100_MAIL"] = f"smtp://127.0.0.1:{port}"
        tick_at(house, "2026-12-07 09:00")
        tick_at(house, "2026-12-21 08:30")
    assert {envelope.original_content for envelope in inbox.received} == kept
    assert {recipient for envelope in inbox.received for recipient in envelope.rcpt_tos} == {SAM, KIM}
    assert all((envelope.mail_from or "").startswith("bounce+") for envelope in inbox.received)


def test_a_server_that_is_away_delays_the_mail_and_loses_nothing(house: House) -> None:
    house.write_roster(ROW)
    tick_at(house, "2026-12-07 09:00")
    house.environ["FIRST100_MAIL"] = "smtp://127.0.0.1:9"
    house.now = at("2026-12-21 08:30")
    assert house.run("tick", "--json").document["deferred"] == 1
    inbox = Inbox()
    with serving(inbox) as port:
        house.environ["FIRST100_MAIL"] = f"smtp://127.0.0.1:{port}"
        house.now = at("2026-12-21 09:30")
        assert house.run("tick", "--json").document["sent"] == 1
    assert len(inbox.received) == 1
