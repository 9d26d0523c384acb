"""What a leader's week leaves no room for, enrolled as early as can be: known from config alone. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from models.domain import Enrolment, History, Programme, RosterEntry, Tip, Unplaced
from scheduler.anchors import LEFT_OUT
from scheduler.planning import frame_ahead


def find_misfits(programme: Programme, entry: RosterEntry) -> tuple[Unplaced, ...]:
    """The items that find no day, or none in time, whenever HR enrols the leader, and why."""
    enrolled_on = entry.start_date + timedelta(days=programme.first_day - 1)
    enrolment = Enrolment(
        id=0,
        leader=entry.leader,
        programme=programme.id,
        role=entry.role,
        start_date=entry.start_date,
        enrolled_on=enrolled_on,
        cohort="",
        pace=entry.pace,
        skip=entry.skip,
    )
    frame = frame_ahead(programme, enrolment, History(), datetime.combine(enrolled_on, time(12), tzinfo=UTC))
    if frame is None:
        return ()
    missing = (unplaced for unplaced in frame.unplaced if unplaced.why != LEFT_OUT)
    return (*missing, *_find_late(programme, [(placed.step.item, placed.on.day) for placed in frame.placed.values()]))


def _find_late(programme: Programme, days: list[tuple[str, int]]) -> Iterator[Unplaced]:
    for item, day in days:
        known = programme.items[item]
        by = programme.tips_by_day if isinstance(known, Tip) else programme.resources_by_day
        if known.kind in ("tip", "resource") and day > by:
            yield Unplaced(item=item, why=f"it comes on day {day} at the earliest, after day {by}")
