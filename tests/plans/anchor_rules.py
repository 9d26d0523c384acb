"""Rule 3: the welcome comes first; check-ins and the closing summary stand as near to their days as can be."""

from collections.abc import Iterator, Sequence
from datetime import date

from models.domain import CLOSING, WELCOME, Step
from tests.plans.ground import Ground, Room

NEAR_DAYS = 3


def check_anchors(ground: Ground) -> Iterator[str]:
    yield from _check_welcome(ground)
    yield from _check_closing(ground)
    for step in ground.anchor_steps:
        if step.item not in ground.met:
            yield from _check_anchor(ground, step)


def _check_welcome(ground: Ground) -> Iterator[str]:
    step = next((step for step in ground.role.steps if step.item == WELCOME), None)
    if step is None or WELCOME in ground.met:
        return
    nudges = ground.plan.nudges
    on = ground.date_of(WELCOME)
    if on is None:
        if nudges:
            yield f"rule 3: {nudges[0].local_date} comes without a welcome"
        if step.item not in ground.enrolment.skip and not _is_behind_endless_pause(ground, step):
            yield from _name_nearer(ground, step, welcome_dates(ground, step))
        return
    if on != min(nudge.local_date for nudge in nudges):
        yield f"rule 3: {min(nudge.local_date for nudge in nudges)} comes before the welcome"
    yield from _name_nearer(ground, step, [day for day in welcome_dates(ground, step) if day < on])


def welcome_dates(ground: Ground, step: Step) -> list[date]:
    """The dates on which the welcome could come, whatever else is planned."""
    room = Room(ground.limits, ground.sent_dates)
    last = ground.programme.last_day
    return [day for day in ground.open_dates if step.day <= ground.day_of(day) <= last and room.has_room(day)]


def _check_closing(ground: Ground) -> Iterator[str]:
    on = ground.date_of(CLOSING)
    for nudge in ground.plan.nudges:
        if on is not None and nudge.local_date > on:
            yield f"rule 3: {nudge.local_date} comes after the closing summary"


def _check_anchor(ground: Ground, step: Step) -> Iterator[str]:
    on = ground.date_of(step.item)
    if step.day < ground.enrolled_day:
        if on is not None:
            yield f"rule 3: {step.item} is planned for {on}, though day {step.day} was past at enrolment"
        return
    possible = anchor_dates(ground, step)
    if on is None:
        if step.item not in ground.enrolment.skip and not _is_behind_endless_pause(ground, step):
            yield from _name_nearer(ground, step, possible)
        return
    if step.item in ground.enrolment.skip:
        yield f"rule 3: {step.item} is planned, though it is left out"
    if on not in possible:
        yield f"rule 3: {step.item} is planned for {on}, out of order or against the caps"
    away = abs(ground.day_of(on) - step.day)
    yield from _name_nearer(ground, step, [day for day in possible if abs(ground.day_of(day) - step.day) < away])


def anchor_dates(ground: Ground, step: Step) -> list[date]:
    """The dates on which an anchor could stand: after the welcome, in its order among those still to come, and as the
    caps allow beside what was sent, the welcome and the other anchors."""
    if WELCOME in ground.role.item_ids and WELCOME not in ground.met and WELCOME not in ground.anchor_dates:
        return []
    others = {item: on for item, on in ground.anchor_dates.items() if item != step.item}
    order = [anchor.item for anchor in ground.anchor_steps]
    place = order.index(step.item)
    before = [WELCOME, *order[:place]]
    not_before = max((others[item] for item in before if item in others), default=date.min)
    not_after = min((others[item] for item in order[place + 1 :] if item in others), default=date.max)
    last = ground.programme.closing_last_day if step.item == CLOSING else ground.programme.last_day
    if step.item != order[-1]:  # the next one's day ends its time, whatever becomes of the next one
        last = min(last, ground.anchor_steps[place + 1].day - 1)
    room = Room(ground.limits, (*ground.sent_dates, *others.values()))
    return [
        day
        for day in ground.open_dates
        if not_before < day < not_after and ground.day_of(day) <= last and room.has_room(day)
    ]


def _name_nearer(ground: Ground, step: Step, dates: Sequence[date]) -> Iterator[str]:
    """That one of these dates should have been taken; the nearest of them."""
    if not dates:
        return
    nearest = min(dates, key=lambda day: abs(ground.day_of(day) - step.day))
    day, on = ground.day_of(nearest), ground.date_of(step.item)
    planned = f"is planned for day {ground.day_of(on)}" if on else "is not planned"
    within = f", within {NEAR_DAYS} days of its own" if abs(day - step.day) <= NEAR_DAYS else ""
    yield f"rule 3: {step.item} (day {step.day}) {planned}, though day {day} ({nearest}) is free for it{within}"


def _is_behind_endless_pause(ground: Ground, step: Step) -> bool:
    """Whether its day is never reached, because the count of days stands still from some date on."""
    endless = [pause.first for pause in ground.enrolment.pauses if pause.last is None]
    return bool(endless) and step.day > ground.day_of(min(endless))
