"""What a date or a span of days in a config file may be, with a guess at what an impossible one was meant to be."""

import re
from calendar import month_name, monthrange
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from config.reading.fields import described, wrong
from config.reading.wording import kind_of, show
from models.domain import Span

_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_LONGEST_SPAN_DAYS = 366
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_NUMBERS = range(36526, 73051)  # the years 2000 to 2099

_ISO = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ISO_LIKE = re.compile("([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})([T ].*)?")
_DAY_FIRST = re.compile("([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{2}|[0-9]{4})( .*)?")
_DAY_NAMED = re.compile("([0-9]{1,2})(?:st|nd|rd|th)?[- ]([A-Za-z]{3,9})[- ,]+([0-9]{2}|[0-9]{4})")


@described(type="string", format="date", pattern=f"^{_ISO.pattern}$", examples=["2027-01-11"])
def iso_date(value: object) -> date:
    """A date written 2027-01-11."""
    if isinstance(value, date):
        return value
    if isinstance(value, int) and value in _EXCEL_NUMBERS:
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"should be a date and is {kind_of(value)}; write it like 2027-01-11")
    text = value.strip()
    found = _ISO.fullmatch(text)
    if found is None:
        raise wrong(f"{show(text)} is no date; {_advise_on_date(text)}")
    year, month, day = (int(part) for part in found.groups())
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise wrong(f"the year {year} in {show(text)} cannot be meant; write one from {_FIRST_YEAR} to {_LAST_YEAR}")
    if not 1 <= month <= 12:
        raise wrong(f"{show(text)} is no date: there is no month {month}; write year-month-day, like 2027-01-11")
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise wrong(f"{show(text)} is no date: {month_name[month]} {year} has {days} days; write a day that exists")
    return date(year, month, day)


def _advise_on_date(text: str) -> str:
    guess = _guess_date(text)
    return f"write {guess.isoformat()}" if guess else "write year-month-day, like 2027-01-11"


def _guess_date(text: str) -> date | None:
    """The date that is probably meant; two numbers before the year are day and month, as in Britain."""
    if text.isascii() and text.isdigit() and len(text) == 5 and int(text) in _EXCEL_NUMBERS:
        return _EXCEL_DAY_ZERO + timedelta(days=int(text))
    if found := _ISO_LIKE.fullmatch(text):
        year, month, day = int(found.group(1)), int(found.group(2)), int(found.group(3))
    elif found := _DAY_FIRST.fullmatch(text):
        year, month, day = int(found.group(3)), int(found.group(2)), int(found.group(1))
    elif found := _DAY_NAMED.fullmatch(text):
        months = [number for number in range(1, 13) if month_name[number].lower().startswith(found.group(2).lower())]
        year, month, day = int(found.group(3)), months[0] if months else 0, int(found.group(1))
    else:
        return None
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


@described(type="string", examples=["2027-02-15", "2027-02-15..2027-02-19"])
def span(value: object) -> Span:
    """One day, or the first and the last of several: 2027-02-15..2027-02-19."""
    if isinstance(value, Span):
        return value
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text:
        raise wrong(f"should be days away and is {kind_of(value)}; write 2027-02-15 or 2027-02-15..2027-02-19")
    first, dots, last = (part.strip() for part in text.partition(".."))
    days = Span(first=iso_date(first), last=iso_date(last if dots else first))
    if days.last is not None and days.last < days.first:
        raise wrong(f"{show(text)} ends before it begins; write the earlier day first")
    if days.last is not None and (days.last - days.first).days > _LONGEST_SPAN_DAYS:
        raise wrong(f"{show(text)} is longer than a year; for a longer absence set status: paused")
    return days


IsoDate = Annotated[date, BeforeValidator(iso_date)]
DaysAway = Annotated[Span, BeforeValidator(span)]
