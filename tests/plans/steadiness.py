"""Rule 8: the same plan from the same past, in whatever order it is told; and what was planned stays so later on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from models.domain import Enrolment, History, Plan, PlannedNudge, Programme, SentItem, SentNudge

Planner = Callable[[Programme, Enrolment, History, datetime], Plan]
NextNudge = Callable[[Programme, Enrolment, History, datetime], PlannedNudge | None]
Word = TypeVar("Word")


def unsteady(
    plan_ahead: Planner,
    next_nudge: NextNudge,
    programme: Programme,
    enrolment: Enrolment,
    history: History,
    now: datetime,
    plan: Plan,
) -> Iterator[str]:
    """Where planning again gives something else than the plan made from these inputs."""
    if next_nudge(programme, enrolment, history, now) != next(iter(plan.nudges), None):
        yield "rule 8: the next nudge is not the plan's first"
    told = replace(history, nudges=history.nudges[::-1])
    if plan_ahead(_in_another_order(programme), _with_spans_in_another_order(enrolment), told, now) != plan:
        yield "rule 8: planning again, told in another order, gives another plan"
    if plan.nudges:
        yield from _name_changes(plan, plan_ahead(programme, enrolment, _sent(history, plan), plan.nudges[0].slot))


def _in_another_order(programme: Programme) -> Programme:
    return replace(
        programme, items=_turned(programme.items), roles=_turned(programme.roles), paces=_turned(programme.paces)
    )


def _turned(words: Mapping[str, Word]) -> Mapping[str, Word]:
    return dict(list(words.items())[::-1])


def _with_spans_in_another_order(enrolment: Enrolment) -> Enrolment:
    leader = replace(enrolment.leader, away=enrolment.leader.away[::-1])
    return replace(enrolment, leader=leader, pauses=enrolment.pauses[::-1], skip=enrolment.skip[::-1])


def _sent(history: History, plan: Plan) -> History:
    """The history after the plan's first nudge went out in its slot, unanswered and not tracked."""
    nudge = plan.nudges[0]
    items = tuple(
        SentItem(item=item.item, kind=item.kind, placed=item.placed, question=item.question) for item in nudge.items
    )
    sent = SentNudge(ordinal=nudge.ordinal, at=nudge.slot, local_date=nudge.local_date, items=items)
    return replace(history, nudges=(*history.nudges, sent), next_ordinal=nudge.ordinal + 1)


def _name_changes(plan: Plan, later: Plan) -> Iterator[str]:
    """What is planned otherwise once the first nudge went out as planned."""
    for before, after in zip(plan.nudges[1:], later.nudges, strict=False):
        if before != after:
            yield f"rule 8: after the first nudge {before.local_date} {_items(before)} becomes {_items(after)}"
            return
    if len(later.nudges) != len(plan.nudges) - 1:
        yield f"rule 8: after the first nudge {len(later.nudges)} nudges are left, not {len(plan.nudges) - 1}"
    if later.nudges and {u.item for u in later.unplaced} != {u.item for u in plan.unplaced}:
        yield "rule 8: after the first nudge other items are unplaced"


def _items(nudge: PlannedNudge) -> str:
    return f"{nudge.local_date}: " + ", ".join(f"{item.item} ({item.placed})" for item in nudge.items)
