"""Rule 6: everything comes, and in time, where a free date is left; what does not come is named with its reason."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from models.domain import Resource
from tests.plans.ground import Ground, Room

MOST_LINKS_BROUGHT = 4  # beside the footer's, in a mail without questions


def check_nothing_is_lost(ground: Ground) -> Iterator[str]:
    yield from _check_accounts(ground)
    for item in ground.new_steps:
        if item in ground.unplaced:
            yield from _check_unplaced(ground, item)
        elif ground.date_of(item) is not None:
            yield from _check_in_time(ground, item)
    for rider in ground.host_of:
        if rider in ground.unplaced:
            yield from _check_unplaced_rider(ground, rider)


def _check_accounts(ground: Ground) -> Iterator[str]:
    """Every item of the sequence is met, planned or unplaced with a reason; just one of them."""
    planned = ground.nudge_of.keys()
    for item in ground.role.item_ids:
        ways = (item in ground.met) + (item in planned) + (item in ground.unplaced)
        if not ways:
            yield f"rule 6: {item} is lost"
        elif ways > 1 and not (item in ground.met and item in planned):  # which is rule 4
            yield f"rule 6: {item} is unplaced, though it is met or planned"
    for item, times in Counter(missing.item for missing in ground.plan.unplaced).items():
        if item not in ground.role.item_ids or times > 1:
            yield f"rule 6: {item} has no place among the unplaced, or more than one"
    for missing in ground.plan.unplaced:
        if not missing.why.strip():
            yield f"rule 6: {missing.item} is unplaced without a reason"


def _check_unplaced(ground: Ground, item: str) -> Iterator[str]:
    """What is said not to fit has no free date in its window, after its prerequisites."""
    known = ground.programme.items[item]
    if ground.is_left_out(item) or any(ground.is_stranded(before) for before in known.after):
        return
    free = [day for day in ground.free_dates if _is_in_window(ground, item, day)]
    missing = [before for before in ground.awaits(item) if ground.date_of(before) is None]
    endless = any(pause.last is None for pause in ground.enrolment.pauses)  # then that is reason enough
    if not missing:
        free = [day for day in free if ground.follows(item, day)]
        if free:
            yield f"rule 6: {item} is unplaced, though {free[0]} is free for it"
    elif free and not endless and not any(_names(ground, before, ground.unplaced[item]) for before in missing):
        yield f"rule 6: the reason of {item} does not name {' or '.join(missing)}, which found no day"


def _names(ground: Ground, item: str, why: str) -> bool:
    host = ground.host_of.get(item, item)
    return any(name in why for known in (item, host) for name in (known, ground.programme.items[known].title))


def _is_in_window(ground: Ground, item: str, day: date) -> bool:
    return ground.opens(item) <= ground.day_of(day) <= ground.closes(item)


def _check_in_time(ground: Ground, item: str) -> Iterator[str]:
    """Enrolled in time, an item comes after the day by which it should be met only where no date was free by then."""
    by, nudge = ground.by_day(item), ground.nudge_of[item]
    if by is None or ground.day_of(nudge.local_date) <= by:
        return
    if any(ground.date_of(before) is None for before in ground.awaits(item)):
        return  # rule 4 speaks of that
    room = Room(ground.limits, (*ground.sent_dates, *ground.frame_dates)).without(nudge.local_date)
    for day in ground.new_item_dates:
        in_time = ground.opens(item) <= ground.day_of(day) <= by
        if in_time and ground.follows(item, day) and room.has_room(day):
            yield f"rule 6: {item} comes on day {ground.day_of(nudge.local_date)}, though {day} by day {by} is free"
            return


def _check_unplaced_rider(ground: Ground, rider: str) -> Iterator[str]:
    """A rider whose own step is behind or left out rides on another tip, or comes alone where it has an address."""
    host = ground.host_of[rider]
    if ground.is_left_out(rider) or not (host in ground.met or ground.is_left_out(host)):
        return  # rule 4 speaks of a step that comes without its riders
    known = ground.programme.items[rider]
    linked = not isinstance(known, Resource) or known.url is not None
    for nudge in ground.plan.nudges:
        brought = [ground.programme.items[item.item] for item in nudge.items if item.placed != "prompt"]
        links = sum(isinstance(item, Resource) and item.url is not None for item in brought)
        may_host = any(
            item.placed == "new" and item.kind == "tip" and not ground.waits_for(item.item, rider)
            for item in nudge.items
        )
        if may_host and links + linked <= MOST_LINKS_BROUGHT:
            yield f"rule 6: {rider} is unplaced, though it could ride on {nudge.items[0].item}"
            return
