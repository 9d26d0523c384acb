"""On which dates the welcome, the anchors and the new items come: the frame of a plan, before any question is chosen.

Three steps. The anchors take the dates nearest to their days. A pass backwards from the end finds, for each new
item, the latest date at which everything still fits. A pass forwards then gives each new item the first free date on
which its target day or that latest date has come. Where something would not fit, targets give way and it runs again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from models.domain import CLOSING, WELCOME, Enrolment, History, Limits, Pace, PlannedNudge, Programme, Unplaced
from scheduler.anchors import ENDLESS, place_fixed_steps
from scheduler.candidates import Candidate, find_candidates
from scheduler.days import LocalDay, Placed, Room, Timeline, lay_timeline, lowest_bit

PAST = "its last day"  # how the reason of an item begins whose window has closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The dates taken and by what, the dates left for questions alone, and what could not come."""

    timeline: Timeline
    placed: Mapping[int, Placed]  # by bit, in order
    unplaced: tuple[Unplaced, ...]
    room: Room  # after the welcome and before the closing summary

    @property
    def dates(self) -> frozenset[date]:
        """The dates taken by what is placed."""
        return frozenset(placed.on.date for placed in self.placed.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a leader has come: what was met, on which dates mail went out (from other programmes, too)."""

    met: frozenset[str]
    dates: frozenset[date]
    limits: Limits | None = None  # None: those of the pace

    @classmethod
    def after(cls, history: History) -> "Standing":
        dates = frozenset(nudge.local_date for nudge in history.nudges) | history.elsewhere
        return cls(met=met_items(history), dates=dates, limits=history.limits)

    def go_on(self, nudge: PlannedNudge) -> "Standing":
        """How far it is after one more nudge."""
        met = (item.item for item in nudge.items if item.placed != "prompt")
        return replace(self, met=self.met.union(met), dates=self.dates | {nudge.local_date})


def lay_frame(programme: Programme, enrolment: Enrolment, standing: Standing, *, first: date) -> Frame:
    """The frame of all that remains from the local date `first` on."""
    role = programme.roles[enrolment.role]
    pace = pace_of(programme, enrolment)
    limits = standing.limits or Limits(week_cap=pace.week_cap, gap_days=pace.gap_days)
    timeline = lay_timeline(programme, enrolment, first=first, gap_days=limits.gap_days)
    room = Room(limits, taken=0, free=timeline.open)
    room.take_dates(timeline, standing.dates)
    anchors, missed = place_fixed_steps(programme, enrolment, role, timeline, room, standing.met)
    welcomed = WELCOME in standing.met or WELCOME not in role.item_ids
    room.free &= _between_welcome_and_closing(programme, timeline, anchors, welcomed=welcomed)
    unfit: frozenset[str] = frozenset()  # tips for which no date was left: riders that lost their own ride elsewhere
    while True:
        coming = find_candidates(programme, enrolment, standing.met, soonest=_soonest_day(timeline, room), unfit=unfit)
        placed, missing, taken = _place_new_items(coming.candidates, timeline, room)
        hosts = coming.adopted & {candidate.step.item for candidate in missing}
        if not hosts:
            break
        unfit |= hosts
    whole = {bit: anchors.get(bit) or placed[bit] for bit in sorted(anchors.keys() | placed.keys())}
    unplaced = (*missed, *coming.left_out, *_explain_missing(missing, timeline))
    return Frame(timeline=timeline, placed=whole, unplaced=unplaced, room=taken)


def pace_of(programme: Programme, enrolment: Enrolment) -> Pace:
    """The pace chosen for the leader, else the role's."""
    return programme.paces[enrolment.pace or programme.roles[enrolment.role].pace]


def met_items(history: History) -> frozenset[str]:
    """Everything that went out, as itself or as a rider."""
    return frozenset(item.item for nudge in history.nudges for item in nudge.items if item.placed != "prompt")


def _between_welcome_and_closing(
    programme: Programme, timeline: Timeline, anchors: Mapping[int, Placed], *, welcomed: bool
) -> int:
    """The bits after the welcome, before the closing summary, and up to the programme's last day."""
    bits = {placed.step.item: bit for bit, placed in anchors.items()}
    if WELCOME not in bits and not welcomed:
        return 0
    begins = bits.get(WELCOME, -1) + 1
    ends = min(bits.get(CLOSING, len(timeline.numbers)), timeline.last_bit(programme.last_day) + 1)
    return ((1 << ends) - 1) & ~((1 << begins) - 1)


def _soonest_day(timeline: Timeline, room: Room) -> int | None:
    bit = lowest_bit(room.free)
    return None if bit < 0 else timeline.numbers[bit]


# ---------------------------------------------------------------- new items


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A candidate in bits: of dates, and of the candidates that it waits for."""

    candidate: Candidate
    bit: int  # its own
    needs: int  # of its prerequisites
    opens: int
    due: int
    closes: int
    wanted: int


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One pass forwards: the date of each task that has one, and how far it falls short. All in bits."""

    dates: Mapping[int, int]  # by the task's own bit
    unplaced: int
    belated: int  # those that come after they are due, or not at all

    @property
    def shortfall(self) -> tuple[int, int]:
        return self.unplaced.bit_count(), self.belated.bit_count()


def _place_new_items(
    candidates: Sequence[Candidate], timeline: Timeline, room: Room
) -> tuple[dict[int, Placed], list[Candidate], Room]:
    """Gives each candidate a date. What finds none in time is hurried with all before it, as long as that helps."""
    tasks = _tasks(candidates, timeline)
    room = room.copy()
    early = _place_early(tasks, room)
    rest = _without(tasks, early)
    latest = _latest_bits(rest, room.copy())
    starts = {task.bit: max(task.opens, min(task.wanted, latest.get(task.bit, task.opens))) for task in rest}
    best = attempt = _place_forwards(rest, starts, room.copy())
    while attempt.belated and (sooner := _hurried(rest, starts, attempt.belated)) != starts:
        starts = sooner
        attempt = _place_forwards(rest, starts, room.copy())
        if attempt.shortfall < best.shortfall:
            best = attempt
    dates = _fill_gaps(rest, best.dates, room) if best.belated else best.dates
    placed = early | {dates[task.bit]: task for task in rest if task.bit in dates}
    for bit in dates.values():
        room.take(bit)
    missing = [task.candidate for task in rest if task.bit not in dates]
    return {bit: _placed(task.candidate, timeline.on(bit)) for bit, task in placed.items()}, missing, room


def _fill_gaps(tasks: Sequence[_Task], dates: Mapping[int, int], room: Room) -> dict[int, int]:
    """The dates, with what is late or left out on one that is free for it after all, as long as there is any."""
    filled = dict(dates)
    needed = _needed_by(tasks)
    moved = True
    while moved:
        moved = False
        for task in tasks:
            if filled.get(task.bit, task.due + 1) > task.due:
                bit = _free_for(task, tasks, filled, needed, room)
                if bit >= 0:
                    filled[task.bit] = bit
                    moved = True
    return filled


def _free_for(
    task: _Task, tasks: Sequence[_Task], dates: Mapping[int, int], needed: Mapping[int, int], room: Room
) -> int:
    """The first free date in time for a task whose own is too late, or in its window for one without; -1 for none."""
    own = dates.get(task.bit)
    before = [dates.get(other.bit) for other in tasks if other.bit & task.needs]
    if any(bit is None for bit in before):
        return -1
    after = [dates[other.bit] for other in tasks if other.bit & needed[task.bit] and other.bit in dates]
    first = max([task.opens, *(bit + 1 for bit in before if bit is not None)])
    last = min([task.closes if own is None else task.due, *(bit - 1 for bit in after)])
    others = room.copy()
    for bit, date_bit in dates.items():
        if bit != task.bit:
            others.take(date_bit)
    free = (others.free & ((1 << (last + 1)) - 1)) >> first if last >= first else 0
    return first + lowest_bit(free) if free else -1


def _tasks(candidates: Sequence[Candidate], timeline: Timeline) -> list[_Task]:
    bits = {c.step.item: 1 << n for n, c in enumerate(candidates)}
    return [
        _Task(
            candidate=c,
            bit=bits[c.step.item],
            needs=sum(bits[item] for item in c.after),
            opens=timeline.first_bit(c.opens),
            due=timeline.last_bit(c.due),
            closes=timeline.last_bit(c.closes),
            wanted=timeline.first_bit(c.wanted),
        )
        for c in candidates
    ]


def _place_early(tasks: Sequence[_Task], room: Room) -> dict[int, _Task]:
    """What is best before the start takes its date before all others: from its target on, else the last one before."""
    early: dict[int, _Task] = {}
    for task in tasks:
        if task.candidate.early and not task.needs:
            free = room.free & ((1 << (task.due + 1)) - 1) & ~((1 << task.opens) - 1)
            later = lowest_bit(free >> task.wanted)
            bit = task.wanted + later if later >= 0 else free.bit_length() - 1
            if bit >= 0:
                room.take(bit)
                early[bit] = task
    return early


def _without(tasks: Sequence[_Task], early: Mapping[int, _Task]) -> list[_Task]:
    """The other tasks; those that wait for one of these open after it."""
    rest = [task for task in tasks if task not in early.values()]
    for bit, gone in early.items():
        rest = [
            replace(task, needs=task.needs ^ gone.bit, opens=max(task.opens, bit + 1))
            if task.needs & gone.bit
            else task
            for task in rest
        ]
    return rest


def _latest_bits(tasks: Sequence[_Task], room: Room) -> dict[int, int]:
    """The latest date for each task when all come as late as their due dates allow; none for one that does not fit."""
    waiting = sorted(tasks, key=lambda task: (-task.candidate.opens, -task.candidate.rank))
    needed = _needed_by(tasks)
    awaited = sum(task.bit for task in tasks)
    latest: dict[int, int] = {}
    limit = max((task.due for task in tasks), default=-1)
    while waiting and limit >= 0:
        date_bit = (room.free & ((1 << (limit + 1)) - 1)).bit_length() - 1
        if date_bit < 0:
            break
        chosen = None
        for task in waiting:
            if task.opens <= date_bit <= task.due and not needed[task.bit] & awaited:
                chosen = task
                break
        if chosen is None:
            limit = max((t.due for t in waiting if t.due < date_bit), default=-1)
            continue
        room.take(date_bit)
        waiting.remove(chosen)
        awaited ^= chosen.bit
        latest[chosen.bit] = date_bit
        limit = date_bit - 1
    return latest


def _needed_by(tasks: Sequence[_Task]) -> dict[int, int]:
    """For each task the tasks that wait for it."""
    needed = {task.bit: 0 for task in tasks}
    for task in tasks:
        rest = task.needs
        while rest:
            first = rest & -rest
            needed[first] |= task.bit
            rest ^= first
    return needed


def _place_forwards(tasks: Sequence[_Task], starts: Mapping[int, int], room: Room) -> _Attempt:
    """Earliest due first, among those whose date to start from has come and whose prerequisites have."""
    waiting = sorted(tasks, key=lambda task: (task.candidate.due, task.candidate.rank))
    awaited = belated = sum(task.bit for task in tasks)
    dates: dict[int, int] = {}
    begins = 0
    while waiting:
        free = room.free >> begins
        if not free:
            break
        date_bit = begins + lowest_bit(free)
        chosen = None
        for task in waiting:
            if starts[task.bit] <= date_bit <= task.closes and not task.needs & awaited:
                chosen = task
                break
        if chosen is None:
            later = (starts[task.bit] for task in waiting if starts[task.bit] > date_bit)
            begins = min(later, default=room.free.bit_length())
            continue
        room.take(date_bit)
        waiting.remove(chosen)
        awaited ^= chosen.bit
        dates[chosen.bit] = date_bit
        if date_bit <= chosen.due:
            belated ^= chosen.bit
        begins = date_bit + 1
    return _Attempt(dates, unplaced=awaited, belated=belated)


def _hurried(tasks: Sequence[_Task], starts: Mapping[int, int], belated: int) -> dict[int, int]:
    """The dates to start from, the belated ones and all that come before them starting when they open; then all."""
    hurry, before = 0, belated
    while before:
        hurry |= before
        before = 0
        for task in tasks:
            if task.bit & hurry:
                before |= task.needs & ~hurry
    if all(starts[task.bit] <= task.opens for task in tasks if task.bit & hurry):
        hurry = sum(task.bit for task in tasks)
    return {task.bit: task.opens if task.bit & hurry else starts[task.bit] for task in tasks}


# ---------------------------------------------------------------- reasons


def _placed(candidate: Candidate, on: LocalDay) -> Placed:
    return Placed(candidate.step, on, _reason(candidate, on.day))


def _reason(candidate: Candidate, day: int) -> str:
    aimed, why = candidate.step.day, candidate.step.why
    if day > candidate.due:
        return f"{why} Aimed at day {aimed}, and it should have come by day {candidate.due}: no day before was free."
    if day == aimed:
        return f"{why} On its day."
    if day < aimed:
        return f"{why} Aimed at day {aimed}, brought forward so that everything fits."
    return f"{why} Aimed at day {aimed}: the first free day since."


def _explain_missing(missing: Sequence[Candidate], timeline: Timeline) -> list[Unplaced]:
    """Why each of these did not come: what it follows did not, or its days were full. Riders go with their hosts."""
    items = frozenset(c.step.item for c in missing)
    unplaced: list[Unplaced] = []
    for c in missing:
        why = _why_missing(c, timeline, missing=items)
        unplaced.append(Unplaced(item=c.step.item, why=why))
        unplaced += [Unplaced(item=rider, why=f"it rides on {c.step.item}: {why}") for rider in c.step.riders]
    return unplaced


def _why_missing(candidate: Candidate, timeline: Timeline, *, missing: frozenset[str]) -> str:
    if timeline.endless and (not timeline.numbers or candidate.closes > timeline.numbers[-1]):
        return ENDLESS
    if before := sorted(candidate.after & missing):
        return f"it follows {', '.join(before)}, for which no day was left"
    if timeline.last_bit(candidate.closes) < timeline.first:
        return f"{PAST}, {candidate.closes}, is past"
    return (
        f"no free day between day {candidate.opens} and day {candidate.closes}: working days, the cap on mails in any "
        "seven days and the gap between mails leave no room"
    )
