"""What a change does to a plan."""

from datetime import date

from models.domain import History, Plan
from scheduler.comparing import LEFT_THE_SEQUENCE, Added, Dropped, Moved, compare_plans
from scheduler.planning import plan_ahead
from tests.builders import at, build_enrolment, build_programme, build_tip

NOW = at("2026-12-07 09:00")


def plan(start: date = date(2027, 1, 11), *tips: str) -> Plan:
    programme = build_programme([build_tip(tip) for tip in tips or ("one", "two")])
    return plan_ahead(programme, build_enrolment(start_date=start), History(), NOW)


def test_the_same_plan_keeps_everything() -> None:
    change = compare_plans(plan(), plan(), sent=0)
    assert set(change.kept) == {"welcome", "one", "two", "check-in-30", "check-in-60", "check-in-90", "closing-summary"}
    assert (change.moved, change.dropped, change.added) == ((), (), ())


def test_a_moved_start_moves_each_item_from_when_to_when() -> None:
    change = compare_plans(plan(), plan(date(2027, 1, 18)), sent=0)
    assert Moved("one", date(2027, 1, 12), date(2027, 1, 19)) in change.moved
    assert change.kept == ()


def test_what_the_sequence_no_longer_holds_is_dropped_and_what_it_holds_now_is_new() -> None:
    change = compare_plans(plan(), plan(date(2027, 1, 11), "one", "three"), sent=4)
    assert change.dropped == (Dropped("two", LEFT_THE_SEQUENCE),)
    assert change.added == (Added("three", date(2027, 1, 19)),)
    assert change.sent == 4


def test_what_can_come_no_more_is_dropped_with_the_planners_reason() -> None:
    early = build_programme([build_tip("one", latest_day=5)])
    before = plan_ahead(early, build_enrolment(), History(), NOW)
    after = plan_ahead(early, build_enrolment(start_date=date(2026, 11, 2)), History(), NOW)
    change = compare_plans(before, plan_ahead(early, build_enrolment(skip=("one",)), History(), NOW), sent=0)
    assert change.dropped == (Dropped("one", "left out for this leader in the enrolment (skip)"),)
    assert [dropped.item for dropped in compare_plans(before, after, sent=0).dropped] == ["check-in-30"]


def test_an_enrolment_that_stops_drops_everything_for_that_reason() -> None:
    change = compare_plans(plan(), Plan(), sent=2, stopped="withdrawn")
    assert {dropped.why for dropped in change.dropped} == {"withdrawn"}
    assert len(change.dropped) == 7
