"""A last day as people write it in plain English → the date: "3 March", "two weeks"."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_UNITS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "fortnight": 14, "month": 30}  # days

_SPAN = re.compile(rf"(?:for )?(an?|[0-9]{{1,3}}|{'|'.join(_NUMBERS)}) ({'|'.join(_UNITS)})s?")
_UNTIL = re.compile(r"(?:until|till|to|up to(?: and including)?) (.+)")
_WEEKDAY = re.compile(r"\b(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)(?:day|nesday|rsday|urday)?\b ?")
_DATES = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<day>[0-9]{1,2})[/.](?P<month>[0-9]{1,2})(?:[/.](?P<year>[0-9]{4}))?"),
    re.compile(r"(?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month>[a-z]{3,9})(?: (?P<year>[0-9]{4}))?"),
    re.compile(r"(?P<month>[a-z]{3,9}) (?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?: (?P<year>[0-9]{4}))?"),
)


def read_last_day(words: str, *, today: date) -> date | None:
    """The last day of a time that begins today: "two weeks", "for 10 days", "until 3 March"; None for anything else.

    `words`: in lower case, single blanks, no commas. A date without a year is the next one; day before month.
    """
    span = _SPAN.fullmatch(words)
    if span:
        return _add(today, _count(span[1]) * _UNITS[span[2]])
    until = _UNTIL.fullmatch(words)
    return _read_date(_WEEKDAY.sub("", until[1]).strip(), today) if until else None


def _add(today: date, days: int) -> date | None:
    return today + timedelta(days=days - 1) if days else None  # today is the first of them


def _count(word: str) -> int:
    if word in _NUMBERS:
        return _NUMBERS.index(word) + 1
    return 1 if word.startswith("a") else int(word)


def _read_date(words: str, today: date) -> date | None:
    found = next((match for pattern in _DATES if (match := pattern.fullmatch(words))), None)
    month = None if found is None else _read_month(found["month"])
    if found is None or month is None:
        return None
    year, day = found["year"], int(found["day"])
    try:
        if year is not None:
            return date(int(year), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:  # no such day
        return None


def _read_month(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word.rstrip("."))), None)
