"""What a change does to a plan: the dates that stay, those that move, what drops out and what is new. Pure."""

from dataclasses import dataclass
from datetime import date

from models.domain import Plan

LEFT_THE_SEQUENCE = "the role's sequence does not hold it"


@dataclass(frozen=True, slots=True)
class Moved:
    """An item that keeps its place in the plan, on another date."""

    item: str
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Dropped:
    """An item that was to come and is not any more, and why."""

    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Added:
    """An item that comes now, and when."""

    item: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """Two plans of one enrolment compared, item by item; questions are chosen on the day and do not count.

    `sent` is how many nudges have gone out already: nothing changes them.
    """

    sent: int
    kept: tuple[str, ...]
    moved: tuple[Moved, ...]
    dropped: tuple[Dropped, ...]
    added: tuple[Added, ...]


def compare_plans(before: Plan, after: Plan, *, sent: int, stopped: str | None = None) -> PlanChange:
    """What became of each item that was or is to come. `stopped`: why nothing is to come at all now."""
    was, now = _dates(before), _dates(after)
    reasons = {missing.item: missing.why for missing in after.unplaced}
    return PlanChange(
        sent=sent,
        kept=tuple(item for item, on in was.items() if now.get(item) == on),
        moved=tuple(Moved(item, on, now[item]) for item, on in was.items() if item in now and now[item] != on),
        dropped=tuple(
            Dropped(item, stopped or reasons.get(item, LEFT_THE_SEQUENCE)) for item in was if item not in now
        ),
        added=tuple(Added(item, on) for item, on in now.items() if item not in was),
    )


def _dates(plan: Plan) -> dict[str, date]:
    """When each item first comes, in order of time."""
    return {item.item: nudge.local_date for nudge in plan.nudges for item in nudge.items if item.placed != "prompt"}
