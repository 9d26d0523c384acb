"""Which new items are still to come to a leader: each with its window, the day it is due, and what it waits for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from models.domain import CheckIn, Enrolment, Item, Message, Programme, Role, Step, Tip, Unplaced
from scheduler.anchors import LEFT_OUT
from scheduler.days import enrolled_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A new item that is still to come. Days are programme days, both ends included."""

    step: Step
    rank: int  # place in the sequence
    opens: int
    due: int  # the day by which it should be met
    closes: int  # the day after which it must not come
    wanted: int  # the day aimed at
    after: frozenset[str] = frozenset()  # prerequisites still to come
    early: bool = False  # best before the start, and there is still time for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The new items still to come, those that do not, and the tips that took in a rider from elsewhere."""

    candidates: list[Candidate]
    left_out: list[Unplaced]  # by policy or HR, or with no tip to ride on
    adopted: frozenset[str]


def find_candidates(
    programme: Programme,
    enrolment: Enrolment,
    met: Collection[str],
    *,
    soonest: int | None,
    unfit: Collection[str] = (),
) -> Coming:
    """What is still to come. `soonest` is the first day on which a new item could; None where there is none.

    `unfit` are tips on which nothing but their own riders may ride.
    """
    role = programme.roles[enrolment.role]
    late_by = enrolled_day(enrolment)
    left_out = {
        item: why
        for item in role.item_ids
        if item not in met and (why := _why_left_out(enrolment, programme.items[item], late_by=late_by))
    }
    steps, orphans = _steps_to_send(programme, role, gone={*met, *left_out})
    hosts = _take_in(programme, steps, orphans, unfit=unfit)
    stranded = [rider for rider in orphans if rider not in hosts]
    came_with = {rider: step.item for step in steps for rider in step.riders}
    to_come = {step.item for step in steps}
    candidates: list[Candidate] = []
    for rank, step in enumerate(steps):
        needs = {came_with.get(item, item) for item in programme.items[step.item].after}
        after = frozenset((needs & to_come) - {step.item})
        candidates.append(_candidate(programme, step, rank=rank, late_by=late_by, after=after, soonest=soonest))
    missing = left_out | dict.fromkeys(stranded, "it rides on a tip, and none is left to come")
    return Coming(
        candidates=_hasten_prerequisites(candidates),
        left_out=[Unplaced(item=item, why=why) for item, why in missing.items()],
        adopted=frozenset(host for rider, host in hosts.items() if host != rider),
    )


def _why_left_out(enrolment: Enrolment, item: Item, *, late_by: int) -> str | None:
    if isinstance(item, CheckIn | Message):  # the anchors see to these
        return None
    if item.id in enrolment.skip:
        return LEFT_OUT
    if item.when_late == "skip" and late_by > item.latest_day:
        return f"enrolled on day {late_by}, after its last day {item.latest_day}, and it is not sent late"
    return None


def _steps_to_send(programme: Programme, role: Role, *, gone: Collection[str]) -> tuple[list[Step], dict[str, Step]]:
    """The steps whose item is still to come, with their riders, and riders whose own step is behind or left out."""
    steps: list[Step] = []
    orphans: dict[str, Step] = {}
    for step in role.steps:
        if isinstance(programme.items[step.item], CheckIn | Message):
            continue
        riders = tuple(rider for rider in step.riders if rider not in gone)
        if step.item in gone:
            orphans |= dict.fromkeys(riders, step)
        else:
            steps.append(step if riders == step.riders else replace(step, riders=riders))
    return steps, orphans


def _take_in(
    programme: Programme, steps: list[Step], orphans: Mapping[str, Step], *, unfit: Collection[str]
) -> dict[str, str]:
    """Lets each orphan ride on the first tip that does not wait for it, or, where none is left and it has an address,
    come as a step of its own; gives what each rides on."""
    hosts: dict[str, str] = {}
    for rider, behind in orphans.items():
        place = next((n for n, step in enumerate(steps) if _can_host(programme, step, rider, unfit=unfit)), None)
        if place is not None:
            steps[place] = replace(steps[place], riders=(*steps[place].riders, rider))
            hosts[rider] = steps[place].item
        elif getattr(programme.items[rider], "url", None):
            steps.append(Step(item=rider, day=behind.day, why=behind.why))
            hosts[rider] = rider
    return hosts


def _can_host(programme: Programme, step: Step, rider: str, *, unfit: Collection[str]) -> bool:
    if step.item in unfit or not isinstance(programme.items[step.item], Tip):
        return False
    waits_for, queue = set[str](), [step.item]
    while queue:
        found = set(programme.items[queue.pop()].after) - waits_for
        waits_for |= found
        queue += found & programme.items.keys()
    return rider not in waits_for


def _candidate(
    programme: Programme, step: Step, *, rank: int, late_by: int, after: frozenset[str], soonest: int | None
) -> Candidate:
    item = programme.items[step.item]
    closes = min(max(item.latest_day, late_by + programme.late_grace_days), programme.last_day)
    met_by = programme.tips_by_day if isinstance(item, Tip) else programme.resources_by_day
    due = min(closes, met_by) if late_by <= 0 else closes
    wanted = step.day
    early = False
    if isinstance(item, Tip) and item.before_start and soonest is not None:
        due = min(due, max(-1, soonest))  # before day one, or else within the first days
        wanted = min(wanted, due)
        early = due < 0
    return Candidate(
        step=step,
        rank=rank,
        opens=max(item.earliest_day, programme.first_day),
        due=due,
        closes=closes,
        wanted=wanted,
        after=after,
        early=early,
    )


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
    return [c if c.due == due[c.step.item] else replace(c, due=due[c.step.item]) for c in candidates]
