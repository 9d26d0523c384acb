"""Rules 4 and 5: which new items come, with what, when and in which order; and what becomes of them when it is late."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from models.domain import CheckIn, Message, PlannedItem, PlannedNudge, Resource, Tip
from tests.plans.ground import Ground, Room


def check_items(ground: Ground) -> Iterator[str]:
    yield from _check_whose(ground)
    for nudge in ground.plan.nudges:
        yield from _check_nudge(ground, nudge)
        for item in nudge.items:
            if item.placed == "new":
                yield from _check_window(ground, nudge, item.item)
                yield from _check_riders(ground, nudge, item.item)
            yield from _check_wording(ground, nudge, item)
    yield from _check_order(ground)
    for item in ground.new_steps:
        yield from _check_before_start(ground, item)


# ---------------------------------------------------------------- rule 4


def _check_whose(ground: Ground) -> Iterator[str]:
    """Each item once, over history and plan; only the sequence's own, and none that is left out."""
    came = Counter(item.item for nudge in ground.plan.nudges for item in nudge.items if item.placed != "prompt")
    for item, times in came.items():
        if times > 1 or item in ground.met:
            yield f"rule 4: {item} comes again"
        if item not in ground.role.item_ids:
            yield f"rule 4: {item} is not in the sequence of {ground.role.id}"
        elif ground.is_left_out(item):
            rule = "rule 4" if item in ground.enrolment.skip else "rule 5"
            yield f"{rule}: {item} is planned, though it is left out"


def _check_nudge(ground: Ground, nudge: PlannedNudge) -> Iterator[str]:
    leading = [item.item for item in nudge.items if item.placed in ("new", "check-in", "message")]
    if len(leading) > 1:
        yield f"rule 4: {nudge.local_date} brings {' and '.join(leading)}"
    for item in nudge.items:
        known = ground.programme.items.get(item.item)
        if known is None:
            continue  # rule 7 speaks of what the programme does not know
        expected = (known.kind,) if isinstance(known, CheckIn | Message) else ("new", "with", "prompt")
        if item.placed not in expected or item.kind != known.kind:
            yield f"rule 4: {item.item}, a {known.kind}, is placed as {item.kind} and {item.placed}"
        if item.placed == "new" and isinstance(known, Resource) and known.url is None:
            yield f"rule 4: {item.item} has no address and comes alone"
        if item.placed == "with" and not any(other.placed == "new" for other in nudge.items):
            yield f"rule 4: {item.item} rides on nothing"


def _check_window(ground: Ground, nudge: PlannedNudge, item: str) -> Iterator[str]:
    day = ground.day_of(nudge.local_date)
    if not ground.opens(item) <= day <= ground.closes(item):
        yield f"rule 4: {item} comes on day {day}, outside {ground.opens(item)} to {ground.closes(item)}"
    for before in ground.awaits(item):
        on = ground.date_of(before)
        if on is None or on >= nudge.local_date:
            yield f"rule 4: {item} comes on {nudge.local_date}, not after {before}"


def _check_riders(ground: Ground, nudge: PlannedNudge, host: str) -> Iterator[str]:
    riding = {item.item for item in nudge.items if item.placed == "with"}
    step = ground.new_steps.get(host)
    if step is None:
        if host in ground.host_of and not _has_lost_host(ground, host):
            yield f"rule 4: {host} comes alone, though it rides on {ground.host_of[host]}"
        return
    for rider in step.riders:
        if rider not in riding | ground.met and not ground.is_left_out(rider):
            yield f"rule 4: {host} comes without {rider}"
    for rider in riding - set(step.riders):
        if not _has_lost_host(ground, rider):
            yield f"rule 4: {rider} rides on {host}, not in its own place"
        elif ground.programme.items[host].kind != "tip":
            yield f"rule 4: {rider} rides on {host}, which is no tip"


def _has_lost_host(ground: Ground, rider: str) -> bool:
    """Whether a rider's own step is behind, left out, or found no day, so that it may ride elsewhere."""
    host = ground.host_of.get(rider)
    return host is not None and (host in ground.met or ground.is_left_out(host) or host in ground.unplaced)


def _check_order(ground: Ground) -> Iterator[str]:
    """Of two items that could change places, the one whose window closes first comes first, then the sequence's."""
    due, rank = _due_days(ground), {item: place for place, item in enumerate(ground.new_steps)}
    placed = [(item, on) for item in due if (on := ground.date_of(item))]
    for earlier, on in placed:
        for later, its_date in placed:
            if on >= its_date or not _must_go_first(ground, due, rank, later, earlier):
                continue
            if _could_come(ground, later, on) and _could_wait(ground, earlier, its_date):
                yield f"rule 4: {earlier} comes before {later}, whose window closes first"


def _must_go_first(ground: Ground, due: dict[str, int], rank: dict[str, int], first: str, second: str) -> bool:
    if _is_for_before_start(ground, second):
        return False  # it goes before anything that may come later as well: rule 5
    closes = (ground.closes(first), rank[first]) < (ground.closes(second), rank[second])
    return closes and (due[first], rank[first]) < (due[second], rank[second])


def _is_for_before_start(ground: Ground, item: str) -> bool:
    known = ground.programme.items[item]
    return isinstance(known, Tip) and known.before_start


def _due_days(ground: Ground) -> dict[str, int]:
    """By which day each item should be met, so that it and all that follows it come in time."""
    to_come = [item for item in ground.new_steps if item not in ground.met and not ground.is_left_out(item)]
    due = {item: _own_due_day(ground, item) for item in to_come}
    for _ in to_come:
        for item in to_come:
            for before in ground.awaits(item):
                host = _brought_by(ground, before)
                if host in due and host != item:
                    due[host] = min(due[host], due[item] - 1)
    return due


def _brought_by(ground: Ground, item: str) -> str:
    """The new item of the nudge that brings this one, itself or along."""
    nudge = ground.nudge_of.get(item)
    leading = (other.item for other in nudge.items if other.placed == "new") if nudge else iter(())
    return next(leading, ground.host_of.get(item, item))


def _own_due_day(ground: Ground, item: str) -> int:
    by = ground.by_day(item)
    if _is_for_before_start(ground, item):
        return -1  # or else within the first days: rule 5
    return ground.closes(item) if by is None else min(ground.closes(item), by)


def _could_come(ground: Ground, item: str, day: date) -> bool:
    """Whether an item that comes later was open, wanted and awaited nothing on that date."""
    number = ground.day_of(day)
    wanted = max(ground.opens(item), ground.new_steps[item].day)
    return wanted <= number <= ground.closes(item) and ground.follows(item, day)


def _could_wait(ground: Ground, item: str, day: date) -> bool:
    """Whether an item could come on that later date with nothing lost: its window, its day to be met, its followers."""
    number, planned = ground.day_of(day), ground.day_of(ground.nudge_of[item].local_date)
    by = ground.by_day(item)
    if number > ground.closes(item) or (by is not None and planned <= by < number):
        return False
    if _is_for_before_start(ground, item) and planned < 0 <= number:
        return False
    brought = {brought.item for brought in ground.nudge_of[item].items}
    followers = (f for f, on in ((f, ground.date_of(f)) for f in ground.new_steps) if on and on <= day and f != item)
    return not any(brought & set(ground.awaits(follower)) for follower in followers)


# ---------------------------------------------------------------- rule 5


def _check_wording(ground: Ground, nudge: PlannedNudge, item: PlannedItem) -> Iterator[str]:
    known = ground.programme.items.get(item.item)
    late = False
    if known is not None and item.placed == "new" and known.when_late == "late_wording":
        day = ground.day_of(nudge.local_date)
        late = day > known.latest_day or (isinstance(known, Tip) and known.before_start and day >= 0)
    if item.late != late:
        yield f"rule 5: {item.item} on {nudge.local_date} is {'not ' if late else ''}in its late wording"


def _check_before_start(ground: Ground, item: str) -> Iterator[str]:
    """A tip for before the start comes before it, unless every date there is shut, full or kept for what it awaits."""
    on = ground.date_of(item)
    if not _is_for_before_start(ground, item) or on is None or ground.day_of(on) < 0:
        return
    if any(ground.date_of(before) is None for before in ground.awaits(item)):
        return  # rule 4 speaks of that
    room = Room(ground.limits, (*ground.sent_dates, *ground.frame_dates)).without(on)
    taken = set(_dates_that_give_way(ground, item))
    for day in ground.new_item_dates:
        if not ground.opens(item) <= ground.day_of(day) < 0 or not ground.follows(item, day):
            continue
        if day in taken or room.has_room(day):
            yield f"rule 5: {item} comes on day {ground.day_of(on)}, though {day} before the start could be its own"
            return


def _dates_that_give_way(ground: Ground, tip: str) -> Iterator[date]:
    """Dates of the new items that a tip for before the start goes before: all but those that must come there too."""
    due, needed = _due_days(ground), {tip, *_all_before(ground, tip)}
    for nudge in ground.plan.nudges:
        brought = {item.item for item in nudge.items if item.placed in ("new", "with")}
        if brought and not brought & needed and all(due.get(item, 0) >= 0 for item in brought):
            yield nudge.local_date


def _all_before(ground: Ground, item: str) -> set[str]:
    """Everything an item awaits, and what that awaits."""
    found: set[str] = set()
    queue = [item]
    while queue:
        new = set(ground.awaits(queue.pop())) - found
        found |= new
        queue += new
    return found
