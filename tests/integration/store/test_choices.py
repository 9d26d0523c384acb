"""What leaders decide alone: kept, audited, planned afresh, and nothing twice."""

from collections.abc import Callable
from datetime import date, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.choices import (
    ChoiceError,
    add_consent,
    choose_days,
    choose_format,
    choose_pace,
    choose_send_at,
    leave,
    pause,
    reinstate,
    resume,
    return_,
    withdraw,
)
from models.database import Database
from models.domain import Span
from models.tables import AuditRow, ConsentRow, MailRow
from tests.builders import at, build_entry
from tests.integration.store.rows import NOW, PROGRAMME, add_mail, enrol, read_audit, read_one, read_states, sync

MONDAY = at("2027-02-15 09:00")
HR = "hr@example.org"

Choice = Callable[[Session, int], bool]
CHOICES: dict[str, Choice] = {
    "pace_chosen": lambda session, id_: choose_pace(session, id_, "light", now=NOW),
    "days_chosen": lambda session, id_: choose_days(session, id_, [0, 2], now=NOW),
    "send_at_chosen": lambda session, id_: choose_send_at(session, id_, time(9, 0), now=NOW),
    "format_chosen": lambda session, id_: choose_format(session, id_, plain=True, now=NOW),
    "paused": lambda session, id_: pause(session, id_, until=date(2027, 1, 1), now=NOW),
    "left": lambda session, id_: leave(session, id_, now=NOW),
    "withdrawn": lambda session, id_: withdraw(session, id_, now=NOW, account=HR),
    "tracking_chosen": lambda session, id_: add_consent(session, id_, tracking=True, how="page", now=NOW),
}


@pytest.mark.parametrize("action", CHOICES)
def test_a_choice_pressed_twice_is_one_choice(database: Database, action: str) -> None:
    enrolment_id = enrol(database, build_entry())

    with database.sessions.begin() as session:
        assert CHOICES[action](session, enrolment_id) is True
    with database.sessions.begin() as session:
        assert CHOICES[action](session, enrolment_id) is False

    assert len(read_audit(database, action)) == 1


@pytest.mark.parametrize("action", CHOICES)
def test_a_choice_drops_what_was_planned_without_it(database: Database, action: str) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id)
    with database.sessions.begin() as session:
        CHOICES[action](session, enrolment_id)

    # agreeing to tracking, or wanting plain text, changes nothing else
    assert read_states(database) == (["planned"] if action in ("tracking_chosen", "format_chosen") else [])


@pytest.mark.parametrize("action", CHOICES)
def test_a_choice_for_an_enrolment_that_is_gone_is_refused(database: Database, action: str) -> None:
    with pytest.raises(ChoiceError), database.sessions.begin() as session:
        CHOICES[action](session, 999)


def test_the_audit_says_who_chose_what(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        choose_pace(session, enrolment_id, "light", now=MONDAY)

    with database.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "pace_chosen")).one()
        assert (row.at, row.actor, row.leader_key) == (MONDAY, "leader", "sam.sample@example.org")
        assert (row.programme, row.change) == (PROGRAMME, {"before": {"value": None}, "after": {"value": "light"}})


def test_days_and_hour_hold_in_every_programme(database: Database) -> None:
    first, second = sync(database, build_entry(programmes=(PROGRAMME, "second")))
    with database.sessions.begin() as session:
        add_mail(session, second.enrolment_id)
    with database.sessions.begin() as session:
        choose_days(session, first.enrolment_id, [5], now=NOW)

    assert read_one(database, second.enrolment_id).leader.working_days == (5,)
    assert read_states(database) == []


def test_a_pace_holds_in_its_programme_alone(database: Database) -> None:
    first, second = sync(database, build_entry(programmes=(PROGRAMME, "second")))
    with database.sessions.begin() as session:
        add_mail(session, second.enrolment_id)
    with database.sessions.begin() as session:
        choose_pace(session, first.enrolment_id, "light", now=NOW)

    assert read_one(database, second.enrolment_id).pace is None
    assert read_states(database) == ["planned"]


def test_a_choice_can_be_taken_back(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(pace="full", working_days=(0, 1), send_at=time(8, 0)))
    with database.sessions.begin() as session:
        choose_pace(session, enrolment_id, "light", now=NOW)
        choose_days(session, enrolment_id, [5], now=NOW)
        choose_send_at(session, enrolment_id, time(9, 0), now=NOW)
    with database.sessions.begin() as session:
        assert choose_pace(session, enrolment_id, None, now=NOW)
        assert choose_days(session, enrolment_id, None, now=NOW)
        assert choose_send_at(session, enrolment_id, None, now=NOW)

    enrolment = read_one(database, enrolment_id)
    assert (enrolment.pace, enrolment.leader.working_days, enrolment.leader.send_at) == ("full", (0, 1), time(8, 0))


@pytest.mark.parametrize("days", [[], [7], [-1, 2]])
def test_a_week_without_a_day_is_refused(database: Database, days: list[int]) -> None:
    enrolment_id = enrol(database, build_entry())
    with pytest.raises(ChoiceError), database.sessions.begin() as session:
        choose_days(session, enrolment_id, days, now=NOW)


# ---------------------------------------------------------------- pauses


def test_a_pause_runs_from_today_to_its_end(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(time_zone="Pacific/Auckland"))
    with database.sessions.begin() as session:
        pause(session, enrolment_id, until=date(2027, 2, 20), now=at("2027-02-14 12:00"))

    assert read_one(database, enrolment_id).pauses == (Span(first=date(2027, 2, 15), last=date(2027, 2, 20)),)


def test_a_pause_may_be_made_longer_or_open(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        pause(session, enrolment_id, until=date(2027, 2, 20), now=MONDAY)
        assert pause(session, enrolment_id, now=at("2027-02-18 09:00")) is True

    assert read_one(database, enrolment_id).pauses == (Span(first=date(2027, 2, 15), last=None),)


def test_a_pause_that_is_over_is_not_touched_by_the_next(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        pause(session, enrolment_id, until=date(2027, 2, 16), now=MONDAY)
        pause(session, enrolment_id, until=date(2027, 3, 1), now=at("2027-02-22 09:00"))

    assert read_one(database, enrolment_id).pauses == (
        Span(first=date(2027, 2, 15), last=date(2027, 2, 16)),
        Span(first=date(2027, 2, 22), last=date(2027, 3, 1)),
    )


def test_a_pause_cannot_end_before_it_begins(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with pytest.raises(ChoiceError, match="2027-02-14 is past"), database.sessions.begin() as session:
        pause(session, enrolment_id, until=date(2027, 2, 14), now=MONDAY)


def test_resuming_ends_a_pause_yesterday(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        assert resume(session, enrolment_id, now=MONDAY) is False
        pause(session, enrolment_id, now=MONDAY)
    with database.sessions.begin() as session:
        assert resume(session, enrolment_id, now=at("2027-02-20 09:00")) is True
        assert resume(session, enrolment_id, now=at("2027-02-20 09:00")) is False

    assert read_one(database, enrolment_id).pauses == (Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),)


def test_resuming_on_the_day_of_pausing_leaves_no_pause(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        pause(session, enrolment_id, now=MONDAY)
        resume(session, enrolment_id, now=MONDAY)

    assert read_one(database, enrolment_id).pauses == ()


def test_a_leader_may_end_a_pause_that_config_began(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(status="paused"), now=MONDAY)
    with database.sessions.begin() as session:
        resume(session, enrolment_id, now=at("2027-02-20 09:00"))

    assert sync(database, build_entry(status="paused"), now=at("2027-02-21 09:00")) == ()
    assert read_one(database, enrolment_id).pauses == (Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),)


# ---------------------------------------------------------------- leaving and tracking


def test_leaving_is_undone_by_returning(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        assert return_(session, enrolment_id, now=NOW) is False
        leave(session, enrolment_id, now=NOW)
    assert read_one(database, enrolment_id).stopped == "withdrawn"

    with database.sessions.begin() as session:
        assert return_(session, enrolment_id, now=MONDAY) is True
    assert read_one(database, enrolment_id).stopped is None
    assert len(read_audit(database, "returned")) == 1


def test_hrs_withdrawal_is_undone_by_hr_and_says_whose_it_was(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        assert reinstate(session, enrolment_id, now=NOW, account=HR) is False
        assert withdraw(session, enrolment_id, now=NOW, account=HR, why="took another post") is True
    assert read_one(database, enrolment_id).stopped == "withdrawn"

    with database.sessions.begin() as session:
        assert return_(session, enrolment_id, now=MONDAY) is False
        assert reinstate(session, enrolment_id, now=MONDAY, account=HR) is True
    assert read_one(database, enrolment_id).stopped is None
    with database.reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id).offset(1))
        lines = [(row.action, row.actor, row.account, row.change["after"]["value"]) for row in rows]
        mails = session.scalars(select(MailRow.id)).all()
    said = "2026-12-07T09:00:00+00:00: took another post"
    assert lines == [("withdrawn", "admin", HR, said), ("returned", "admin", HR, None)]
    assert mails == []


def test_leaving_and_hrs_withdrawal_each_stand_until_whoever_did_it_undoes_it(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        withdraw(session, enrolment_id, now=NOW, account=HR)
        assert leave(session, enrolment_id, now=NOW) is True
        assert reinstate(session, enrolment_id, now=NOW, account=HR) is True
    assert read_one(database, enrolment_id).stopped == "withdrawn"

    with database.sessions.begin() as session:
        withdraw(session, enrolment_id, now=NOW, account=HR)
        return_(session, enrolment_id, now=NOW)
    assert read_one(database, enrolment_id).stopped == "withdrawn"


def test_a_withdrawal_on_the_admin_pages_outlives_every_sync_that_does_not_speak_of_it(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        withdraw(session, enrolment_id, now=NOW, account=HR)
    sync(database, build_entry(status="paused"))
    sync(database, build_entry(role="chair"))
    assert read_one(database, enrolment_id).stopped == "withdrawn"


def test_what_config_withdrew_is_put_right_in_config(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    sync(database, build_entry(status="withdrawn"))
    with pytest.raises(ChoiceError, match="says withdrawn; change that there"), database.sessions.begin() as session:
        reinstate(session, enrolment_id, now=NOW, account=HR)
    assert read_one(database, enrolment_id).stopped == "withdrawn"


def test_leaving_one_programme_keeps_the_other(database: Database) -> None:
    first, second = sync(database, build_entry(programmes=(PROGRAMME, "second")))
    with database.sessions.begin() as session:
        leave(session, first.enrolment_id, now=NOW)

    assert read_one(database, second.enrolment_id).stopped is None


def test_leaving_cancels_what_was_tried_in_vain(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id, tries=2, message=b"bound")
    with database.sessions.begin() as session:
        leave(session, enrolment_id, now=NOW)

    assert read_states(database) == ["cancelled"]


def test_each_word_on_tracking_is_kept_with_its_date(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_consent(session, enrolment_id, tracking=False, how="welcome page", now=NOW)
        add_consent(session, enrolment_id, tracking=True, how="preferences page", now=MONDAY)

    with database.reading() as session:
        rows = session.scalars(select(ConsentRow).order_by(ConsentRow.id))
        assert [(row.at, row.tracking, row.how) for row in rows] == [
            (NOW, False, "welcome page"),
            (MONDAY, True, "preferences page"),
        ]
