"""The nine rules that every plan keeps, held against one plan. Shares no code with the planner.

1. A slot lies on a working day, at the leader's time, on no holiday, away or paused day, and after the enrolment.
2. Days are counted as agreed; nothing leaves outside the programme, nearer than the gap or over the weekly cap.
3. The welcome comes first, the closing summary last, the check-ins as near to their days as can be.
4. One new item a nudge, with its riders; in its window, after its prerequisites, and in order.
5. Late policies and wordings; a tip for before the start comes before it.
6. Everything comes, and in time, where a date is free for it; what does not is named with its reason.
7. What is asked was met, has rested where anything has, and is asked its next question.
8. The same plan from the same past; what was sent is not planned again, and what was planned stays.
9. Nothing is planned for the past.
"""

from collections.abc import Iterator
from datetime import datetime

from models.domain import CLOSING, Enrolment, History, Plan, Programme, Resource
from tests.plans.anchor_rules import check_anchors
from tests.plans.fitting_rules import check_nothing_is_lost
from tests.plans.ground import Ground, Room, instant_of, is_questions_alone
from tests.plans.item_rules import check_items
from tests.plans.question_rules import check_questions

VISIBLE_LINKS = 5  # in one mail, the footer's included


def broken_rules(
    programme: Programme, enrolment: Enrolment, history: History, now: datetime, plan: Plan
) -> Iterator[str]:
    """What the plan breaks, a line each: "rule 2: ...". Rule 8 needs more than one plan: see steadiness.py."""
    ground = Ground(programme=programme, enrolment=enrolment, history=history, now=now, plan=plan)
    if enrolment.stopped or CLOSING in ground.met:
        if plan != Plan():
            yield "rule 8: something is planned though nothing is to come"
        return
    yield from _check_slots(ground)
    yield from _check_days(ground)
    yield from _check_caps(ground)
    yield from _check_sizes(ground)
    yield from check_anchors(ground)
    yield from check_items(ground)
    yield from check_nothing_is_lost(ground)
    yield from check_questions(ground)
    yield from _check_ordinals(ground)


def _check_slots(ground: Ground) -> Iterator[str]:
    """Rules 1 and 9: each slot is one at which this leader's mail may leave, and not past."""
    leader = ground.enrolment.leader
    for nudge in ground.plan.nudges:
        day = nudge.local_date
        if why := ground.why_closed(day):
            yield f"rule 1: {day} is {why}"
        elif nudge.slot != instant_of(leader.time_zone, leader.send_at, day):
            yield f"rule 1: the slot of {day} is {nudge.slot}, not {leader.send_at} in {leader.time_zone}"
        if nudge.slot.utcoffset() is None or nudge.slot.utcoffset():
            yield f"rule 1: the slot of {day} is not in UTC"
        if day <= ground.enrolment.enrolled_on:
            yield f"rule 1: {day} is not after the enrolment"
        if day < ground.first_date:
            yield f"rule 9: {day} is past, and so is its send window"


def _check_days(ground: Ground) -> Iterator[str]:
    """Rule 2: days are counted as agreed, and lie inside the programme."""
    for nudge in ground.plan.nudges:
        if nudge.day != ground.day_of(nudge.local_date):
            yield f"rule 2: {nudge.local_date} is day {ground.day_of(nudge.local_date)}, not {nudge.day}"
        closing = any(item.item == CLOSING for item in nudge.items)
        last = ground.programme.closing_last_day if closing else ground.programme.last_day
        if not ground.programme.first_day <= ground.day_of(nudge.local_date) <= last:
            yield f"rule 2: {nudge.local_date} is outside the programme"


def _check_caps(ground: Ground) -> Iterator[str]:
    """Rule 2: one nudge a date, the gap, the weekly cap; dates of all nudges count, sent, in doubt and elsewhere."""
    planned = [nudge.local_date for nudge in ground.plan.nudges]
    room = Room(ground.limits, (*ground.sent_dates, *planned))
    kept_elsewhere = ground.history.reserved - {*ground.sent_dates, *ground.frame_dates}
    with_reserved = Room(ground.limits, (*ground.sent_dates, *planned, *kept_elsewhere))
    for nudge in ground.plan.nudges:
        day, counted = nudge.local_date, with_reserved if is_questions_alone(nudge) else room
        near = counted.without(day).nearest_gap_days(day)
        if near == 0:
            yield f"rule 2: {day} has more than one nudge"
        elif near is not None:
            yield f"rule 2: {day} lies {near} days from another nudge, the gap is {ground.limits.gap_days}"
        if (most := counted.most_in_seven_days(day)) > ground.limits.week_cap:
            yield f"rule 2: seven days around {day} hold {most} nudges"


def _check_sizes(ground: Ground) -> Iterator[str]:
    """Rule 2: no more prompts than the pace allows, five links, and questions alone only where the pace has them."""
    for nudge in ground.plan.nudges:
        day = nudge.local_date
        prompts = sum(item.placed == "prompt" for item in nudge.items)
        brought = [ground.programme.items[item.item] for item in nudge.items if item.placed != "prompt"]
        links = prompts + sum(isinstance(item, Resource) and item.url is not None for item in brought) + 1
        if not nudge.items:
            yield f"rule 2: the nudge of {day} is empty"
        if prompts > ground.pace.prompts:
            yield f"rule 2: the nudge of {day} asks {prompts} questions"
        if links > VISIBLE_LINKS:
            yield f"rule 2: the nudge of {day} shows {links} links"
        if nudge.items and is_questions_alone(nudge):
            if ground.pace.ask_below is None:
                yield f"rule 2: {day} brings questions alone, which the {ground.pace.name} pace does not have"
            if nudge.day < 0:
                yield f"rule 2: {day} brings questions alone before the start"


def _check_ordinals(ground: Ground) -> Iterator[str]:
    """Rule 8: nudges stand in order of time and are counted on from those sent."""
    nudges = ground.plan.nudges
    if list(nudges) != sorted(nudges, key=lambda nudge: nudge.slot):
        yield "rule 8: the nudges are not in order of time"
    first = ground.history.next_ordinal
    if [nudge.ordinal for nudge in nudges] != list(range(first, first + len(nudges))):
        yield f"rule 8: the ordinals do not count on from {first}"
