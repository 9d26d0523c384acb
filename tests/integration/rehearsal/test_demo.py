"""The demo from end to end: ten sample leaders, their 100 days, and what everybody got."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from commands.opening import open_house
from commands.rehearsing import BEGINS, ENDS, ROSTER, estimate_house_gain, play_days
from commands.reporting import read_report
from commands.wiring import Wiring
from config.settings import Settings
from models.domain import Enrolment, Programme
from models.store import SentMail, read_enrolments, read_sent
from models.tables import MailRow
from rehearsal.clock import VirtualClock
from rehearsal.gain import Gain
from rehearsal.mailbox import ReceivedMail
from rehearsal.viewer import Shown, create_viewer
from scheduler.calendar import closed_because
from web.app import create_app
from web.looks import find_style_sheet

CONFIG = Path(__file__).parents[3] / "config"
STYLE_SHEET = f"/static/{find_style_sheet(Settings()).name}"


@dataclass(frozen=True, slots=True)
class Played:
    """What is left of a demo that has run."""

    programme: Programme
    enrolments: dict[str, Enrolment]  # by name
    sent: dict[str, tuple[SentMail, ...]]  # nudges
    confirmed: list[str]  # the address of each confirmation
    rows: dict[str, dict[str, Any]]
    mails: list[ReceivedMail]
    gain: Gain | None
    app: Any


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    data = tmp_path_factory.mktemp("demo")
    clock = VirtualClock(BEGINS)
    tokens = count()
    wiring = Wiring(
        environ={
            "FIRST100_CONFIG": str(CONFIG),
            "FIRST100_DATA": str(data),
            "FIRST100_ALLOW_TIME_TRAVEL": "1",
        },
        clock=clock,
        stopwatch=lambda: 0.0,
        new_token=lambda: f"token-{next(tokens)}",
        new_secret=lambda: b"a key for tests only, 32 octets.",
    )
    with open_house(wiring, roster_file=CONFIG / ROSTER) as house:
        mails = play_days(house, clock=clock, seed=1, mailbox=data / "mailbox")
        with house.database.reading() as session:
            enrolments = {e.leader.name: e for e in read_enrolments(session, tracking={"first-100-days": "ask"})}
            sent = read_sent(session, [e.id for e in enrolments.values()])
            confirmed = list(session.scalars(select(MailRow.recipient).where(MailRow.kind == "confirmation")))
        gain = estimate_house_gain(house)
        report = read_report(house, "leaders", now=clock())
        shown = Shown(rows=report["rows"], gain=gain, mails=mails, first_day="then", last_day="now")
        yield Played(
            programme=house.config.current.programmes["first-100-days"],
            enrolments=enrolments,
            sent={name: tuple(m for m in sent if m.enrolment_id == e.id) for name, e in enrolments.items()},
            confirmed=confirmed,
            rows={row["name"]: row for row in report["rows"]},
            mails=mails,
            gain=gain,
            app=create_viewer(shown, create_app(replace(house.site, now=lambda: ENDS))),
        )


def test_everybody_gets_the_welcome_first_every_check_in_and_the_closing_summary_last(played: Played) -> None:
    for name, mails in played.sent.items():
        fixed = [i.item for m in mails for i in m.items if i.placed in ("message", "check-in")]
        check_ins = (
            ["check-in-60", "check-in-90"] if name == "Tom Specimen" else ["check-in-30", "check-in-60", "check-in-90"]
        )
        assert fixed == ["welcome", *check_ins, "closing-summary"], name


def test_everybody_meets_every_item_of_the_role_and_is_asked_about_each_early_tip(
    played: Played,
) -> None:
    for name, mails in played.sent.items():
        role = played.programme.roles[played.enrolments[name].role]
        seen = Counter(item.item for mail in mails for item in mail.items)
        met = {item.item for mail in mails for item in mail.items if item.placed in ("new", "with")}
        expected = {item for item in role.item_ids if played.programme.items[item].kind in ("tip", "resource")}
        assert met == expected, name
        early = {item.item for mail in mails if mail.day <= 50 for item in mail.items if item.kind == "tip"}
        assert min(seen[tip] for tip in early) >= 2, name


def test_nobody_gets_two_mails_a_day_or_one_on_a_closed_day(played: Played) -> None:
    for name, mails in played.sent.items():
        leader = played.enrolments[name].leader
        dates = [mail.local_date for mail in mails]
        assert len(set(dates)) == len(dates), name
        assert [day for day in dates if closed_because(leader, day)] == [], name
        assert not {date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)} & set(dates), name


def test_the_late_starter_is_not_flooded(played: Played) -> None:
    dates = [mail.local_date for mail in played.sent["Tom Specimen"]]
    assert dates[0] == date(2026, 12, 8)
    assert all(later - earlier >= timedelta(days=2) for earlier, later in pairwise(dates))
    assert all(sum(first <= day < first + timedelta(days=7) for day in dates) <= 2 for first in dates)


def test_opens_show_for_those_who_agreed_and_are_not_tracked_for_the_others(played: Played) -> None:
    tracked = {name for name, row in played.rows.items() if row["opened"] is not None}
    agreed = {name for name, enrolment in played.enrolments.items() if enrolment.leader.tracking}
    assert tracked == agreed
    assert len(agreed) == 5
    assert all(played.rows[name]["opened"] > 0 for name in agreed)


def test_one_who_never_opens_gets_the_whole_programme_and_is_named_to_hr(played: Played) -> None:
    row = played.rows["Edward Example"]
    assert (row["status"], row["engaged"], row["opened"]) == ("completed", 0, None)
    assert row["items_met"] == row["items_total"]
    assert row["problems"]


def test_the_mailbox_holds_exactly_the_mails_that_were_sent(played: Played) -> None:
    nudges = {played.enrolments[name].leader.email: len(mails) for name, mails in played.sent.items()}
    assert Counter(mail.recipient for mail in played.mails) == Counter(nudges) + Counter(played.confirmed)


def test_a_mail_carries_a_pixel_only_after_consent(played: Played) -> None:
    base = "http://127.0.0.1:8100"
    for name, enrolment in played.enrolments.items():
        own = [mail for mail in played.mails if mail.recipient == enrolment.leader.email]
        assert own[0].links("o", base=base) == (), name
        assert bool(own[-1].links("o", base=base)) is enrolment.leader.tracking, name


def test_questions_are_worth_something_by_the_model(played: Played) -> None:
    assert played.gain is not None
    assert played.gain.with_questions > played.gain.without


async def _get(app: Any, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1:8100") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/", "/mailbox/0", "/mailbox/0/html", "/viewer/viewer.css", STYLE_SHEET])
def test_the_served_pages_show_the_report_and_the_mails(played: Played, path: str) -> None:
    answer = asyncio.run(_get(played.app, path))
    assert answer.status_code == 200
    if path == "/":
        assert all(name in answer.text for name in played.rows)
        assert "This is a model, not a measurement" in answer.text
    if path == "/mailbox/0/html":
        assert "img-src" not in answer.headers["content-security-policy"]


def test_there_is_no_mail_beyond_the_last(played: Played) -> None:
    assert asyncio.run(_get(played.app, f"/mailbox/{len(played.mails)}")).status_code == 404
