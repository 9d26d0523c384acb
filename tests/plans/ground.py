"""What a plan is judged by, worked out anew from the calendar and the rules: nothing here is the planner's."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from holidays import country_holidays

from models.domain import (
    CLOSING,
    WELCOME,
    CheckIn,
    Enrolment,
    History,
    Item,
    Leader,
    Limits,
    Message,
    Pace,
    Plan,
    PlannedNudge,
    Programme,
    Role,
    Span,
    Step,
)

ONE_DAY = timedelta(days=1)
SEND_WINDOW = timedelta(hours=8)
LONGEST_SEARCH_DAYS = 1500


# ---------------------------------------------------------------- the calendar


@cache
def instant_of(zone_name: str, send_at: time, day: date) -> datetime | None:
    """The first instant at which the wall clock shows that time on that date, or where it never does, the first later
    minute of that date; None where the zone has no such minute."""
    zone, wall = ZoneInfo(zone_name), datetime.combine(day, send_at)
    offsets = {(wall.replace(tzinfo=UTC) + timedelta(hours=h)).astimezone(zone).utcoffset() for h in range(-36, 37, 6)}
    instants = sorted((wall - offset).replace(tzinfo=UTC) for offset in offsets if offset is not None)
    exact = [instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == wall]
    if exact:
        return exact[0]
    instant = instants[0]
    while instant.astimezone(zone).replace(tzinfo=None) < wall:
        instant += timedelta(minutes=1)
    return instant if instant.astimezone(zone).date() == day else None


@cache
def holidays_of(code: str, year: int) -> frozenset[date]:
    if code == "none":
        return frozenset()
    country, _, subdivision = code.partition("-")
    return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))


def covers(span: Span, day: date) -> bool:
    return span.first <= day and (span.last is None or day <= span.last)


def why_no_mail(leader: Leader, day: date) -> str | None:
    """Why no mail may leave on a date of this leader's; None where it may. Pauses stand with the enrolment."""
    if day.weekday() not in leader.working_days:
        return "no working day"
    if day in holidays_of(leader.holidays, day.year):
        return "a holiday"
    if any(covers(span, day) for span in leader.away):
        return "an away day"
    return None if instant_of(leader.time_zone, leader.send_at, day) else "no date of this zone"


# ---------------------------------------------------------------- the caps


class Room:
    """Dates on which nudges leave, and whether one more would keep the gap and the cap."""

    def __init__(self, limits: Limits | Pace, dates: Iterable[date]) -> None:
        self._limits = limits
        self._nudges = Counter(day.toordinal() for day in dates)

    def without(self, day: date) -> "Room":
        left = self._nudges - Counter([day.toordinal()])
        return Room(self._limits, map(date.fromordinal, left.elements()))

    def nearest_gap_days(self, day: date) -> int | None:
        """How far the nearest other date lies, where that is nearer than the gap allows."""
        at, reach = day.toordinal(), self._limits.gap_days - 1
        return next((n for n in range(reach + 1) if self._nudges[at - n] or self._nudges[at + n]), None)

    def most_in_seven_days(self, day: date) -> int:
        """The most nudges in any seven days that hold this date."""
        at = day.toordinal()
        return max(sum(self._nudges[first + n] for n in range(7)) for first in range(at - 6, at + 1))

    def has_room(self, day: date) -> bool:
        return self.nearest_gap_days(day) is None and self.most_in_seven_days(day) < self._limits.week_cap


# ---------------------------------------------------------------- one plan and all that bears on it


def is_questions_alone(nudge: PlannedNudge) -> bool:
    return all(item.placed == "prompt" for item in nudge.items)


@dataclass(frozen=True)
class Ground:
    """One plan with its inputs, and what follows from them."""

    programme: Programme
    enrolment: Enrolment
    history: History
    now: datetime
    plan: Plan

    # ------------------------------------------------------------ days

    @cached_property
    def _paused_dates(self) -> tuple[date, ...]:
        last = self.enrolment.start_date + timedelta(days=LONGEST_SEARCH_DAYS)
        paused: set[date] = set()
        for pause in self.enrolment.pauses:
            length = ((pause.last or last) - pause.first).days + 1
            paused.update(pause.first + timedelta(days=n) for n in range(length))
        return tuple(sorted(paused))

    def is_paused(self, day: date) -> bool:
        return any(covers(pause, day) for pause in self.enrolment.pauses)

    def day_of(self, day: date) -> int:
        """Local date − start date − paused dates up to and including that date."""
        return (day - self.enrolment.start_date).days - bisect_right(self._paused_dates, day)

    @cached_property
    def enrolled_day(self) -> int:
        return self.day_of(self.enrolment.enrolled_on)

    @cached_property
    def first_date(self) -> date:
        """Today, or tomorrow once today's send window is over."""
        leader = self.enrolment.leader
        today = self.now.astimezone(ZoneInfo(leader.time_zone)).date()
        slot = instant_of(leader.time_zone, leader.send_at, today)
        return today if slot is not None and self.now < slot + SEND_WINDOW else today + ONE_DAY

    def why_closed(self, day: date) -> str | None:
        """Why no nudge may leave on this date, whatever else is planned; None where one may."""
        return "in a pause" if self.is_paused(day) else why_no_mail(self.enrolment.leader, day)

    @cached_property
    def open_dates(self) -> tuple[date, ...]:
        """Every date on which a nudge may still leave, up to the closing summary's last day."""
        first = max(self.first_date, self.enrolment.enrolled_on + ONE_DAY)
        first = max(first, self.enrolment.start_date + timedelta(days=self.programme.first_day))
        found: list[date] = []
        for n in range(LONGEST_SEARCH_DAYS):
            day = first + timedelta(days=n)
            if self.day_of(day) > self.programme.closing_last_day:
                break
            if self.day_of(day) >= self.programme.first_day and self.why_closed(day) is None:
                found.append(day)
        return tuple(found)

    # ------------------------------------------------------------ the role

    @property
    def role(self) -> Role:
        return self.programme.roles[self.enrolment.role]

    @property
    def pace(self) -> Pace:
        return self.programme.paces[self.enrolment.pace or self.role.pace]

    @property
    def limits(self) -> Limits | Pace:
        """The gap and the cap: the tightest of the leader's programmes."""
        return self.history.limits or self.pace

    @cached_property
    def anchor_steps(self) -> tuple[Step, ...]:
        """The check-ins and the closing summary, in order of their days."""
        steps = [step for step in self.role.steps if self.is_fixed(step.item) and step.item != WELCOME]
        return tuple(sorted(steps, key=lambda step: step.day))

    @cached_property
    def new_steps(self) -> Mapping[str, Step]:
        """The steps of tips and resources, by item, in the sequence's order."""
        return {step.item: step for step in self.role.steps if not self.is_fixed(step.item)}

    @cached_property
    def host_of(self) -> Mapping[str, str]:
        """The step in which each rider has its place."""
        return {rider: step.item for step in self.role.steps for rider in step.riders}

    def is_fixed(self, item: str) -> bool:
        return isinstance(self.programme.items.get(item), CheckIn | Message)

    # ------------------------------------------------------------ windows

    def opens(self, item: str) -> int:
        return max(self.programme.items[item].earliest_day, self.programme.first_day)

    def closes(self, item: str) -> int:
        late = self.enrolled_day + self.programme.late_grace_days
        return min(max(self.programme.items[item].latest_day, late), self.programme.last_day)

    def by_day(self, item: str) -> int | None:
        """The day by which it should be met; None after a late enrolment."""
        if self.enrolled_day > 0:
            return None
        tip = self.programme.items[item].kind == "tip"
        return self.programme.tips_by_day if tip else self.programme.resources_by_day

    def is_left_out(self, item: str) -> bool:
        """Whether HR or the item's late policy keeps it from coming."""
        known = self.programme.items.get(item)
        return item in self.enrolment.skip or (known is not None and self._is_past_by_policy(known))

    def _is_past_by_policy(self, item: Item) -> bool:
        return item.when_late == "skip" and self.enrolled_day > item.latest_day and not self.is_fixed(item.id)

    # ------------------------------------------------------------ what happened and what is planned

    @cached_property
    def met(self) -> frozenset[str]:
        sent = (item for nudge in self.history.nudges for item in nudge.items)
        return frozenset(item.item for item in sent if item.placed != "prompt")

    @cached_property
    def sent_dates(self) -> tuple[date, ...]:
        """Dates of nudges that went out or may have, this programme's and the leader's others'."""
        return (*(nudge.local_date for nudge in self.history.nudges), *self.history.elsewhere)

    @cached_property
    def nudge_of(self) -> Mapping[str, PlannedNudge]:
        """The planned nudge that brings each item, new or along with another."""
        brings = ((item.item, nudge) for nudge in self.plan.nudges for item in nudge.items if item.placed != "prompt")
        return dict(reversed(list(brings)))

    def date_of(self, item: str) -> date | None:
        nudge = self.nudge_of.get(item)
        return None if nudge is None else nudge.local_date

    @cached_property
    def unplaced(self) -> Mapping[str, str]:
        return {missing.item: missing.why for missing in self.plan.unplaced}

    @cached_property
    def frame_dates(self) -> tuple[date, ...]:
        """Dates of planned nudges that bring something; questions alone give way to anything."""
        return tuple(nudge.local_date for nudge in self.plan.nudges if not is_questions_alone(nudge))

    @cached_property
    def anchor_dates(self) -> Mapping[str, date]:
        """Dates of the planned welcome and anchors."""
        fixed = (step.item for step in self.role.steps if self.is_fixed(step.item))
        return {item: on for item in fixed if (on := self.date_of(item))}

    # ------------------------------------------------------------ where a new item might stand

    @cached_property
    def new_item_dates(self) -> tuple[date, ...]:
        """Open dates between the welcome and the closing summary, taken or not."""
        begins, ends = self.anchor_dates.get(WELCOME), self.anchor_dates.get(CLOSING, date.max)
        if begins is None and WELCOME in self.role.item_ids and WELCOME not in self.met:
            return ()
        begins = begins or date.min
        return tuple(
            day for day in self.open_dates if begins < day < ends and self.day_of(day) <= self.programme.last_day
        )

    @cached_property
    def free_dates(self) -> tuple[date, ...]:
        """Those of them on which one more new item would keep the caps, if no question alone stood in its way."""
        room = Room(self.limits, (*self.sent_dates, *self.frame_dates))
        return tuple(day for day in self.new_item_dates if room.has_room(day))

    def awaits(self, item: str) -> Iterator[str]:
        """The prerequisites of an item that this leader is still to meet, and that no policy lets count as met."""
        for before in self.programme.items[item].after:
            wanted = before in self.role.item_ids and not self.is_fixed(before) and before not in self.met
            if wanted and not self.is_left_out(before) and not self.is_stranded(before):
                yield before

    def waits_for(self, item: str, before: str) -> bool:
        """Whether one item is a prerequisite of another, or of one of its prerequisites."""
        seen: set[str] = set()
        queue = [item]
        while queue:
            known = self.programme.items.get(queue.pop())
            new = set(known.after) - seen if known else set[str]()
            seen |= new
            queue += new
        return before in seen

    def is_stranded(self, item: str) -> bool:
        """Whether it only rides, found nothing to ride on, and its own step is behind or left out."""
        host = self.host_of.get(item)
        return host is not None and item in self.unplaced and (host in self.met or self.is_left_out(host))

    def follows(self, item: str, day: date) -> bool:
        """Whether all that the item awaits comes before that date."""
        dates = [self.date_of(before) for before in self.awaits(item)]
        return all(on is not None and on < day for on in dates)
