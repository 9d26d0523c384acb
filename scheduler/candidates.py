"""Which new items are still to come to a leader: each with its window, the day it is due, and what it waits for."""

from collections.abc import Collection
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


def find_candidates(
    programme: Programme, enrolment: Enrolment, role: Role, met: Collection[str], *, soonest: int | None
) -> tuple[list[Candidate], list[Unplaced]]:
    """The new items still to come, and those that do not: left out by policy or HR, or with no tip to ride on.

    `soonest` is the first day on which a new item could come; None where there is none.
    """
    late_by = enrolled_day(enrolment)
    left_out = {
        item: why
        for item in role.item_ids
        if item not in met and (why := _why_left_out(enrolment, programme.items[item], late_by=late_by))
    }
    steps, stranded = _steps_to_send(programme, role, gone={*met, *left_out})
    came_with = {rider: step.item for step in steps for rider in step.riders}
    to_come = {step.item for step in steps}
    candidates: list[Candidate] = []
    for rank, step in enumerate(steps):
        needs = {came_with.get(item, item) for item in programme.items[step.item].after}
        after = frozenset((needs & to_come) - {step.item})
        candidates.append(_candidate(programme, step, rank=rank, late_by=late_by, after=after, soonest=soonest))
    missing = left_out | dict.fromkeys(stranded, "it rides on a tip, and none is left to come")
    return _hasten_prerequisites(candidates), [Unplaced(item=item, why=why) for item, why in missing.items()]


def _why_left_out(enrolment: Enrolment, item: Item, *, late_by: int) -> str | None:
    if isinstance(item, CheckIn | Message):  # the anchors see to these
        return None
    if item.id in enrolment.skip:
        return LEFT_OUT
    if item.when_late == "skip" and late_by > item.latest_day:
        return f"enrolled on day {late_by}, after its last day {item.latest_day}, and it is not sent late"
    return None


def _steps_to_send(programme: Programme, role: Role, *, gone: Collection[str]) -> tuple[list[Step], list[str]]:
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
            steps.append(step if riders == step.riders else replace(step, riders=riders))
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


def _candidate(
    programme: Programme, step: Step, *, rank: int, late_by: int, after: frozenset[str], soonest: int | None
) -> Candidate:
    item = programme.items[step.item]
    closes = min(max(item.latest_day, late_by + programme.late_grace_days), programme.last_day)
    met_by = programme.tips_by_day if isinstance(item, Tip) else programme.resources_by_day
    due = min(closes, met_by) if late_by <= 0 else closes
    wanted = step.day
    if isinstance(item, Tip) and item.before_start and soonest is not None:
        due = min(due, max(-1, soonest))  # before day one, or else within the first days
        wanted = min(wanted, due)
    return Candidate(
        step=step,
        rank=rank,
        opens=max(item.earliest_day, programme.first_day),
        due=due,
        closes=closes,
        wanted=wanted,
        after=after,
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
