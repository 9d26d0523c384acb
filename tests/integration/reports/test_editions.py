"""Figures of answers and recall are told once a week, and stay as they were told."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from models.database import Database
from models.scope import Scope, narrowed
from models.tables import EditionRow, EventRow, LeaderRow
from reports.editions import keep_editions, list_told
from reports.registry import PARTS, REPORTS
from reports.render import build_document
from reports.report import ReportContext
from tests.builders import at
from tests.integration.reports.stage import build_context, enrol, keep_nudge, press, prompt, tip

NAMES = ("items", "cohorts", "learning", "board")


@pytest.fixture(autouse=True)
def fill(database: Database) -> None:
    """Six leaders of each of two organisations, who were sent two mails and answered the second in the same week."""
    with database.sessions.begin() as session:
        for number in range(12):
            leader = enrol(session, f"person{number}", cohort="spring" if number % 2 else "winter")
            keep_nudge(session, leader, "2027-01-12", tip("ask-early"))
            mail = keep_nudge(session, leader, "2027-01-19", tip("be-open"), prompt("ask-early"))
            press(session, mail, "2027-01-19 20:00", position=1, answer="using" if number < 6 else "forgot")
        session.execute(update(LeaderRow).where(LeaderRow.id > 6).values(organisation="Sample Trust"))


def read_all(
    database: Database, context: ReportContext, organisations: tuple[str, ...] = ()
) -> dict[str, dict[str, Any]]:
    with database.reading() as session, narrowed(session, Scope(organisations=organisations or None)):
        return {name: build_document(REPORTS[name].read(session, context)) for name in NAMES}


def keep(database: Database, context: ReportContext, *organisations: tuple[str, ...]) -> int:
    return keep_editions(database, context, PARTS, organisations)


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(EditionRow)) or 0


def forget_answers(database: Database) -> None:
    with database.sessions.begin() as session:
        session.execute(delete(EventRow))


@pytest.mark.parametrize("organisations", [(), ("Sample Trust",), ("Example Hospitals", "Sample Trust")])
def test_what_is_kept_is_what_is_worked_out(database: Database, organisations: tuple[str, ...]) -> None:
    context = build_context()
    before = read_all(database, context, organisations)
    while keep(database, context, organisations):
        pass
    assert read_all(database, context, organisations) == before
    assert any(row["answered"] == (12 if len(organisations) != 1 else 6) for row in before["items"]["rows"])


def test_what_was_told_stays_when_somebody_is_erased(database: Database) -> None:
    """Else the difference would be about the one who is gone."""
    context = build_context()
    while keep(database, context):
        pass
    before = read_all(database, context)
    with database.sessions.begin() as session:
        session.execute(delete(LeaderRow).where(LeaderRow.id == 1))
    after = read_all(database, context)

    assert after["learning"] == before["learning"]
    told = [(row["item"], row["answered"], row["using"], row["retrievability_now"]) for row in after["items"]["rows"]]
    assert told == [
        (row["item"], row["answered"], row["using"], row["retrievability_now"]) for row in before["items"]["rows"]
    ]


def test_each_set_of_organisations_has_its_own_figures(database: Database) -> None:
    context = build_context()
    sets: Sequence[tuple[str, ...]] = ((), ("Example Hospitals",), ("Sample Trust",))
    before = [read_all(database, context, seen) for seen in sets]
    while keep(database, context, *sets):
        pass
    forget_answers(database)

    after = [read_all(database, context, seen) for seen in sets]
    assert [one["learning"] for one in after] == [one["learning"] for one in before]
    using = [next(row for row in one["items"]["rows"] if row["item"] == "ask-early")["using"] for one in after]
    assert using == [6, 6, 0]


def test_nobody_sees_what_is_kept_for_another_set(database: Database) -> None:
    context = build_context()
    while keep(database, context, ("Sample Trust",)):
        pass
    with database.reading() as session, narrowed(session, Scope(organisations=("Example Hospitals",))):
        assert session.scalar(select(func.count(EditionRow.id))) == 0
    with database.reading() as session, narrowed(session, Scope(leader_id=7)):
        assert session.scalar(select(func.count(EditionRow.id))) == 0


def test_past_weeks_are_kept_one_at_a_time_the_last_turn_at_once(database: Database) -> None:
    context = build_context()
    with database.reading() as session:
        assert list_told(session, context) == tuple(date(2027, 1, day) for day in (18, 25)) + tuple(
            date(2027, 2, day) for day in (1, 8)
        )
    assert [keep(database, context) for _ in range(5)] == [7, 1, 1, 0, 0]
    assert count(database) == 9


def test_the_next_turn_has_figures_of_its_own(database: Database) -> None:
    while keep(database, build_context()):
        pass
    with database.sessions.begin() as session:
        press(session, 2, "2027-02-10 20:00", position=1, answer="forgot")
    later = build_context(now=at("2027-02-15 00:00"))
    before = read_all(database, later)
    assert keep(database, later) == 6
    assert read_all(database, later) == before


def test_another_small_group_makes_every_figure_anew(database: Database) -> None:
    while keep(database, build_context()):
        pass
    strict = build_context(small_group=7)
    hidden = read_all(database, strict)["items"]["rows"]
    assert {row["answered"] for row in hidden if row["item"] == "ask-early"} == {None}
    before = count(database)
    while keep(database, strict):
        pass
    assert count(database) == before
    assert read_all(database, strict)["items"]["rows"] == hidden


def test_before_the_first_mail_nothing_is_kept(database: Database) -> None:
    assert keep(database, build_context(now=at("2027-01-11 12:00"))) == 0
