"""When mail may leave: working days, holidays, away days and zones, turned into UTC instants.

Days are chosen as local dates and only then converted: a day is not always 24 hours, and some local times do not exist.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

from models.domain import Leader, Span

SEND_WINDOW = timedelta(hours=8)  # mail held up by an outage may still leave so long after the slot, the same day
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def closed_because(leader: Leader, day: date) -> str | None:
    """Why no mail leaves on this local date, in words for HR; None where it may."""
    if day.weekday() not in leader.working_days:
        return f"{WEEKDAYS[day.weekday()]} is not a working day"
    if any(day in span for span in leader.away):
        return "away"
    if holiday := holidays_in(leader.holidays, day.year).get(day):
        return f"holiday: {holiday}"
    return None if slot_on(leader, day) else f"this date does not exist in {leader.time_zone}"


def open_bits(leader: Leader, first: date, count: int) -> int:
    """The local dates on which mail may leave, as bits of a number: bit 0 is `first`, bit `count` - 1 the last."""
    last = first + timedelta(days=count - 1)
    bits = 0
    for year in range(first.year, last.year + 1):
        shift = date(year, 1, 1).toordinal() - first.toordinal()
        whole = _open_year(leader.time_zone, leader.send_at, leader.holidays, leader.working_days, year)
        bits |= whole << shift if shift >= 0 else whole >> -shift
    bits &= (1 << count) - 1
    for span in leader.away:
        bits &= ~span_bits(span, first, count)
    return bits


def span_bits(span: Span, first: date, count: int) -> int:
    """The days of a span as bits, as `open_bits` counts them."""
    begins = max((span.first - first).days, 0)
    ends = count if span.last is None else min((span.last - first).days + 1, count)
    return ((1 << (ends - begins)) - 1) << begins if begins < ends else 0


@lru_cache(maxsize=4096)
def _open_year(time_zone: str, send_at: time, holidays: str, working_days: tuple[int, ...], year: int) -> int:
    """The open dates of a year, for whoever lives by such a calendar; bit 0 is the first of January."""
    closed = holidays_in(holidays, year)
    new_year = date(year, 1, 1)
    bits = 0
    for n in range((date(year, 12, 31) - new_year).days + 1):
        day = new_year + timedelta(days=n)
        if day.weekday() in working_days and day not in closed and slot_at(time_zone, send_at, day) is not None:
            bits |= 1 << n
    return bits


@lru_cache(maxsize=1024)
def holidays_in(code: str, year: int) -> Mapping[date, str]:
    """The names of a year's public holidays by date. `code`: a country, country-subdivision, or "none"."""
    if code == "none":
        return {}
    country, _, subdivision = code.partition("-")
    return dict(country_holidays(country, subdiv=subdivision or None, years=year))


def slot_on(leader: Leader, day: date) -> datetime | None:
    """The UTC instant at which this leader's mail leaves on a local date; None where the zone skips that date.

    A time that a clock change skips moves to the first minute that exists; a time that comes twice is its first one.
    """
    return slot_at(leader.time_zone, leader.send_at, day)


def slot_at(time_zone: str, send_at: time, day: date) -> datetime | None:
    """The UTC instant of a local time, as for `slot_on`."""
    zone = ZoneInfo(time_zone)
    wanted = datetime.combine(day, send_at)
    while wanted.date() == day:
        instant = wanted.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == wanted:
            return instant
        wanted += timedelta(minutes=1)
    return None


def local_date(leader: Leader, instant: datetime) -> date:
    """The date on the leader's own calendar at an instant."""
    return instant.astimezone(ZoneInfo(leader.time_zone)).date()


def first_sendable_date(leader: Leader, now: datetime) -> date:
    """Today, or tomorrow where today's send window has closed. The date may still be no working day."""
    today = local_date(leader, now)
    slot = slot_on(leader, today)
    return today if slot is not None and now < slot + SEND_WINDOW else today + timedelta(days=1)


def day_number(start_date: date, pauses: tuple[Span, ...], day: date) -> int:
    """The day of the programme: the start date is day 0; days in a pause are not counted."""
    return (day - start_date).days - paused_days_until(pauses, day)


def paused_days_until(pauses: tuple[Span, ...], day: date) -> int:
    """How many local days up to and including `day` lie in a pause; a day in two pauses counts once."""
    days = 0
    free_from = date.min
    for pause in sorted(pauses, key=lambda span: span.first):
        first = max(pause.first, free_from)
        last = day if pause.last is None else min(pause.last, day)
        if first <= last:
            days += (last - first).days + 1
            free_from = last + timedelta(days=1)
    return days
