"""Stories with literal dates, worked out by hand: Christmas 2026, Easter 2027, both clock changes, 29 February 2028."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.load import load_programme
from models.domain import Enrolment, History, Plan, PlannedNudge, Span
from scheduler.planning import plan_ahead
from tests.builders import at, build_enrolment, build_leader, build_programme
from tests.plans.checker import broken_rules

REAL = load_programme(Path(__file__).parents[2] / "config" / "first-100-days")
SMALL = build_programme()


def enrol(start: date, *, role: str = "director", enrolled_on: date | None = None, **leader: Any) -> Enrolment:
    """By default enrolled six weeks before the start."""
    on = enrolled_on or start - timedelta(days=42)
    return build_enrolment(leader=build_leader(**leader), role=role, start_date=start, enrolled_on=on)


def plan(enrolment: Enrolment) -> Plan:
    programme = REAL if enrolment.role in REAL.roles else SMALL
    now = at(f"{enrolment.enrolled_on} 09:00")
    made = plan_ahead(programme, enrolment, History(), now)
    assert not list(broken_rules(programme, enrolment, History(), now, made))
    return made


def when(made: Plan, item: str) -> PlannedNudge:
    """The nudge that brings an item."""
    return next(n for n in made.nudges if any(i.item == item and i.placed != "prompt" for i in n.items))


def dates_between(made: Plan, first: date, last: date) -> set[date]:
    return {n.local_date for n in made.nudges if first <= n.local_date <= last}


def assert_all_in_time(made: Plan) -> None:
    """Every tip by day 70, every resource by day 95, nothing left out."""
    assert made.unplaced == ()
    days = {(i.kind, n.day) for n in made.nudges for i in n.items if i.placed in ("new", "with")}
    assert max(day for kind, day in days if kind == "tip") <= 70
    assert max(day for kind, day in days if kind == "resource") <= 95


# ---------------------------------------------------------------- Christmas 2026
# Friday 25 December and 1 January are bank holidays; Boxing Day is a Saturday, so Monday the 28th is one in its place.


def test_a_chief_executive_who_starts_in_advent_gets_nothing_on_the_christmas_holidays() -> None:
    made = plan(enrol(date(2026, 12, 7), role="chief-executive"))
    open_days = {date(2026, 12, day) for day in (21, 22, 23, 24, 29, 30, 31)} | {
        date(2027, 1, day) for day in (4, 5, 6, 7, 8)
    }
    found = dates_between(made, date(2026, 12, 19), date(2027, 1, 10))
    assert found <= open_days
    assert 1 <= len(found & {date(2026, 12, day) for day in (21, 22, 23, 24)}) <= 2
    assert_all_in_time(made)


def test_the_anchors_of_a_start_in_advent_stand_on_their_days() -> None:
    made = plan(enrol(date(2026, 12, 7), role="chief-executive"))
    assert when(made, "welcome").slot == at("2026-11-16 08:30")  # day -21, a Monday
    assert when(made, "connect-before-day-one").day < 0
    assert when(made, "check-in-30").slot == at("2027-01-06 08:30")
    assert when(made, "check-in-60").slot == at("2027-02-05 08:30")
    assert when(made, "check-in-90").slot == at("2027-03-08 08:30")  # day 90 is a Sunday
    assert when(made, "closing-summary").slot == at("2027-03-17 08:30")


def test_the_second_of_january_is_kept_free_in_scotland_only() -> None:
    """It is a Saturday in 2027, so Scotland has Monday the 4th off. A check-in on that day shows it."""
    start = date(2026, 12, 5)  # day 30 is 4 January
    assert when(plan(enrol(start)), "check-in-30").local_date == date(2027, 1, 4)
    assert when(plan(enrol(start, holidays="GB-SCT")), "check-in-30").local_date == date(2027, 1, 5)


def test_a_check_in_on_christmas_day_comes_the_day_before() -> None:
    made = plan(enrol(date(2026, 11, 25)))  # day 30 is Friday 25 December
    assert when(made, "check-in-30").slot == at("2026-12-24 08:30")


def test_a_check_in_whose_whole_christmas_week_is_shut_comes_on_the_nearest_day_after_it() -> None:
    """With 21 to 24 December away, Friday the 18th is seven days off and Tuesday the 29th four."""
    away = (Span(first=date(2026, 12, 21), last=date(2026, 12, 24)),)
    check_in = when(plan(enrol(date(2026, 11, 25), away=away)), "check-in-30")
    assert check_in.local_date == date(2026, 12, 29)
    assert "holiday" in check_in.why


def test_a_christmas_pause_moves_the_end_by_its_days() -> None:
    """Fourteen days' pause from 21 December to 3 January move day 100 from 17 to 31 March."""
    enrolment = enrol(date(2026, 12, 7), role="chief-executive")
    paused = build_enrolment(
        leader=enrolment.leader,
        role=enrolment.role,
        start_date=enrolment.start_date,
        enrolled_on=enrolment.enrolled_on,
        pauses=(Span(first=date(2026, 12, 21), last=date(2027, 1, 3)),),
    )
    made = plan(paused)
    assert dates_between(made, date(2026, 12, 19), date(2027, 1, 3)) == set()
    assert when(made, "check-in-30").local_date == date(2027, 1, 20)
    assert when(made, "closing-summary").local_date == date(2027, 3, 31)
    assert when(made, "closing-summary").day == 100


# ---------------------------------------------------------------- Easter 2027
# Good Friday is 26 March, Easter Monday 29 March; Scotland has no holiday on the Monday.


def test_a_check_in_on_good_friday_comes_the_day_before() -> None:
    for nation in ("GB-ENG", "GB-SCT"):
        check_in = when(plan(enrol(date(2027, 1, 25), holidays=nation)), "check-in-60")
        assert check_in.slot == at("2027-03-25 08:30")
        assert check_in.day == 59


def test_a_check_in_on_easter_monday_waits_a_day_in_england_but_not_in_scotland() -> None:
    start = date(2027, 1, 28)  # day 60 is Monday 29 March
    assert when(plan(enrol(start)), "check-in-60").slot == at("2027-03-30 07:30")  # summer time since the 28th
    assert when(plan(enrol(start, holidays="GB-SCT")), "check-in-60").slot == at("2027-03-29 07:30")


def test_a_check_in_round_easter_comes_within_three_days_where_one_is_open() -> None:
    """Away on 30 and 31 March: Thursday 1 April is three days off, Thursday 25 March four."""
    away = (Span(first=date(2027, 3, 30), last=date(2027, 3, 31)),)
    assert when(plan(enrol(date(2027, 1, 28), away=away)), "check-in-60").local_date == date(2027, 4, 1)


@pytest.mark.parametrize("role", list(REAL.roles))
def test_nobody_gets_mail_on_the_easter_holidays_and_all_still_get_everything(role: str) -> None:
    made = plan(enrol(date(2027, 2, 1), role=role))
    assert dates_between(made, date(2027, 3, 26), date(2027, 3, 29)) == set()
    assert dates_between(made, date(2027, 5, 1), date(2027, 5, 3)) == set()  # May Day is Monday the 3rd
    assert when(made, "check-in-60").local_date == date(2027, 4, 2)
    assert_all_in_time(made)


# ---------------------------------------------------------------- the clock changes of 2027
# In Europe/London clocks go forward on Sunday 28 March at 01:00 and back on Sunday 31 October at 02:00.


def test_half_past_eight_stays_half_past_eight_when_the_clocks_go_forward() -> None:
    made = plan(enrol(date(2027, 1, 25), role="chief-executive"))
    hours = {(n.local_date > date(2027, 3, 28), n.slot.strftime("%H:%M")) for n in made.nudges}
    assert hours == {(False, "08:30"), (True, "07:30")}
    assert when(made, "closing-summary").slot == at("2027-05-05 07:30")


def test_half_past_eight_stays_half_past_eight_when_the_clocks_go_back() -> None:
    made = plan(enrol(date(2027, 9, 1), role="chief-executive"))
    hours = {(n.local_date > date(2027, 10, 31), n.slot.strftime("%H:%M")) for n in made.nudges}
    assert hours == {(False, "07:30"), (True, "08:30")}
    assert when(made, "check-in-60").slot == at("2027-11-01 08:30")  # day 60 is the Sunday of the change
    assert when(made, "closing-summary").slot == at("2027-12-10 08:30")


@pytest.mark.parametrize(
    ("start", "slot"),
    [
        (date(2027, 1, 27), at("2027-03-28 01:00")),  # 01:30 does not exist: 02:00 summer time is the next minute
        (date(2027, 9, 1), at("2027-10-31 00:30")),  # 01:30 comes twice: the first is still summer time
    ],
)
def test_a_sunday_slot_in_the_hour_of_the_clock_change(start: date, slot: datetime) -> None:
    made = plan(enrol(start, working_days=(2, 6), send_at=time(1, 30)))
    check_in = when(made, "check-in-60")
    assert check_in.slot == slot
    assert check_in.day == 60
    assert check_in.local_date == slot.date()


def test_clocks_that_change_by_half_an_hour_keep_the_local_time() -> None:
    """Lord Howe Island leaves +11:00 for +10:30 on Sunday 4 April 2027 at 02:00."""
    made = plan(enrol(date(2027, 2, 1), time_zone="Australia/Lord_Howe", holidays="none"))
    hours = {(n.local_date >= date(2027, 4, 4), n.slot.strftime("%H:%M")) for n in made.nudges}
    assert hours == {(False, "21:30"), (True, "22:00")}


# ---------------------------------------------------------------- 29 February 2028, a Tuesday


def test_the_leap_day_is_a_day_like_any_other() -> None:
    made = plan(enrol(date(2028, 1, 30)))  # 31 January is day 1, so 29 February is day 30
    assert when(made, "check-in-30").slot == at("2028-02-29 08:30")
    assert when(made, "check-in-60").local_date == date(2028, 3, 30)
    assert when(made, "closing-summary").slot == at("2028-05-09 07:30")


def test_a_start_on_the_leap_day_counts_from_it() -> None:
    made = plan(enrol(date(2028, 2, 29), role="chief-executive"))
    assert when(made, "welcome").local_date == date(2028, 2, 8)
    assert when(made, "check-in-30").local_date == date(2028, 3, 30)
    assert when(made, "check-in-60").local_date == date(2028, 4, 28)  # Saturday the 29th; Monday is May Day
    assert when(made, "check-in-90").local_date == date(2028, 5, 30)  # Monday the 29th is a bank holiday
    assert when(made, "closing-summary").local_date == date(2028, 6, 8)
    assert dates_between(made, date(2028, 4, 14), date(2028, 4, 17)) == set()  # Easter
    assert_all_in_time(made)


def test_a_pause_over_the_leap_day_counts_it_as_one_of_its_days() -> None:
    """28 and 29 February and 1 March: three days, so day 30 moves from 29 February to 3 March."""
    enrolment = build_enrolment(
        start_date=date(2028, 1, 30),
        enrolled_on=date(2027, 12, 13),
        pauses=(Span(first=date(2028, 2, 28), last=date(2028, 3, 1)),),
    )
    made = plan(enrolment)
    assert when(made, "check-in-30").local_date == date(2028, 3, 3)
    assert when(made, "closing-summary").local_date == date(2028, 5, 12)
