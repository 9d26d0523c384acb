"""A walk as a calendar of weeks: the days, which of them are closed and why, and the mail of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.domain import Leader
from rehearsal.storyboard.casting import Part
from rehearsal.storyboard.mails import StagedMail
from scheduler.calendar import closed_because, day_number

_WORKING_WEEK = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One local date. `closed` is why no mail may leave on it, or None."""

    on: date
    number: int
    mail: StagedMail | None
    closed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The days of one week, from Monday on; those of a weekend only where the leader works on them."""

    monday: date
    days: tuple[Day, ...]

    @property
    def mails(self) -> int:
        return sum(day.mail is not None for day in self.days)


def lay_weeks(part: Part, mails: Sequence[StagedMail]) -> tuple[Week, ...]:
    """The weeks from the first mail, or the start date, to the last mail."""
    leader, start = part.enrolment.leader, part.enrolment.start_date
    by_date = {mail.scene.nudge.local_date: mail for mail in mails}
    first, last = min((*by_date, start)), max((*by_date, start))
    weekdays = sorted({*_WORKING_WEEK, *leader.working_days})
    return tuple(
        Week(
            monday=monday,
            days=tuple(_lay_day(leader, start, monday + timedelta(days=day), by_date) for day in weekdays),
        )
        for monday in _mondays(first, last)
    )


def _lay_day(leader: Leader, start: date, on: date, mails: dict[date, StagedMail]) -> Day:
    return Day(on=on, number=day_number(start, (), on), mail=mails.get(on), closed=closed_because(leader, on))


def _mondays(first: date, last: date) -> Iterator[date]:
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        yield monday
        monday += timedelta(days=7)
