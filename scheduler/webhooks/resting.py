"""How long a delivery waits after a failure, and how long its whole webhook is left alone.

Both grow with the failures, and each wait is drawn from the message itself: alike in every run, and spread over many.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

from models.deliveries import Rest

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=12)  # of a delivery; each is three times the last
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(hours=1)  # of a webhook; each is twice the last
LONGEST_ASKED = timedelta(hours=24)  # by Retry-After


def plan_rest(message_id: str, *, tries: int, failures: int, asked: timedelta | None, now: datetime) -> Rest:
    """When to go on, after `tries` of this delivery and `failures` in a row of its webhook before this one.

    `asked`: the wait that the other side asked for.
    """
    spread = 0.75 + 0.5 * _draw(f"{message_id}.{tries}")
    wait = min(FIRST_WAIT * 3 ** min(tries, 20), LONGEST_WAIT) * spread
    rest = min(FIRST_REST * 2 ** min(failures, 20), LONGEST_REST) * spread
    if asked is not None:
        wait, rest = max(wait, asked), max(rest, asked)
    return Rest(again_at=now + wait, until=now + rest)


def read_retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """The wait that a Retry-After asks for, in seconds or until a date; None where it asks for none."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_ASKED)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max(until - now, timedelta(0)), LONGEST_ASKED)


def _draw(text: str) -> float:
    """A number from 0 to 1 that nobody would guess from the text, and that is always the same for it."""
    return int.from_bytes(sha256(text.encode()).digest()[:4]) / 2**32
