"""Weeks as reports count them: from Monday to Monday in UTC, whoever looks and whenever."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

WEEK = timedelta(days=7)


def week_of(at: datetime) -> date:
    """The Monday of the week in which an instant lies."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def last_turn(now: datetime) -> datetime:
    """The newest turn of a week: aggregates of answers and recall tell of what was before it, and of nothing later."""
    return turn_into(week_of(now))


def turn_into(week: date) -> datetime:
    """The instant at which the week of this Monday begins."""
    return datetime.combine(week, time.min, tzinfo=UTC)


def list_weeks(first: date, last: date) -> Iterator[date]:
    """The Mondays from one to another, both included."""
    while first <= last:
        yield first
        first += WEEK


def weeks_ending_in(month: date) -> tuple[date, date]:
    """The Mondays of the first and the last week that end within the month of this first day.

    A week belongs to the month in which its Sunday lies: so every week is in one month, whole.
    """
    following = (month + timedelta(days=31)).replace(day=1)
    sundays = [month + timedelta(days=n) for n in range((following - month).days)]
    ends = [day for day in sundays if day.weekday() == 6]
    return ends[0] - timedelta(days=6), ends[-1] - timedelta(days=6)
