"""Holds the service when the machine's clock went back, since slots and leases would mean nothing then."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.store import get_state, set_state

HIGH_WATER = "clock_high_water"
PROBLEM = "clock_problem"
VIRTUAL = "virtual"
_TOLERANCE = timedelta(seconds=60)


def check_clock(session: Session, *, now: datetime) -> str | None:
    """What is wrong with the clock, in a line for a person, or None; the latest instant ever seen is kept.

    The line stays under `clock_problem` until the clock has caught up. A database on a virtual clock has no guard.
    """
    if is_virtual(session):
        return None
    seen = get_state(session, HIGH_WATER)
    high = now if seen is None else datetime.fromisoformat(seen)
    if now < high - _TOLERANCE:
        problem = (
            f"the clock went back: it says {now:%Y-%m-%d %H:%M:%S} UTC, but the service has already seen "
            f"{high:%Y-%m-%d %H:%M:%S} UTC; nothing is sent until the clock is right"
        )
        set_state(session, PROBLEM, problem)
        return problem
    set_state(session, HIGH_WATER, max(now, high).isoformat())
    set_state(session, PROBLEM, None)
    return None


def is_virtual(session: Session) -> bool:
    """Whether the database runs on a virtual clock."""
    return get_state(session, VIRTUAL) is not None
