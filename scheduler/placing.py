"""On which dates the welcome, the anchors and the new items come: the frame of a plan, before any question is chosen.

Three steps. The anchors take the dates nearest to their days. A pass backwards from the end finds, for each new
item, the latest date at which everything still fits. A pass forwards then gives each new item the first free date on
which its target day or that latest date has come. Where something would not fit, targets give way and it runs again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from models.domain import (
    CLOSING,
    WELCOME,
    CheckIn,
    Enrolment,
    History,
    Item,
    Message,
    Programme,
    Role,
    Step,
    Tip,
    Unplaced,
)
from scheduler.anchors import LEFT_OUT, place_fixed_steps
from scheduler.days import DaysTaken, LocalDay, Placed, enrolled_day, timeline


@dataclass(frozen=True, slots=True)
class Frame:
    """The dates taken and by what, the days on which a nudge may leave, and what could not come."""

    open_days: tuple[LocalDay, ...]  # from the welcome to the closing summary, taken or not
    placed: Mapping[date, Placed]
    unplaced: tuple[Unplaced, ...]
    taken: DaysTaken


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
    anchors, missed = place_fixed_steps(programme, enrolment, role, days, taken, met)
    unwelcomed = date.max if WELCOME in role.item_ids and WELCOME not in met else date.min
    begins = next((on for on, placed in anchors.items() if placed.step.item == WELCOME), unwelcomed)
    ends = next((on for on, placed in anchors.items() if placed.step.item == CLOSING), date.max)
    open_days = [
        day for day in days if day.closed is None and begins < day.date < ends and day.day <= programme.last_day
    ]
    candidates, skipped = find_candidates(programme, enrolment, role, met)
    placed, unplaced, taken = _place_new_items(candidates, open_days, taken)
    return Frame(tuple(open_days), dict(sorted((anchors | placed).items())), (*missed, *skipped, *unplaced), taken)


def met_items(history: History) -> frozenset[str]:
    """Everything that went out, as itself or as a rider."""
    return frozenset(item.item for nudge in history.nudges for item in nudge.items if item.placed != "prompt")


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
