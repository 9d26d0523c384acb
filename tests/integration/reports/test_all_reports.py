"""What holds for every report, whatever it reports."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from models.database import Database
from models.tables import LeaderRow
from reports.items import read_items
from reports.leaders import read_leaders
from reports.registry import REPORTS
from reports.render import build_document, render_table
from reports.report import Column, Muted, Report, ReportContext, Sheet
from tests.integration.reports.stage import (
    build_context,
    check_in,
    enrol,
    hit,
    keep_nudge,
    message,
    press,
    prompt,
    resource,
    tip,
)

PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def add_leaders(session: Session, first: int, last: int) -> None:
    """Leaders with a bit of everything, numbered."""
    for number in range(first, last):
        enrolment = enrol(session, f"leader.{number:02}", agrees=number % 2 == 0)
        keep_nudge(session, enrolment, "2026-12-21", message("welcome"), attempts=[("sent", "250 ok")])
        mail = keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"), prompt("be-open"), tracked=True)
        hit(session, mail, "open", "2027-01-12 12:00")
        press(session, mail, "2027-01-13 07:00", position=1, answer="nearly")
        keep_nudge(session, enrolment, "2027-01-14", state="failed", attempts=[("permanent", "550 no such mailbox")])
        keep_nudge(session, enrolment, "2027-01-19", resource("case"), state="in_doubt")
        keep_nudge(session, enrolment, "2027-02-02", check_in(30))
        keep_nudge(session, enrolment, "2027-02-09", state="planned")


@contextmanager
def counted_statements(database: Database) -> Generator[list[str]]:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", count)


def count_selects(database: Database, report: Report[Any]) -> int:
    with counted_statements(database) as statements, database.reading() as session:
        report.read(session, build_context(email="leader.00@example.org"))
    return sum(statement.startswith("SELECT") for statement in statements)


def render(database: Database, name: str, context: ReportContext | None = None, **options: Any) -> str:
    context = context or build_context()
    with database.reading() as session:
        value = REPORTS[name].read(session, context)
    return render_table(REPORTS[name], value, context, **options)


# ---------------------------------------------------------------- queries


def test_the_number_of_queries_does_not_grow_with_the_leaders(database: Database) -> None:
    with database.sessions.begin() as session:
        add_leaders(session, 0, 3)
    few = {name: count_selects(database, report) for name, report in REPORTS.items()}
    with database.sessions.begin() as session:
        add_leaders(session, 3, 30)
    many = {name: count_selects(database, report) for name, report in REPORTS.items()}
    assert few == many
    weeks = 7  # for each of which the report on learning reads
    assert all(0 < selects <= (10 * weeks if name == "learning" else 50) for name, selects in many.items())


# ---------------------------------------------------------------- agreement


@dataclass(frozen=True)
class Drawn:
    """A mail that happened to some leader."""

    leader: int
    state: str
    lines: list[Any]


LINES = st.lists(
    st.sampled_from(
        [
            tip("ask-early"),
            tip("be-open"),
            resource("case"),
            resource("digest", "with"),
            prompt("be-open"),
            check_in(30),
        ]
    ),
    max_size=4,
    unique=True,
)
MAILS = st.lists(
    st.builds(
        Drawn,
        leader=st.integers(0, 3),
        state=st.sampled_from(["sent", "sent", "in_doubt", "failed", "expired"]),
        lines=LINES,
    ),
    max_size=15,
)


@PROPERTY
@given(mails=MAILS, skip=st.sets(st.sampled_from(["case", "digest"])))
def test_leaders_and_items_agree_on_what_was_met(database: Database, mails: list[Drawn], skip: set[str]) -> None:
    with database.sessions() as session, session.begin() as transaction:
        enrolments = [enrol(session, f"leader.{number}", skip=tuple(sorted(skip))) for number in range(4)]
        for number, mail in enumerate(mails):
            on = date.fromordinal(date(2027, 1, 12).toordinal() + number).isoformat()
            keep_nudge(session, enrolments[mail.leader], on, *mail.lines, state=mail.state)
        leaders, items = read_leaders(session, build_context()), read_items(session, build_context())
        transaction.rollback()
    assert sum(row.items_met for row in leaders.rows) == sum(row.met_by for row in items.rows)
    assert all(row.items_met <= (row.items_total or 0) <= 4 for row in leaders.rows)


# ---------------------------------------------------------------- as tables


def test_the_reports_are_known_by_name() -> None:
    assert list(REPORTS) == ["leaders", "leader", "cohorts", "items", "delivery", "learning", "board"]
    assert all(report.name == name and report.summary for name, report in REPORTS.items())


def test_the_table_of_leaders_says_not_tracked_and_never_zero(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", tip("ask-early"))
        keep_nudge(session, enrol(session, "ann.other", agrees=True), "2027-01-13", tip("ask-early"), tracked=True)
        keep_nudge(session, enrol(session, "zoe.last", role="astronaut"), "2027-02-09", state="planned")
    assert render(database, "leaders") == (
        "Leaders on 08 February 2027, 12:00 UTC; dates are in UTC\n"
        "                                                                         Check-    Last    Next\n"
        "Leader      Role       Status   Day  Sent       Opened  Engaged     Met     ins  active    mail\n"
        "───────────────────────────────────────────────────────────────────────────────────────────────\n"
        "Ann Other   director   active    28     1            0        0  1 of 4       0       –       –\n"
        "Sam Sample  director   active    28     1  not tracked        0  1 of 4       0       –       –\n"
        "Zoe Last    astronaut  waiting   28     0  not tracked        0  0 of ?       0       –  09 Feb\n"
        "Zoe Last <zoe.last@example.org>: the programme first-100-days has no role astronaut any more, give another\n"
    )


def test_the_table_of_items_hides_what_few_people_stand_behind(database: Database) -> None:
    with database.sessions.begin() as session:
        mail = keep_nudge(session, enrol(session), "2027-01-12", tip("ask-early"), prompt("be-open"))
        press(session, mail, "2027-01-13 07:00", position=1, answer="nearly")
    assert render(database, "items") == (
        "Tips and resources on 08 February 2027, 12:00 UTC\n"
        "Item       Kind      Met by  Prompts  Answered   Using  Nearly  Forgot  Remembered  Opened\n"
        "──────────────────────────────────────────────────────────────────────────────────────────\n"
        "ask-early  tip            1        0         0       0       0       0      hidden       –\n"
        "be-open    tip            0        1    hidden  hidden  hidden  hidden           –       –\n"
        "case       resource       0        0         0       0       0       0           –       –\n"
        "digest     resource       0        0         0       0       0       0           –       –\n"
        "Answers, and what is remembered, are as of Monday 08 February, without the latest of too few.\n"
        "Remembered: predicted by the planner's model of memory, the mean over those who met it.\n"
        "Opened: of the mails that brought it, where opens are seen, those that were opened within seven days.\n"
        "Hidden: too few people stand behind the figure, or behind what would be new in it.\n"
    )


def test_the_table_of_delivery_names_whom_nothing_reaches(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        for on in ("2027-01-12", "2027-01-14", "2027-01-19"):
            keep_nudge(session, enrolment, on, state="failed", attempts=[("permanent", "550 no such mailbox")])
    table = render(database, "delivery")
    assert "mails failed                           3\n" in table
    assert "refusals for good (hard bounces)       3\n" in table
    assert table.endswith("\nsam.sample@example.org: nothing gets through, check the address\n")


@pytest.mark.parametrize("name", [name for name, report in REPORTS.items() if report.asks != "email"])
def test_a_table_fits_its_page_however_long_the_names(database: Database, name: str) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session, role="primary-care-network-clinical-director", programme="first-100-days")
        keep_nudge(session, enrolment, "2027-01-12", tip("an-item-with-a-long-and-winding-name-" + "x" * 40))
        keep_nudge(session, enrol(session, programme="another-programme"), "2027-01-12", tip("ask-early"))
        session.execute(update(LeaderRow).values(name="Bartholomew-Maximilian " * 4 + "w" * 60))
    lines = render(database, name).splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) > 5


@pytest.mark.parametrize("name", [name for name, report in REPORTS.items() if report.asks != "email"])
def test_reports_on_nobody_are_tables_and_documents_too(database: Database, name: str) -> None:
    context = build_context(programmes={})
    with database.reading() as session:
        value = REPORTS[name].read(session, context)
    assert json.loads(json.dumps(build_document(value)))["as_of"] == "2027-02-08T12:00:00Z"
    assert "08 February 2027" in render_table(REPORTS[name], value, context)


def build_report(*cells: Any, notes: tuple[str, ...] = ()) -> Report[Any]:
    sheet = Sheet(title="Words", columns=(Column("One"), Column("Two", numeric=True)), rows=(cells,), notes=notes)
    return Report(name="words", summary="Words.", read=lambda session, context: None, lay_out=lambda value: sheet)


def test_names_are_neither_markup_nor_orders_to_the_terminal() -> None:
    report = build_report("[red]Ann[/red]\x1b[2J", 12, notes=("550 [bold]no\r\n\x07 such mailbox",))
    table = render_table(report, None, build_context())
    assert table == (
        "Words\n"
        "One                 Two\n"
        "───────────────────────\n"
        "[red]Ann[/red] [2J   12\n"
        "550 [bold]no    such mailbox\n"
    )


def test_a_figure_that_there_is_not_is_dim_at_a_terminal() -> None:
    report = build_report("Ann", Muted("not tracked"))
    assert "\x1b[2mnot tracked\x1b[0m" in render_table(report, None, build_context(), styled=True)
    assert "\x1b" not in render_table(report, None, build_context())


def test_what_is_wrong_with_the_config_stands_below_every_table() -> None:
    problem = "config/leaders.yaml:12:3: unknown role; did you mean chair?"
    table = render_table(build_report("Ann", 1), None, build_context(problems=(problem,)))
    assert table.endswith(f"\nWhat is wrong with the config:\n{problem}\n")


def test_only_a_reports_value_makes_a_document() -> None:
    with pytest.raises(TypeError):
        build_document({"as_of": "now"})
