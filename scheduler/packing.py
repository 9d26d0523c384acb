"""New items packed into the dates that are left: each in its window, after what it follows, and in time if it can be.

What is best before the start takes its date first. A pass backwards from the end finds, for each other item, the latest
date at which everything still fits. A pass forwards then gives each the first free date on which its target day or that
latest date has come. What would be late or left out is hurried, with all before it, and it runs again; at last whatever
is late still takes a date that is free for it after all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scheduler.candidates import Candidate
from scheduler.days import Room, Timeline, lowest_bit

LET_GO_AT_MOST = 3  # items: each round packs the others once for each that could go


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

    dates: dict[int, int]  # by the task's own bit
    unplaced: int
    belated: int  # those that come after they are due, or not at all

    @property
    def shortfall(self) -> tuple[int, int]:
        return self.unplaced.bit_count(), self.belated.bit_count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Which candidate comes on which date, by the date's bit; those for which none was left; the room that remains."""

    placed: Mapping[int, Candidate]
    missing: tuple[Candidate, ...]
    room: Room


def pack(candidates: Sequence[Candidate], timeline: Timeline, room: Room) -> Packed:
    """Gives each candidate a date. What finds none in time is hurried with all before it, as long as that helps."""
    tasks = _tasks(candidates, timeline)
    room = room.copy()
    early = _place_early(tasks, room)
    rest = _without(tasks, early)
    dates = _let_go(rest, _arrange(rest, room), room)
    for bit in dates.values():
        room.take(bit)
    placed = {bit: task.candidate for bit, task in early.items()}
    placed |= {dates[task.bit]: task.candidate for task in rest if task.bit in dates}
    missing = tuple(task.candidate for task in rest if task.bit not in dates)
    return Packed(placed=placed, missing=missing, room=room)


def _arrange(tasks: Sequence[_Task], room: Room) -> dict[int, int]:
    """A date for each task that finds one, by the task's own bit: the best of the passes, and its gaps filled."""
    latest = _latest_bits(tasks, room.copy())
    starts = {task.bit: max(task.opens, min(task.wanted, latest.get(task.bit, task.opens))) for task in tasks}
    best = attempt = _place_forwards(tasks, starts, room.copy())
    while attempt.belated and (sooner := _hurried(tasks, starts, attempt.belated)) != starts:
        starts = sooner
        attempt = _place_forwards(tasks, starts, room.copy())
        if attempt.shortfall < best.shortfall:
            best = attempt
    return _in_order(tasks, _fill_gaps(tasks, best.dates, room)) if best.belated else best.dates


def _in_order(tasks: Sequence[_Task], dates: dict[int, int]) -> dict[int, int]:
    """The same dates with the tasks in their order, earliest due first; as they were where that would not fit or make
    more of them late."""
    by_bit = {task.bit: task for task in tasks}
    waiting = sorted((by_bit[bit] for bit in dates), key=lambda task: (task.candidate.due, task.candidate.rank))
    awaited = sum(task.bit for task in tasks)
    ordered: dict[int, int] = {}
    for date_bit in sorted(dates.values()):
        fitting = (t for t in waiting if t.opens <= date_bit <= t.closes and not t.needs & awaited)
        chosen = next(fitting, None)
        if chosen is None:
            return dates
        waiting.remove(chosen)
        awaited ^= chosen.bit
        ordered[chosen.bit] = date_bit
    late = sum(date_bit > by_bit[bit].due for bit, date_bit in dates.items())
    return ordered if sum(date_bit > by_bit[bit].due for bit, date_bit in ordered.items()) <= late else dates


def _let_go(tasks: Sequence[_Task], dates: dict[int, int], room: Room) -> dict[int, int]:
    """The dates, where something must give, so that what goes is what nothing waits for: it takes nothing along."""
    needed = _needed_by(tasks)
    kept = list(tasks)
    for _ in range(LET_GO_AT_MOST):
        if not any(task.bit not in dates and _any_missing(needed[task.bit], dates) for task in kept):
            break
        leaves = [task for task in kept if task.bit in dates and not needed[task.bit]]
        trials = [[task for task in kept if task is not leaf] for leaf in leaves]
        best = max(trials, key=lambda trial: len(_arrange(trial, room)), default=kept)
        found = _arrange(best, room)
        if len(found) <= len(dates):
            break
        kept, dates = best, found
    return dates if len(kept) == len(tasks) else _in_order(tasks, _fill_gaps(tasks, dates, room))


def _any_missing(bits: int, dates: Mapping[int, int]) -> bool:
    while bits:
        if bits & -bits not in dates:
            return True
        bits &= bits - 1
    return False


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
