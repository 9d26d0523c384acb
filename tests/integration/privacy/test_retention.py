"""What goes by itself, on which day, what stays of it, and that nothing else goes."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from models.choices import leave, pause, return_
from models.database import Database, migrate, open_database
from models.domain import Event
from models.erasing import read_erasures, refuse_erased
from models.events import record_event
from models.store import read_enrolments
from models.tables import AuditRow, EnrolmentRow, EventRow, IncomingRow, MailRow, MemoryRow, NoteRow, PauseRow
from reports.items import read_items
from reports.leaders import read_leaders
from reports.progress import LeaderProgress
from reports.report import ReportContext
from scheduler.remembering import replay
from scheduler.retention import Retained, Retention, go_back, keep_within
from tests.builders import at, build_entry, build_programme
from tests.integration.privacy.stage import (
    ADDRESS,
    EARLIER,
    ID,
    KIM,
    NAME,
    NOTE,
    ORGANISATION,
    Stage,
    enrol,
    find_in_files,
    set_stage,
)

PROGRAMMES = {"first-100-days": build_programme()}
# Both start on 11 January 2027 and were paused for the five days from 1 February on.
DAY_190, DAY_191 = at("2027-07-25 12:00"), at("2027-07-26 12:00")


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return set_stage(database, tmp_path)


def keep(stage: Stage, now: datetime, **settings: int) -> Retained:
    return keep_within(
        stage.database,
        Retention(**settings),
        erasing=stage.erasing,
        programmes=PROGRAMMES,
        tracking={"first-100-days": "ask"},
        now=now,
    )


def count(stage: Stage, *rows: type[EventRow | MemoryRow | NoteRow | MailRow | AuditRow | IncomingRow]) -> list[int]:
    with stage.database.reading() as session:
        return [session.scalar(select(func.count()).select_from(row)) or 0 for row in rows]


def report(stage: Stage, address: str, now: datetime) -> LeaderProgress:
    context = ReportContext(programmes=PROGRAMMES, tracking={"first-100-days": "ask"}, small_group=2, now=now)
    with stage.database.reading() as session:
        return next(row for row in read_leaders(session, context).rows if row.email == address)


def enrolment_of(stage: Stage, address: str) -> int:
    with stage.database.reading() as session:
        everybody = read_enrolments(session, tracking={})
    return next(enrolment.id for enrolment in everybody if enrolment.leader.email == address)


# ---------------------------------------------------------------- mail that came in


def test_that_a_mail_came_in_is_forgotten_when_answers_would_be(stage: Stage) -> None:
    assert keep(stage, at("2027-05-02 10:00")).incoming == 0
    assert count(stage, IncomingRow) == [4]
    assert keep(stage, at("2027-05-03 10:00")).incoming == 4
    assert count(stage, IncomingRow) == [0]


# ---------------------------------------------------------------- answers


def test_answers_stay_until_the_last_day_that_they_are_kept_for(stage: Stage) -> None:
    before = stage.count_rows()

    assert keep(stage, DAY_190, audit_months=120).enrolments == 0
    after = stage.count_rows()
    others = {"state": 0, "incoming": 0}
    assert after | others == before | others


def test_answers_and_what_was_written_go_on_the_next_and_what_was_sent_stays(stage: Stage) -> None:
    before = stage.count_rows()

    assert keep(stage, DAY_191, audit_months=120).enrolments == 2
    after = stage.count_rows()
    gone = {"events", "grades", "memories", "notes", "habits", "corrections", "incoming", "happenings", "deliveries"}
    assert {name for name, rows in after.items() if rows < before[name]} == gone
    assert {name: after[name] for name in gone} == dict.fromkeys(gone, 0)


def test_the_counts_of_what_came_back_stay_in_the_report(stage: Stage) -> None:
    before = report(stage, ADDRESS, DAY_191)
    assert (before.sent, before.engaged, before.check_ins_done, before.opened) == (1, 1, 1, 1)

    keep(stage, DAY_191)
    after = report(stage, ADDRESS, DAY_191)
    assert (after.sent, after.engaged, after.check_ins_done, after.opened) == (1, 1, 1, 1)
    assert after.items_met == before.items_met
    assert after.last_activity is None
    assert not [problem for problem in after.problems if "answered" in problem]


def test_what_has_no_answers_any_more_is_no_silence_in_the_report_of_items(stage: Stage) -> None:
    context = ReportContext(programmes=PROGRAMMES, tracking={}, small_group=2, now=DAY_191)
    keep(stage, DAY_191)

    with stage.database.reading() as session:
        report = read_items(session, context)
    row = next(row for row in report.rows if row.item == "listen-first")
    assert report.answers_removed == 2
    assert (row.met_by, row.prompts, row.answered, row.retrievability_now) == (2, 0, 0, None)


def test_no_belief_is_worked_out_from_what_is_left(stage: Stage) -> None:
    keep(stage, DAY_191)

    assert replay(stage.database).changed == 0
    assert count(stage, MemoryRow) == [0]


def test_a_press_that_comes_later_goes_the_next_day(stage: Stage) -> None:
    keep(stage, DAY_191)
    late = Event(at=at("2027-07-26 18:00"), kind="choice", enrolment_id=enrolment_of(stage, ADDRESS), method="POST")
    with stage.database.sessions.begin() as session:
        record_event(session, late)

    assert keep(stage, at("2027-07-26 19:00")) == Retained()
    assert count(stage, EventRow) == [1]
    assert keep(stage, at("2027-07-27 00:00")).enrolments == 1
    assert count(stage, EventRow) == [0]
    assert report(stage, ADDRESS, DAY_191).engaged == 1


def test_how_long_is_a_setting(stage: Stage) -> None:
    assert keep(stage, at("2027-05-03 12:00"), events_days=7).enrolments == 0
    assert keep(stage, at("2027-05-04 12:00"), events_days=7).enrolments == 2


def test_a_pause_without_an_end_stops_the_count(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        pause(session, enrolment_of(stage, KIM), now=at("2027-04-01 09:00"))

    assert keep(stage, at("2028-07-26 12:00")).enrolments == 1
    with stage.database.reading() as session:
        assert session.scalars(select(EnrolmentRow.leader_id).where(EnrolmentRow.kept_counts.is_(None))).all() == [
            stage.leader_id(KIM)
        ]


def test_what_goes_is_overwritten(tmp_path: Path) -> None:
    with closing(open_database(f"sqlite:///{tmp_path / 'first100.sqlite3'}")) as database:
        migrate(database)
        stage = set_stage(database, tmp_path)
        assert {name for name, _ in find_in_files(tmp_path, (NOTE,))} >= {"first100.sqlite3-wal"}
        keep(stage, DAY_191)
        assert [name for name, _ in find_in_files(tmp_path, (NOTE,)) if "sqlite3" in name] == []


# ---------------------------------------------------------------- the audit


def test_lines_of_the_audit_go_after_twelve_months(stage: Stage) -> None:
    with stage.database.reading() as session:
        dates = [f"{at:%Y-%m-%d}" for at in session.scalars(select(AuditRow.at).order_by(AuditRow.id))]
    assert dates == ["2026-12-07"] * 2 + ["2026-12-14"] + ["2027-02-01"] * 6

    assert keep(stage, at("2027-12-07 09:00"), events_days=3650).audit_lines == 0
    assert keep(stage, at("2027-12-08 09:00"), events_days=3650).audit_lines == 2
    assert keep(stage, at("2028-02-02 09:00"), events_days=3650).audit_lines == 7


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2027-12-08 09:00", 12, "2026-12-08 09:00"),
        ("2028-02-29 09:00", 12, "2027-02-28 09:00"),
        ("2027-03-31 09:00", 1, "2027-02-28 09:00"),
        ("2027-01-15 09:00", 1, "2026-12-15 09:00"),
        ("2027-05-31 09:00", 11, "2026-06-30 09:00"),
    ],
)
def test_months_are_those_of_the_calendar(now: str, months: int, then: str) -> None:
    assert go_back(at(now), months=months) == at(then)


# ---------------------------------------------------------------- people who have been withdrawn


def withdraw(stage: Stage, now: datetime) -> None:
    """HR writes withdrawn into Wilhelmina's row."""
    her = {"name": NAME, "organisation": ORGANISATION, "key": ID, "formerly": (EARLIER,)}
    with stage.database.sessions.begin() as session:
        enrol(session, build_entry(ADDRESS, **her, status="withdrawn"), build_entry(KIM, name="Kim Example"), now=now)


def test_somebody_withdrawn_is_erased_after_thirty_days(stage: Stage) -> None:
    withdraw(stage, at("2027-03-01 10:00"))

    assert keep(stage, at("2027-03-31 10:00")).erased == 0
    assert stage.is_here()
    assert keep(stage, at("2027-04-01 00:00")).erased == 1
    assert not stage.is_here()
    assert stage.is_here(KIM)
    with stage.database.reading() as session:
        (erasure,) = read_erasures(session).values()
        assert erasure.by == "system"
        row = build_entry(ADDRESS, status="active")
        assert refuse_erased(session, {"a": (row,)}, stage.pseudonyms)[0] == {"a": ()}


def test_somebody_who_left_is_erased_after_thirty_days_and_may_come_back_before(stage: Stage) -> None:
    for address in (ADDRESS, KIM):
        with stage.database.sessions.begin() as session:
            leave(session, enrolment_of(stage, address), now=at("2027-03-01 10:00"))
    keep(stage, at("2027-03-30 10:00"))
    with stage.database.sessions.begin() as session:
        return_(session, enrolment_of(stage, KIM), now=at("2027-03-30 11:00"))

    assert keep(stage, at("2027-04-01 10:00")).erased == 1
    assert not stage.is_here(ADDRESS)
    assert stage.is_here(KIM)


def test_somebody_taken_back_into_config_is_not_erased(stage: Stage) -> None:
    withdraw(stage, at("2027-03-01 10:00"))
    with stage.database.sessions.begin() as session:
        her = {"name": NAME, "organisation": ORGANISATION, "key": ID, "formerly": (EARLIER,)}
        enrol(session, build_entry(ADDRESS, **her), build_entry(KIM, name="Kim Example"), now=at("2027-03-20 10:00"))

    assert keep(stage, at("2027-05-01 10:00")).erased == 0
    assert stage.is_here()


def test_somebody_who_left_one_programme_and_takes_another_stays(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        kim = build_entry(KIM, name="Kim Example", programmes=("first-100-days", "second"))
        enrol(
            session, build_entry(ADDRESS, name=NAME, organisation=ORGANISATION, key=ID), kim, now=at("2027-02-10 09:00")
        )
        leave(session, enrolment_of(stage, KIM), now=at("2027-03-01 10:00"))

    assert keep(stage, at("2027-05-01 10:00")).erased == 0


def test_a_row_that_is_missing_erases_nobody(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        enrol(session, now=at("2027-03-01 10:00"))

    assert keep(stage, at("2027-06-01 10:00")).erased == 0
    assert stage.is_here()


def test_where_nobody_knows_since_when_it_counts_from_now(stage: Stage) -> None:
    withdraw(stage, at("2027-03-01 10:00"))
    with stage.database.sessions.begin() as session:
        session.execute(update(EnrolmentRow).values(withdrawn_at=None))

    assert keep(stage, at("2027-05-01 10:00")).erased == 0
    assert keep(stage, at("2027-05-30 10:00")).erased == 0
    assert keep(stage, at("2027-06-01 10:00")).erased == 1


def test_who_cannot_be_erased_now_is_named_and_tried_again_at_the_next_tick(stage: Stage) -> None:
    withdraw(stage, at("2027-03-01 10:00"))
    now = at("2027-04-02 10:00")
    with stage.database.sessions.begin() as session:
        leaving = {"state": "sending", "lease_until": at("2027-04-02 10:10")}
        session.execute(update(MailRow).where(MailRow.recipient == EARLIER).values(**leaving))

    (problem,) = keep(stage, now).problems
    assert problem.startswith("somebody withdrawn over 30 days ago could not be erased: an e-mail to this person")
    assert ADDRESS not in problem
    assert keep(stage, at("2027-04-02 10:11")).erased == 1


# ---------------------------------------------------------------- once a day


def test_a_second_pass_of_the_day_looks_at_nothing(stage: Stage) -> None:
    keep(stage, at("2027-03-30 06:00"))
    withdraw(stage, at("2027-02-01 10:00"))

    assert keep(stage, at("2027-03-30 23:59")) == Retained()
    assert keep(stage, at("2027-03-31 00:00")).erased == 1


def test_pauses_are_no_answers(stage: Stage) -> None:
    keep(stage, DAY_191)

    with stage.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PauseRow)) == 2
