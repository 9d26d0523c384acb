"""When the week's mail to admins leaves."""

from datetime import date, time

import pytest

from scheduler.weekly import WeeklyPlan, find_due_week
from tests.builders import at

LONDON = WeeklyPlan(
    day=0, time_zone="Europe/London", send_at=time(8, 30), holidays="GB-ENG", working_days=(0, 1, 2, 3, 4)
)


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2027-01-11 08:29", None),
        ("2027-01-11 08:30", date(2027, 1, 11)),
        ("2027-01-11 16:29", date(2027, 1, 11)),
        ("2027-01-11 16:30", None),
        ("2027-01-12 09:00", None),
        ("2027-07-12 07:30", date(2027, 7, 12)),  # half past eight of British summer time
        ("2027-07-12 07:29", None),
        ("2027-03-29 09:00", None),  # Easter Monday
        ("2027-03-30 09:00", date(2027, 3, 29)),
    ],
)
def test_it_leaves_on_monday_morning_or_after_a_holiday(now: str, week: date | None) -> None:
    assert find_due_week(LONDON, at(now)) == week


def test_a_chosen_day_counts_even_where_nobody_works_on_it() -> None:
    plan = WeeklyPlan(day=6, time_zone="UTC", send_at=time(8, 30), holidays="none", working_days=(0,))
    assert find_due_week(plan, at("2027-01-17 09:00")) == date(2027, 1, 11)


def test_a_week_of_holidays_has_none() -> None:
    plan = WeeklyPlan(day=4, time_zone="UTC", send_at=time(8, 30), holidays="GB-ENG", working_days=(0, 1, 2, 3, 4))
    assert [find_due_week(plan, at(f"2027-03-{day} 09:00")) for day in (26, 27, 28)] == [None] * 3  # Good Friday
