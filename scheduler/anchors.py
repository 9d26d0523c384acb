"""On which dates the welcome, the check-ins and the closing summary come: each as near to its day as can be."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest

from models.domain import WELCOME, CheckIn, Enrolment, Message, Programme, Role, Step, Unplaced
from scheduler.calendar import closed_because, day_number
from scheduler.days import DaysTaken, LocalDay, Placed, enrolled_day

ANCHOR_REACH_DAYS = 3
LEFT_OUT = "left out for this leader in the enrolment (skip)"
ENDLESS = "after the pause, which has no end yet"


def place_fixed_steps(
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
