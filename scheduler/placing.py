"""On which dates the welcome, the anchors and the new items come: the frame of a plan, before any question is chosen.

Three steps. The anchors take the dates nearest to their days. A pass backwards from the end finds, for each new
item, the latest date at which everything still fits. A pass forwards then gives each new item the first free date on
which its target day or that latest date has come. Where something would not fit, targets give way and it runs again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import zip_longest

from models.domain import (
    CLOSING,
    WELCOME,
    CheckIn,
    Enrolment,
    History,
    Item,
    Message,
    Pace,
    Programme,
    Role,
    Step,
    Tip,
    Unplaced,
)
from scheduler.calendar import closed_because, day_number

ANCHOR_REACH_DAYS = 3
WEEK = 7
LONGEST_TIMELINE_DAYS = 1500
LEFT_OUT = "left out for this leader in the enrolment (skip)"
ENDLESS = "after the pause, which has no end yet"


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


@dataclass(frozen=True, slots=True)
class Frame:
    """The dates taken and by what, the days on which a nudge may leave, and what could not come."""

    open_days: tuple[LocalDay, ...]  # from the welcome to the closing summary, taken or not
    placed: Mapping[date, Placed]
    unplaced: tuple[Unplaced, ...]
    taken: "DaysTaken"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A new item that is still to come. Days are programme days, both ends included."""

    step: Step
    rank: int  # place in the sequence
    opens: int
    due: int  # the day by which it should be met
    closes: int  # the day after which it must not come
    wanted: int  # the day aimed at
    after: frozenset[str] = field(default=frozenset())  # prerequisites still to come


def lay_frame(programme: Programme, enrolment: Enrolment, history: History, *, first: date) -> Frame:
    """The frame of all that remains from the local date `first` on."""
    role = programme.roles[enrolment.role]
    pace = programme.paces[enrolment.pace or role.pace]
    days = timeline(programme, enrolment, first=first)
    sent = {nudge.local_date for nudge in history.nudges}
    taken = DaysTaken.from_dates(pace, sent | history.elsewhere, first=days[0].date if days else first)
    met = met_items(history)
    anchors, missed = _place_fixed_steps(programme, enrolment, role, days, taken, met)
    unwelcomed = date.max if WELCOME in role.item_ids and WELCOME not in met else date.min
    begins = next((on for on, placed in anchors.items() if placed.step.item == WELCOME), unwelcomed)
    ends = next((on for on, placed in anchors.items() if placed.step.item == CLOSING), date.max)
    open_days = [
        day for day in days if day.closed is None and begins < day.date < ends and day.day <= programme.last_day
    ]
    candidates, skipped = find_candidates(programme, enrolment, role, met)
    placed, unplaced, taken = _place_new_items(candidates, open_days, taken)
    return Frame(tuple(open_days), dict(sorted((anchors | placed).items())), (*missed, *skipped, *unplaced), taken)


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


def met_items(history: History) -> frozenset[str]:
    """Everything that went out, as itself or as a rider."""
    return frozenset(item.item for nudge in history.nudges for item in nudge.items if item.placed != "prompt")


def enrolled_day(enrolment: Enrolment) -> int:
    """The day number on which the leader was enrolled; pauses cannot lie before it."""
    return (enrolment.enrolled_on - enrolment.start_date).days


# ---------------------------------------------------------------- the welcome and the anchors


def _place_fixed_steps(
    programme: Programme,
    enrolment: Enrolment,
    role: Role,
    days: Sequence[LocalDay],
    taken: DaysTaken,
    met: frozenset[str],
) -> tuple[dict[date, Placed], list[Unplaced]]:
    """Takes the dates of the welcome and of each anchor; the unplaced ones come with their reason."""
    placed: dict[date, Placed] = {}
    unplaced: list[Unplaced] = []
    not_before = date.min
    welcomed = WELCOME in met or WELCOME not in role.item_ids
    for step, last in _fixed_steps(programme, role):
        if step.item in met:
            continue
        if reason := _why_no_anchor(enrolment, step, days, welcomed=welcomed):
            unplaced.append(Unplaced(item=step.item, why=reason))
            continue
        free = [
            d for d in days if d.closed is None and not_before < d.date and d.day <= last and taken.has_room(d.date)
        ]
        if step.item == WELCOME:
            chosen = next((day for day in free if day.day >= step.day), None)
        else:
            chosen = min(free, key=lambda day: (abs(day.day - step.day), -day.day), default=None)
        if chosen is None:
            unplaced.append(Unplaced(item=step.item, why=f"no day is free for it by day {last}"))
            continue
        welcomed = welcomed or step.item == WELCOME
        taken.take(chosen.date)
        placed[chosen.date] = Placed(step, chosen, _fixed_reason(enrolment, step, chosen))
        not_before = chosen.date
    return placed, unplaced


def _why_no_anchor(enrolment: Enrolment, step: Step, days: Sequence[LocalDay], *, welcomed: bool) -> str | None:
    """Why a fixed step does not come, whatever days are free; None where it may."""
    if step.item in enrolment.skip:
        return LEFT_OUT
    if any(pause.last is None for pause in enrolment.pauses) and (not days or step.day > days[-1].day):
        return ENDLESS
    if step.item == WELCOME:
        return None
    if step.day < enrolled_day(enrolment):
        return f"day {step.day} was past at enrolment"
    return None if welcomed else "the welcome comes first, and there is no day left for it"


def _fixed_steps(programme: Programme, role: Role) -> list[tuple[Step, int]]:
    """The welcome, then the anchors by day, each with the last day on which it makes sense: before the next one's."""
    steps = [step for step in role.steps if isinstance(programme.items[step.item], CheckIn | Message)]
    welcome = [(step, programme.last_day) for step in steps if step.item == WELCOME]
    anchors = sorted((step for step in steps if step.item != WELCOME), key=lambda step: step.day)
    return welcome + [
        (step, programme.closing_last_day if following is None else following.day - 1)
        for step, following in zip_longest(anchors, anchors[1:])
    ]


def _fixed_reason(enrolment: Enrolment, step: Step, chosen: LocalDay) -> str:
    if step.item == WELCOME:
        return f"{step.why} The first working day after enrolment, from day {step.day} on."
    if chosen.day == step.day:
        return f"{step.why} On its day."
    because = closed_because(enrolment.leader, _date_of(enrolment, step.day)) or "no room under the caps that day"
    near = "" if abs(chosen.day - step.day) <= ANCHOR_REACH_DAYS else ", and no nearer day is free"
    return f"{step.why} Moved from day {step.day}: {because}{near}."


def _date_of(enrolment: Enrolment, day: int) -> date:
    """The local date on which a day of the programme falls, pauses counted."""
    found = enrolment.start_date + timedelta(days=day)
    while (reached := day_number(enrolment.start_date, enrolment.pauses, found)) < day:
        found += timedelta(days=day - reached)
    return found


# ---------------------------------------------------------------- the new items


def find_candidates(
    programme: Programme, enrolment: Enrolment, role: Role, met: frozenset[str]
) -> tuple[list[Candidate], list[Unplaced]]:
    """The new items still to come, and those that do not: left out by policy or HR, or with no tip to ride on."""
    late_by = enrolled_day(enrolment)
    new = [item for item in role.item_ids if not isinstance(programme.items[item], CheckIn | Message)]
    left_out = {
        item: why
        for item in new
        if item not in met and (why := _why_left_out(enrolment, programme.items[item], late_by=late_by))
    }
    steps, stranded = _steps_to_send(programme, role, gone=met | left_out.keys())
    came_with = {rider: step.item for step in steps for rider in step.riders}
    to_come = frozenset(step.item for step in steps)
    candidates: list[Candidate] = []
    for rank, step in enumerate(steps):
        needs = frozenset(came_with.get(item, item) for item in programme.items[step.item].after)
        after = (needs & to_come) - {step.item}
        candidates.append(_candidate(programme, step, rank=rank, late_by=late_by, after=after))
    missing = left_out | dict.fromkeys(stranded, "it rides on a tip, and none is left to come")
    return _hasten_prerequisites(candidates), [Unplaced(item=item, why=why) for item, why in missing.items()]


def _why_left_out(enrolment: Enrolment, item: Item, *, late_by: int) -> str | None:
    if item.id in enrolment.skip:
        return LEFT_OUT
    if item.when_late == "skip" and late_by > item.latest_day:
        return f"enrolled on day {late_by}, after its last day {item.latest_day}, and it is not sent late"
    return None


def _hasten_prerequisites(candidates: list[Candidate]) -> list[Candidate]:
    """The same, with every prerequisite due before what follows it."""
    due = {c.step.item: c.due for c in candidates}
    for _ in candidates:  # a chain of prerequisites is at most as long as there are candidates
        before = dict(due)
        for c in candidates:
            for item in c.after:
                due[item] = min(due[item], due[c.step.item] - 1)
        if due == before:
            break
    return [replace(c, due=due[c.step.item]) for c in candidates]


def _candidate(programme: Programme, step: Step, *, rank: int, late_by: int, after: frozenset[str]) -> Candidate:
    item = programme.items[step.item]
    closes = min(max(item.latest_day, late_by + programme.late_grace_days), programme.last_day)
    met_by = programme.tips_by_day if isinstance(item, Tip) else programme.resources_by_day
    return Candidate(
        step=step,
        rank=rank,
        opens=max(item.earliest_day, programme.first_day),
        due=min(closes, met_by) if late_by <= 0 else closes,
        closes=closes,
        wanted=step.day,
        after=after,
    )


def _steps_to_send(programme: Programme, role: Role, *, gone: frozenset[str]) -> tuple[list[Step], list[str]]:
    """The steps whose item is still to come, with their riders, and the riders that are stranded.

    A rider whose own step is behind or left out (a changed role, a skipped tip) joins the next tip to come, or, where
    it has an address and no tip is left, becomes a step of its own.
    """
    steps: list[Step] = []
    left_behind: list[tuple[str, Step]] = []
    for step in role.steps:
        if isinstance(programme.items[step.item], CheckIn | Message):
            continue
        riders = tuple(rider for rider in step.riders if rider not in gone)
        if step.item in gone:
            left_behind += [(rider, step) for rider in riders]
        else:
            steps.append(replace(step, riders=riders))
    stranded: list[str] = []
    for rider, behind in left_behind:
        host = next((i for i, step in enumerate(steps) if isinstance(programme.items[step.item], Tip)), None)
        if host is not None:
            steps[host] = replace(steps[host], riders=(*steps[host].riders, rider))
        elif getattr(programme.items[rider], "url", None):
            steps.append(Step(item=rider, day=behind.day, why=behind.why))
        else:
            stranded.append(rider)
    return steps, stranded


def _place_new_items(
    candidates: Sequence[Candidate], open_days: Sequence[LocalDay], taken: DaysTaken
) -> tuple[dict[date, Placed], list[Unplaced], DaysTaken]:
    """Gives each candidate a date. What finds none in time is hurried with all before it, as long as that helps."""
    latest = _latest_days(candidates, open_days, taken.copy())
    eager = [replace(c, wanted=min(c.wanted, latest.get(c.step.item, c.opens))) for c in candidates]
    best: _Attempt | None = None
    while True:
        occupied = taken.copy()
        attempt = _Attempt(eager, _place_forwards(eager, open_days, occupied), occupied)
        if best is None or attempt.shortfall < best.shortfall:
            best = attempt
        hurried = _hurried(eager, attempt.belated)
        if hurried == eager:
            return best.placed, _explain_missing(best.unplaced), best.taken
        eager = hurried


class _Attempt:
    """One pass forwards, and how far it falls short."""

    def __init__(self, candidates: Sequence[Candidate], placed: dict[date, Placed], taken: DaysTaken) -> None:
        came = {found.step.item: found.on.day for found in placed.values()}
        self.placed, self.taken = placed, taken
        self.unplaced = [c for c in candidates if c.step.item not in came]
        self.belated = {c.step.item for c in candidates if came.get(c.step.item, c.closes + 1) > c.due}
        self.shortfall = (len(self.unplaced), len(self.belated))


def _hurried(candidates: list[Candidate], belated: set[str]) -> list[Candidate]:
    """The candidates with the belated ones, and all that come before them, wanted as soon as they open; then all."""
    by_item = {c.step.item: c for c in candidates}
    hurry = set(belated)
    queue = list(belated)
    while queue:
        for before in by_item[queue.pop()].after - hurry:
            hurry.add(before)
            queue.append(before)
    if belated and all(by_item[item].wanted <= by_item[item].opens for item in hurry):
        hurry = set(by_item)
    return [replace(c, wanted=min(c.wanted, c.opens)) if c.step.item in hurry else c for c in candidates]


def _place_forwards(
    candidates: Sequence[Candidate], open_days: Sequence[LocalDay], taken: DaysTaken
) -> dict[date, Placed]:
    """Earliest due first, among those whose wanted day has come and whose prerequisites have."""
    waiting = sorted(candidates, key=lambda c: (c.due, c.rank))
    placed: dict[date, Placed] = {}
    for day in open_days:
        awaited = {c.step.item for c in waiting}
        chosen = next((c for c in waiting if _may_come(c, day.day) and not c.after & awaited), None)
        if chosen is None or not taken.has_room(day.date):
            continue
        taken.take(day.date)
        waiting.remove(chosen)
        placed[day.date] = Placed(chosen.step, day, _reason(chosen, day.day))
    return placed


def _may_come(candidate: Candidate, day: int) -> bool:
    return max(candidate.opens, candidate.wanted) <= day <= candidate.closes


def _latest_days(candidates: Sequence[Candidate], open_days: Sequence[LocalDay], taken: DaysTaken) -> dict[str, int]:
    """The latest day for each item when all come as late as their due days allow; none for one that does not fit."""
    waiting = sorted(candidates, key=lambda c: (-c.opens, -c.rank))
    needed_by = {
        item: {c.step.item for c in candidates if item in c.after} for item in (c.step.item for c in candidates)
    }
    latest: dict[str, int] = {}
    for day in reversed(open_days):
        chosen = next(
            (c for c in waiting if c.opens <= day.day <= c.due and needed_by[c.step.item] <= latest.keys()), None
        )
        if chosen is None or not taken.has_room(day.date):
            continue
        taken.take(day.date)
        waiting.remove(chosen)
        latest[chosen.step.item] = day.day
    return latest


def _reason(candidate: Candidate, day: int) -> str:
    aimed = candidate.step.day
    if day == aimed:
        return f"{candidate.step.why} On its day."
    if day < aimed:
        return f"{candidate.step.why} Aimed at day {aimed}, brought forward so that everything fits."
    return f"{candidate.step.why} Aimed at day {aimed}: the first free day since."


def _explain_missing(missing: Sequence[Candidate]) -> list[Unplaced]:
    """Why each of these did not come: what it follows did not, or its days were full. Riders go with their hosts."""
    items = {c.step.item for c in missing}
    unplaced: list[Unplaced] = []
    for c in missing:
        why = (
            f"it follows {', '.join(sorted(c.after & items))}, for which no day was left"
            if c.after & items
            else f"no free day between day {c.opens} and day {c.closes}: working days, the cap on mails in any seven "
            "days and the gap between mails leave no room"
        )
        unplaced.append(Unplaced(item=c.step.item, why=why))
        unplaced += [Unplaced(item=rider, why=f"it rides on {c.step.item}: {why}") for rider in c.step.riders]
    return unplaced
