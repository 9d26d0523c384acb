"""Dates as spreadsheets and people write them: taken where they can mean one day only, left as they are where not."""

import re
from calendar import month_name
from collections.abc import Iterable
from datetime import date
from typing import Literal

DayOrder = Literal["day-first", "month-first"]

_ISO = re.compile("([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ]00:00(?::00(?:\\.0+)?)?)?")
_NUMBERS = re.compile("([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})(?: 00:00(?::00)?)?")
_NAMED = re.compile(
    "(?:[A-Za-z]{3,9}\\.?,? +)?([0-9]{1,2})(?:st|nd|rd|th)?[-/. ]+([A-Za-z]{3,9})[-/., ]+([0-9]{2}|[0-9]{4})"
)
_AMERICAN = re.compile("([A-Za-z]{3,9}) ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")


def read_loose_date(text: str, *, order: DayOrder | None = None) -> date | None:
    """The one day that the text can mean; None where it means none, or could mean two and no order is known."""
    text = text.strip()
    if found := _ISO.fullmatch(text):
        return _make(found.group(1), found.group(2), found.group(3))
    if found := _NAMED.fullmatch(text):
        return _make(found.group(3), _month(found.group(2)), found.group(1))
    if found := _AMERICAN.fullmatch(text):
        return _make(found.group(3), _month(found.group(1)), found.group(2))
    if found := _NUMBERS.fullmatch(text):
        one, two, year = found.groups()
        day_first, month_first = _make(year, two, one), _make(year, one, two)
        if order is not None:
            return day_first if order == "day-first" else month_first
        if day_first is None or month_first is None or day_first == month_first:
            return day_first or month_first
    return None


def find_order(texts: Iterable[str]) -> DayOrder | None:
    """What the dates of one column prove: a 13 or more in one of the two places. None where nothing does, or both."""
    proved: set[DayOrder] = set()
    for found in (_NUMBERS.fullmatch(text.strip()) for text in texts):
        if found is not None and int(found.group(1)) > 12:
            proved.add("day-first")
        elif found is not None and int(found.group(2)) > 12:
            proved.add("month-first")
    return proved.pop() if len(proved) == 1 else None


def say_both_days(text: str) -> str | None:
    """`11 January 2027 or 1 November 2027`, for a date that could mean both; None for any other text."""
    found = _NUMBERS.fullmatch(text.strip())
    if found is None:
        return None
    one, two, year = found.groups()
    both = [_make(year, two, one), _make(year, one, two)]
    return " or ".join(f"{day.day} {month_name[day.month]} {day.year}" for day in both if day is not None) or None


def _month(word: str) -> int:
    """The month that the word is the beginning of; 0 where it is none."""
    known = [number for number in range(1, 13) if month_name[number].lower().startswith(word.lower()[:9])]
    return 9 if word.lower() == "sept" else known[0] if len(known) == 1 else 0


def _make(year: str | int, month: str | int, day: str | int) -> date | None:
    number = int(year)
    try:
        return date(number + 2000 if number < 100 else number, int(month), int(day))
    except ValueError:
        return None
