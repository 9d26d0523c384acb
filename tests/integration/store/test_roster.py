"""A roster synced: what happens to enrolments, what is said about it, and what is left alone."""

from datetime import date, time
from typing import Any

import pytest

from models.choices import choose_days, choose_pace, choose_send_at, leave
from models.database import Database
from models.domain import Span
from models.roster import sync_roster, sync_rosters
from models.store import read_enrolments
from tests.builders import at, build_entry
from tests.integration.store.rows import (
    NOW,
    PROGRAMME,
    add_mail,
    count_audit,
    enrol,
    read_audit,
    read_one,
    read_states,
    sync,
    whats,
)

LATER = at("2027-02-15 09:00")


def test_a_new_row_enrols_the_leader(database: Database) -> None:
    entry = build_entry(
        "Sam.Sample@example.org",
        role="chair",
        pace="light",
        skip=("b", "a"),
        working_days=(3, 0),
        send_at=time(7, 45),
        away=(Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),),
    )

    (change,) = sync(database, entry)

    assert (change.leader_key, change.what) == ("sam.sample@example.org", "enrolled")
    assert change.detail == "starts 2027-01-11 as chair"
    enrolment = read_one(database, change.enrolment_id)
    assert (
        enrolment.leader
        == build_entry(
            "Sam.Sample@example.org",
            working_days=(0, 3),
            send_at=time(7, 45),
            away=(Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),),
        ).leader
    )
    assert (enrolment.programme, enrolment.role, enrolment.pace) == (PROGRAMME, "chair", "light")
    assert (enrolment.start_date, enrolment.enrolled_on) == (date(2027, 1, 11), date(2026, 12, 7))
    assert (enrolment.cohort, enrolment.skip, enrolment.pauses) == ("2027-01", ("a", "b"), ())
    assert enrolment.stopped is None


def test_the_day_of_enrolling_is_the_leaders_local_date(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(time_zone="Pacific/Auckland"), now=at("2026-12-07 12:00"))

    assert read_one(database, enrolment_id).enrolled_on == date(2026, 12, 8)


def test_a_named_cohort_is_kept(database: Database) -> None:
    assert read_one(database, enrol(database, build_entry(cohort="spring"))).cohort == "spring"


def test_a_leader_may_take_two_programmes(database: Database) -> None:
    changes = sync(database, build_entry(programmes=("second", PROGRAMME)))

    assert [change.programme for change in changes] == [PROGRAMME, "second"]
    assert len({read_one(database, change.enrolment_id).leader.key for change in changes}) == 1


def test_the_same_roster_again_changes_nothing(database: Database) -> None:
    roster = [
        build_entry("a@example.org", away=(Span(first=date(2027, 2, 15), last=None),), skip=("x",)),
        build_entry("b@example.org", key="ESR-1", status="paused"),
        build_entry("c@example.org", programmes=(PROGRAMME, "second"), formerly=("old@example.org",)),
    ]
    sync(database, *roster)
    written = len(read_audit(database))

    assert sync(database, *reversed(roster), now=LATER) == ()
    assert len(read_audit(database)) == written == 4


def test_a_dry_run_leaves_no_trace(database: Database) -> None:
    with database.sessions() as session:
        changes = sync_roster(session, [build_entry()], source="leaders.yaml", now=NOW)
        assert [enrolment.id for enrolment in read_enrolments(session, tracking={})] == [changes[0].enrolment_id]
        session.rollback()

    with database.reading() as session:
        assert read_enrolments(session, tracking={}) == ()
        assert count_audit(session) == 0


# ---------------------------------------------------------------- fields


def test_a_changed_start_date_says_from_when_to_when(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())

    (change,) = sync(database, build_entry(start_date=date(2027, 2, 1)))

    assert (change.what, change.detail) == ("moved", "start date moved from 2027-01-11 to 2027-02-01, 21 days later")
    enrolment = read_one(database, enrolment_id)
    assert (enrolment.start_date, enrolment.cohort) == (date(2027, 2, 1), "2027-02")
    assert read_audit(database, "moved") == [
        {
            "before": {"start_date": "2027-01-11", "cohort": "2027-01"},
            "after": {"start_date": "2027-02-01", "cohort": "2027-02"},
        }
    ]


@pytest.mark.parametrize(
    ("start", "told"), [(date(2027, 1, 18), False), (date(2027, 1, 19), True), (date(2027, 1, 3), True)]
)
def test_only_a_move_by_more_than_a_week_is_one_the_leader_is_told_of(
    database: Database, start: date, told: bool
) -> None:
    enrolment_id = enrol(database, build_entry())
    assert read_one(database, enrolment_id).moved_at is None

    sync(database, build_entry(start_date=start), now=LATER)

    assert read_one(database, enrolment_id).moved_at == (LATER if told else None)


def test_a_move_by_one_day_earlier_is_said_so(database: Database) -> None:
    sync(database, build_entry())

    (change,) = sync(database, build_entry(start_date=date(2027, 1, 10)))

    assert change.detail == "start date moved from 2027-01-11 to 2027-01-10, 1 day earlier"


def test_a_changed_role_is_a_change_of_its_own(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(role="chair"))

    changes = sync(database, build_entry(role="director", start_date=date(2027, 1, 18), name="Sam Changed"))

    assert [change.what for change in changes] == ["moved", "role_changed", "updated"]
    assert changes[1].detail == "role changed from chair to director"
    assert changes[2].detail == "name: Sam Sample → Sam Changed"
    assert read_one(database, enrolment_id).role == "director"
    assert len(read_audit(database)) == 4


def test_changed_fields_are_told_in_one_line(database: Database) -> None:
    sync(database, build_entry())

    (change,) = sync(
        database,
        build_entry(
            time_zone="Europe/Paris",
            holidays="none",
            working_days=(0, 1),
            send_at=time(9, 0),
            away=(Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),),
            assistant_reads=True,
            pace="light",
            skip=("a",),
            cohort="spring",
        ),
    )

    assert change.what == "updated"
    assert change.detail == (
        "time zone: Europe/London → Europe/Paris; holidays: GB-ENG → none; "
        "working days: mon, tue, wed, thu, fri → mon, tue; time of sending: 08:30 → 09:00; "
        "away: never → 2027-02-15..2027-02-19; read by an assistant: no → yes; "
        "cohort: 2027-01 → spring; pace: the role's own → light; skipped items: none → a"
    )


def test_a_changed_leader_is_told_for_each_programme(database: Database) -> None:
    sync(database, build_entry(programmes=(PROGRAMME, "second")))

    changes = sync(database, build_entry(programmes=(PROGRAMME, "second"), name="Sam Changed"))

    assert [(change.programme, change.what) for change in changes] == [(PROGRAMME, "updated"), ("second", "updated")]


# ---------------------------------------------------------------- missing and back


def test_a_missing_row_holds_the_enrolment(database: Database) -> None:
    sync(database, build_entry("a@example.org"), build_entry("b@example.org"))

    (change,) = sync(database, build_entry("a@example.org"), now=LATER)

    assert whats([change]) == [("b", "held")]
    assert change.detail == (
        "leaders.yaml no longer has the row: nothing is sent, the days count on, nothing is deleted"
    )
    assert read_one(database, change.enrolment_id).stopped == "held"
    assert sync(database, build_entry("a@example.org"), now=LATER) == ()


def test_a_missing_programme_holds_that_enrolment_alone(database: Database) -> None:
    sync(database, build_entry(programmes=(PROGRAMME, "second")))

    (change,) = sync(database, build_entry())

    assert (change.programme, change.what) == ("second", "held")


def test_a_row_that_is_back_returns_the_enrolment_as_it_was(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    before = read_one(database, enrolment_id)
    sync(database, now=at("2027-02-03 09:00"))

    (change,) = sync(database, build_entry(), now=LATER)

    assert (change.what, change.detail) == ("returned", "the row is back, it was missing since 2027-02-03")
    assert read_one(database, enrolment_id) == before


def test_a_source_speaks_only_of_its_own_enrolments(database: Database) -> None:
    enrolment_id = enrol(database, build_entry("api@example.org"), source="api")

    assert sync(database, build_entry("file@example.org"))[0].what == "enrolled"
    assert sync(database)[0].leader_key == "file@example.org"
    assert read_one(database, enrolment_id).stopped is None


def test_a_row_may_move_from_one_file_to_another(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())

    with database.sessions.begin() as session:
        (change,) = sync_rosters(session, {"leaders.csv": [build_entry()], "leaders.yaml": []}, now=LATER)

    assert (change.what, change.detail) == ("updated", "kept in: leaders.yaml → leaders.csv")
    assert read_one(database, enrolment_id).stopped is None
    assert sync(database) == ()


def test_a_held_enrolment_may_be_taken_up_by_another_source(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    sync(database)

    changes = sync(database, build_entry(), source="api")

    assert [change.what for change in changes] == ["returned", "updated"]
    assert read_one(database, enrolment_id).stopped is None


# ---------------------------------------------------------------- status


def test_a_paused_row_stops_the_count_until_it_is_active(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())

    (paused,) = sync(database, build_entry(status="paused"), now=at("2027-02-15 09:00"))
    assert paused.what == "paused"
    assert read_one(database, enrolment_id).pauses == (Span(first=date(2027, 2, 15), last=None),)

    (resumed,) = sync(database, build_entry(), now=at("2027-02-20 09:00"))
    assert resumed.what == "resumed"
    assert read_one(database, enrolment_id).pauses == (Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),)


def test_a_pause_that_ends_on_its_first_day_never_was(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(status="paused"))
    assert read_one(database, enrolment_id).pauses == (Span(first=date(2026, 12, 7), last=None),)

    sync(database, build_entry(), now=at("2026-12-07 16:00"))

    assert read_one(database, enrolment_id).pauses == ()


def test_a_withdrawn_row_stops_the_enrolment_for_good(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(status="paused"))

    (change,) = sync(database, build_entry(status="withdrawn"), now=LATER)

    assert (change.what, change.detail) == ("withdrawn", "withdrawn: nothing more is sent")
    enrolment = read_one(database, enrolment_id)
    assert enrolment.stopped == "withdrawn"
    assert enrolment.pauses == (Span(first=date(2026, 12, 7), last=date(2027, 2, 14)),)


def test_a_withdrawal_can_be_taken_back(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    sync(database, build_entry(status="withdrawn"))

    (change,) = sync(database, build_entry())

    assert (change.what, change.detail) == ("returned", "no longer withdrawn")
    assert read_one(database, enrolment_id).stopped is None


def test_a_withdrawn_stranger_is_not_enrolled(database: Database) -> None:
    assert sync(database, build_entry(status="withdrawn")) == ()

    with database.reading() as session:
        assert read_enrolments(session, tracking={}) == ()


# ---------------------------------------------------------------- what is left alone, what is planned afresh


def test_the_leaders_own_choices_outlive_every_sync(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        choose_pace(session, enrolment_id, "light", now=NOW)
        choose_days(session, enrolment_id, [1, 2], now=NOW)
        choose_send_at(session, enrolment_id, time(16, 0), now=NOW)
        leave(session, enrolment_id, now=NOW)

    sync(database, build_entry(pace="full", working_days=(0,), send_at=time(7, 0)))
    sync(database, build_entry(status="withdrawn"))
    sync(database, build_entry())

    enrolment = read_one(database, enrolment_id)
    assert (enrolment.pace, enrolment.leader.working_days, enrolment.leader.send_at) == ("light", (1, 2), time(16, 0))
    assert enrolment.stopped == "withdrawn"


@pytest.mark.parametrize(
    "changed",
    [
        {"start_date": date(2027, 1, 12)},
        {"role": "chair"},
        {"status": "paused"},
        {"status": "withdrawn"},
        {"email": "new@example.org", "key": "sam.sample@example.org"},
        {"time_zone": "Europe/Paris"},
        {"pace": "light"},
        {"skip": ("x",)},
        {"away": (Span(first=date(2027, 1, 11), last=date(2027, 1, 12)),)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_change_of_the_plan_drops_what_was_planned(database: Database, changed: dict[str, Any]) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id)

    sync(database, build_entry(**changed))

    assert read_states(database) == []


@pytest.mark.parametrize("changed", [{"name": "New Name"}, {"organisation": "Other"}, {"cohort": "spring"}])
def test_a_change_no_plan_knows_keeps_what_was_planned(database: Database, changed: dict[str, Any]) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id)

    sync(database, build_entry(**changed))

    assert read_states(database) == ["planned"]


def test_a_held_enrolment_has_nothing_planned(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id)

    sync(database)

    assert read_states(database) == []


def test_what_was_tried_in_vain_is_cancelled_when_it_must_not_leave(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id, tries=1, message=b"bound")

    sync(database, build_entry(pace="light"))
    assert read_states(database) == ["planned"]  # its bytes are bound: it is tried again

    sync(database, build_entry(pace="light", status="withdrawn"))
    assert read_states(database) == ["cancelled"]


@pytest.mark.parametrize("state", ["claimed", "sending", "sent", "in_doubt", "failed", "expired"])
def test_what_is_not_planned_stays_as_it_is(database: Database, state: str) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id, state=state)

    sync(database, build_entry(status="withdrawn", start_date=date(2027, 3, 1)))

    assert read_states(database) == [state]


def test_another_leaders_plan_stays(database: Database) -> None:
    changes = sync(database, build_entry("a@example.org"), build_entry("b@example.org"))
    with database.sessions.begin() as session:
        for change in changes:
            add_mail(session, change.enrolment_id)

    sync(database, build_entry("a@example.org", role="chair"), build_entry("b@example.org"))

    assert read_states(database) == ["planned"]
