"""The local days that remain to an enrolment, and on which of them one more nudge keeps the gap and the cap.

Days are bits of a number: bit 0 is a date some days before the first that counts, so that nudges sent lately are in
sight. Python's integers then answer "where is room" in a few operations.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.domain import Enrolment, Limits, Programme, Step
from scheduler.calendar import day_number, open_bits, span_bits

WEEK = 7
LONGEST_TIMELINE_DAYS = 1500
_ONE_WEEK = (1 << WEEK) - 1


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One local date of the timeline, with its day number."""

    date: date
    day: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A step that has its date, and why that date."""

    step: Step
    on: LocalDay
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The local dates from a little before the first that counts to the last day of the programme."""

    origin: int  # ordinal of the date of bit 0
    first: int  # the bit of the first date that counts
    numbers: Sequence[int]  # day numbers, by bit; they stand still while paused
    open: int  # bits of the dates on which mail may leave
    endless: bool  # it breaks off where a pause begins that has no end

    def on(self, bit: int) -> LocalDay:
        """The date of a bit, with its day number."""
        return LocalDay(date.fromordinal(self.origin + bit), self.numbers[bit])

    def bit_of(self, day: date) -> int:
        """The bit of a date; negative or past the end for one that is not in sight."""
        return day.toordinal() - self.origin

    def first_bit(self, day: int) -> int:
        """The first bit whose day number is at least `day`."""
        return bisect_left(self.numbers, day)

    def last_bit(self, day: int) -> int:
        """The last bit whose day number is at most `day`; -1 where there is none."""
        return bisect_right(self.numbers, day) - 1


class Room:
    """The dates taken and those where one more nudge may come, as bits. It changes as dates are taken."""

    __slots__ = ("_limits", "free", "taken")

    def __init__(self, limits: Limits, *, taken: int, free: int) -> None:
        self._limits, self.taken, self.free = limits, taken, free

    def copy(self) -> "Room":
        return Room(self._limits, taken=self.taken, free=self.free)

    def take(self, bit: int) -> None:
        """Takes a date; the dates too near to it, and the rest of weeks that are full now, are free no more."""
        self.taken |= 1 << bit
        gap = self._limits.gap_days
        near = (1 << (2 * gap - 1)) - 1
        blocked = near << (bit - gap + 1) if bit >= gap - 1 else near >> (gap - 1 - bit)
        cap = self._limits.week_cap
        for first in range(max(bit - WEEK + 1, 0), bit + 1):
            if ((self.taken >> first) & _ONE_WEEK).bit_count() >= cap:
                blocked |= _ONE_WEEK << first
        self.free &= ~blocked

    def is_crowded(self, bit: int) -> bool:
        """Whether the dates taken leave no room on this one, open or not."""
        if bit < 0:
            return False
        probe = Room(self._limits, taken=0, free=1 << bit)
        taken = self.taken
        while taken:
            probe.take(lowest_bit(taken))
            taken &= taken - 1
        return not probe.free

    def take_dates(self, timeline: Timeline, dates: Iterable[date]) -> None:
        """Takes those of the dates that are in sight."""
        for day in dates:
            bit = timeline.bit_of(day)
            if 0 <= bit < len(timeline.numbers):
                self.take(bit)


def lay_timeline(programme: Programme, enrolment: Enrolment, *, first: date, gap_days: int) -> Timeline:
    """Every local day from `first` (or the programme's first day) to its last one; paused days are not open."""
    begins = max(first, enrolment.start_date + timedelta(days=programme.first_day))
    reach = max(WEEK, gap_days)
    origin = begins - timedelta(days=reach)
    ends = enrolment.start_date + timedelta(days=programme.closing_last_day)
    endless = next((pause.first for pause in enrolment.pauses if pause.last is None), None)
    numbers: Sequence[int]
    if enrolment.pauses:
        numbers = []
        current = origin
        while len(numbers) < LONGEST_TIMELINE_DAYS and current != endless:
            number = day_number(enrolment.start_date, enrolment.pauses, current)
            if number > programme.closing_last_day:
                break
            numbers.append(number)
            current += timedelta(days=1)
    else:
        numbers = range((origin - enrolment.start_date).days, (ends - enrolment.start_date).days + 1)
    length = len(numbers)
    opened = open_bits(enrolment.leader, origin, length) if length else 0
    for pause in enrolment.pauses:
        opened &= ~span_bits(pause, origin, length)
    opened &= ~((1 << reach) - 1)
    return Timeline(origin=origin.toordinal(), first=reach, numbers=numbers, open=opened, endless=endless is not None)


def enrolled_day(enrolment: Enrolment) -> int:
    """The day number on which the leader was enrolled; pauses cannot lie before it."""
    return (enrolment.enrolled_on - enrolment.start_date).days


def lowest_bit(bits: int) -> int:
    """The place of the lowest bit that is set; -1 where none is."""
    return (bits & -bits).bit_length() - 1
