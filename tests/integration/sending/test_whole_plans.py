"""Whole plans through the outbox: what was planned is what goes out, whatever restarts, and nothing is sent twice."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.domain import Enrolment, Plan, Programme, Step
from models.store import read_enrolments
from models.tables import EnrolmentRow, MailItemRow, MailRow
from scheduler.deciding import forecast, read_cases
from scheduler.planning import next_nudge
from scheduler.tick import run_tick
from tests.builders import at, build_enrolment, build_programme, build_tip, keep_enrolment
from tests.fakes import RecordingTransport, read_as
from tests.integration.sending.test_tick import build_installation, make_virtual

ENROLLED = at("2026-12-07 12:00")
FIRST = build_programme()


def build_second() -> Programme:
    tips = [build_tip(f"other-{n}") for n in range(3)]
    steps = [Step(item=tip.id, day=3 + 10 * n, why="w.") for n, tip in enumerate(tips)]
    return build_programme(tips, steps, id="next-100-days")


def keep(database: Database, **fields: object) -> Enrolment:
    with database.sessions.begin() as session:
        return keep_enrolment(session, replace(build_enrolment(), **fields))


def live(database: Database, programmes: Iterable[Programme], *, days: int, since: datetime = ENROLLED) -> None:
    """A tick each morning, each by a service started anew."""
    for number in range(days):
        installation = build_installation(
            database, RecordingTransport(), plan=next_nudge, read_config=read_as(*programmes)
        )
        run_tick(installation, now=since + timedelta(days=number))


def read_out(database: Database, enrolment: Enrolment) -> list[tuple[date, tuple[str, ...]]]:
    """The dates of the nudges that went out, with their items."""
    with database.reading() as session:
        mails = session.execute(
            select(MailRow.id, MailRow.local_date)
            .where(MailRow.enrolment_id == enrolment.id, MailRow.state == "sent")
            .order_by(MailRow.ordinal)
        ).all()
        told: list[tuple[date, tuple[str, ...]]] = []
        for mail_id, on in mails:
            items = select(MailItemRow.item).where(MailItemRow.mail_id == mail_id).order_by(MailItemRow.position)
            assert on is not None
            told.append((on, tuple(session.scalars(items))))
        return told


def read_plan(database: Database, enrolment: Enrolment, programmes: Iterable[Programme], now: datetime) -> Plan:
    by_id = {programme.id: programme for programme in programmes}
    with database.reading() as session:
        enrolments = read_enrolments(session, tracking={}, ids=[enrolment.id])
        return forecast(read_cases(session, enrolments)[enrolment.id], programmes=by_id, now=now)


def read_new(database: Database, enrolment: Enrolment) -> Counter[str]:
    """How often each item went out as itself."""
    with database.reading() as session:
        items = (
            select(MailItemRow.item)
            .join(MailRow, MailRow.id == MailItemRow.mail_id)
            .where(MailRow.enrolment_id == enrolment.id, MailItemRow.placed != "prompt")
        )
        return Counter(session.scalars(items))


def test_what_goes_out_is_the_plan_of_the_first_day_whatever_restarts(database: Database) -> None:
    make_virtual(database)
    sam = keep(database)
    planned = read_plan(database, sam, [FIRST], ENROLLED)
    live(database, [FIRST], days=140)
    assert read_out(database, sam) == [
        (nudge.local_date, tuple(item.item for item in nudge.items)) for nudge in planned.nudges
    ]


def test_two_programmes_of_one_leader_keep_one_cap_on_their_way_out(database: Database) -> None:
    make_virtual(database)
    programmes = [FIRST, build_second()]
    sam, again = keep(database), keep(database, programme="next-100-days", start_date=date(2027, 1, 18))
    live(database, programmes, days=150)
    dates = sorted(on for one in (sam, again) for on, _ in read_out(database, one))
    assert all((later - earlier).days >= 2 for earlier, later in pairwise(dates))
    assert all(sum(first <= on < first + timedelta(days=7) for on in dates) <= 2 for first in dates)
    assert read_new(database, sam).keys() >= {"welcome", "listen-first", "share-early", "closing-summary"}
    assert read_new(database, again).keys() >= {"welcome", "other-0", "other-1", "other-2", "closing-summary"}


def test_a_role_that_changes_under_way_keeps_what_was_met_and_swaps_the_rest(database: Database) -> None:
    make_virtual(database)
    chair = replace(
        FIRST.roles["director"],
        id="chair",
        steps=tuple(step for step in FIRST.roles["director"].steps if step.item != "share-early"),
    )
    programme = replace(FIRST, roles={**FIRST.roles, "chair": chair})
    sam = keep(database)
    live(database, [programme], days=37)  # up to 12 January, when listen-first goes out
    with database.sessions.begin() as session:
        session.execute(update(EnrolmentRow).values(role="chair"))
    live(database, [programme], days=110, since=ENROLLED + timedelta(days=37))
    new = read_new(database, sam)
    assert set(new.values()) == {1}
    assert "share-early" not in new
    assert new["listen-first"] == new["short-report"] == new["closing-summary"] == 1


@pytest.mark.parametrize("days", [-14, 21])
def test_a_start_that_moves_under_way_sends_nothing_again(database: Database, days: int) -> None:
    make_virtual(database)
    sam = keep(database)
    live(database, [FIRST], days=37)
    with database.sessions.begin() as session:
        session.execute(update(EnrolmentRow).values(start_date=date(2027, 1, 11) + timedelta(days=days)))
    live(database, [FIRST], days=140, since=ENROLLED + timedelta(days=37))
    new = read_new(database, sam)
    assert set(new.values()) == {1}
    assert new["closing-summary"] == 1
    closing = next(on for on, items in read_out(database, sam) if items == ("closing-summary",))
    assert abs((closing - date(2027, 1, 11)).days - 100 - days) <= 3


def test_content_that_changes_under_way_is_asked_and_sent_as_it_is_now(database: Database) -> None:
    make_virtual(database)
    sam = keep(database)
    live(database, [FIRST], days=37)
    added = build_tip("added")
    steps = tuple(
        Step(item="added", day=20, why="w.") if step.item == "share-early" else step
        for step in FIRST.roles["director"].steps
    )
    changed = replace(
        FIRST,
        items={**{k: v for k, v in FIRST.items.items() if k not in {"share-early", "listen-first"}}, "added": added},
        roles={
            "director": replace(
                FIRST.roles["director"], steps=tuple(step for step in steps if step.item != "listen-first")
            )
        },
    )
    live(database, [changed], days=110, since=ENROLLED + timedelta(days=37))
    new = read_new(database, sam)
    assert (new["added"], new["share-early"], new["listen-first"]) == (1, 0, 1)
    out = read_out(database, sam)
    first = next(place for place, (_, items) in enumerate(out) if "listen-first" in items)
    assert not any("listen-first" in items for _, items in out[first + 1 :])  # removed: asked about no more
