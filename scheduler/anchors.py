"""On which dates the welcome, the check-ins and the closing summary come: each as near to its day as can be."""

from datetime import date, timedelta
from itertools import zip_longest

from models.domain import WELCOME, CheckIn, Enrolment, Message, Programme, Role, Step, Unplaced
from scheduler.calendar import closed_because, day_number
from scheduler.days import LocalDay, Placed, Room, Timeline, enrolled_day, lowest_bit

ANCHOR_REACH_DAYS = 3
LEFT_OUT = "left out for this leader in the enrolment (skip)"
ENDLESS = "after the pause, which has no end yet"


def place_fixed_steps(
    programme: Programme, enrolment: Enrolment, role: Role, timeline: Timeline, room: Room, met: frozenset[str]
) -> tuple[dict[int, Placed], list[Unplaced]]:
    """Takes the dates of the welcome and of each anchor, by bit; the unplaced ones come with their reason."""
    placed: dict[int, Placed] = {}
    unplaced: list[Unplaced] = []
    after = -1
    welcomed = WELCOME in met or WELCOME not in role.item_ids
    for step, last in _fixed_steps(programme, role):
        if step.item in met:
            continue
        if reason := _why_no_anchor(enrolment, step, timeline, welcomed=welcomed):
            unplaced.append(Unplaced(item=step.item, why=reason))
            continue
        free = room.free & ((1 << (timeline.last_bit(last) + 1)) - 1) & ~((1 << (after + 1)) - 1)
        bit = _earliest(timeline, free, step.day) if step.item == WELCOME else _nearest(timeline, free, step.day)
        if bit < 0:
            why = ENDLESS if timeline.endless else f"no day is free for it by day {last}"
            unplaced.append(Unplaced(item=step.item, why=why))
            continue
        welcomed = welcomed or step.item == WELCOME
        chosen = timeline.on(bit)
        reason = _fixed_reason(enrolment, step, chosen, timeline, room)
        room.take(bit)
        placed[bit] = Placed(step, chosen, reason)
        after = bit
    return placed, unplaced


def _earliest(timeline: Timeline, free: int, day: int) -> int:
    """The first free bit on or after a day; -1 where there is none."""
    bit = timeline.first_bit(day)
    later = lowest_bit(free >> bit)
    return -1 if later < 0 else bit + later


def _nearest(timeline: Timeline, free: int, day: int) -> int:
    """The free bit nearest to a day, of two alike the later one; -1 where there is none."""
    later = _earliest(timeline, free, day)
    earlier = (free & ((1 << timeline.first_bit(day)) - 1)).bit_length() - 1
    if earlier < 0 or later < 0:
        return max(earlier, later)
    return later if timeline.numbers[later] - day <= day - timeline.numbers[earlier] else earlier


def _why_no_anchor(enrolment: Enrolment, step: Step, timeline: Timeline, *, welcomed: bool) -> str | None:
    """Why a fixed step does not come, whatever days are free; None where it may."""
    if step.item in enrolment.skip:
        return LEFT_OUT
    if timeline.endless and (not timeline.numbers or step.day > timeline.numbers[-1]):
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


def _fixed_reason(enrolment: Enrolment, step: Step, chosen: LocalDay, timeline: Timeline, room: Room) -> str:
    if step.item == WELCOME:
        return f"{step.why} The first day free for it after enrolment, from day {step.day} on."
    if chosen.day == step.day:
        return f"{step.why} On its day."
    aimed = _date_of(enrolment, step.day)
    because = closed_because(enrolment.leader, aimed) or (
        "that day is past"
        if timeline.bit_of(aimed) < timeline.first and not room.is_crowded(timeline.bit_of(aimed))
        else "the mails near it leave no room under the gap and the cap"
    )
    near = "" if abs(chosen.day - step.day) <= ANCHOR_REACH_DAYS else ", and no nearer day is free"
    return f"{step.why} Moved from day {step.day}: {because}{near}."


def _date_of(enrolment: Enrolment, day: int) -> date:
    """The local date on which a day of the programme falls, pauses counted."""
    found = enrolment.start_date + timedelta(days=day)
    while (reached := day_number(enrolment.start_date, enrolment.pauses, found)) < day:
        found += timedelta(days=day - reached)
    return found
