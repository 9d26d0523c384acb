"""The local days that remain to an enrolment, and which of them its nudges take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from models.domain import Enrolment, Pace, Programme, Step
from scheduler.calendar import closed_because, day_number

WEEK = 7
LONGEST_TIMELINE_DAYS = 1500


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One local date of the timeline, with its day number and why no mail may leave on it (None: it may)."""

    date: date
    day: int
    closed: str | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A step that has its date, and why that date."""

    step: Step
    on: LocalDay
    why: str


@dataclass(slots=True)
class DaysTaken:
    """The dates on which a leader gets a nudge, as bits of one number, and whether one more would keep the caps."""

    pace: Pace
    origin: int  # ordinal of the date of bit 0
    bits: int = 0

    @classmethod
    def from_dates(cls, pace: Pace, dates: Iterable[date], *, first: date) -> "DaysTaken":
        """The dates that still matter to caps from `first` on."""
        reach = max(WEEK, pace.gap_days)
        taken = cls(pace, first.toordinal() - reach)
        for taken_date in dates:
            if taken_date.toordinal() >= taken.origin:
                taken.take(taken_date)
        return taken

    def copy(self) -> "DaysTaken":
        return DaysTaken(self.pace, self.origin, self.bits)

    def take(self, day: date) -> None:
        self.bits |= 1 << (day.toordinal() - self.origin)

    def has_room(self, day: date) -> bool:
        """Whether a nudge on this date keeps the gap to its neighbours and the cap in any seven days."""
        bit = day.toordinal() - self.origin
        gap = self.pace.gap_days
        if (self.bits >> (bit - gap + 1)) & ((1 << (2 * gap - 1)) - 1):
            return False
        weeks = range(max(bit - WEEK + 1, 0), bit + 1)
        return all(((self.bits >> first) & 0b1111111).bit_count() < self.pace.week_cap for first in weeks)


def timeline(programme: Programme, enrolment: Enrolment, *, first: date) -> list[LocalDay]:
    """Every local day from `first` (or the programme's first day) to its last day; paused days are closed."""
    current = max(first, enrolment.start_date + timedelta(days=programme.first_day))
    days: list[LocalDay] = []
    while len(days) < LONGEST_TIMELINE_DAYS:
        day = day_number(enrolment.start_date, enrolment.pauses, current)
        pause = next((pause for pause in enrolment.pauses if current in pause), None)
        if day > programme.closing_last_day or (pause is not None and pause.last is None):
            break
        closed = "paused" if pause else closed_because(enrolment.leader, current)
        days.append(LocalDay(current, day, closed))
        current += timedelta(days=1)
    return days


def enrolled_day(enrolment: Enrolment) -> int:
    """The day number on which the leader was enrolled; pauses cannot lie before it."""
    return (enrolment.enrolled_on - enrolment.start_date).days
