"""Webhooks: added, listed, changed, removed. No secret is kept, only what it is worked out from.

A seal holds random octets and which secret of the installation they go with. Functions take a session and never commit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast, get_args

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.happenings import HappeningKind
from models.tables import DeliveryRow, WebhookRow

KINDS: tuple[HappeningKind, ...] = get_args(HappeningKind)
LONGEST_DESCRIPTION = 200
MOST_WEBHOOKS = 100  # each costs a row of everything that happens
MANY_FAILURES = 10  # in a row, which takes an hour or so
OVERLAP = timedelta(hours=24)  # for so long an earlier secret goes on signing


class WebhookError(Exception):
    """The webhook cannot be made or changed; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a secret is worked out from. `mark`: of the installation's secret that it goes with."""

    salt: str
    mark: str
    until: datetime | None = None  # None: for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where another system wants to be told what happens. `organisations`: to whose leaders; None: everybody's."""

    id: int
    url: str
    description: str
    events: frozenset[HappeningKind]
    organisations: frozenset[str] | None
    seals: tuple[Seal, ...]  # the newest first
    created_at: datetime
    failures: int
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None


def add_webhook(
    session: Session,
    url: str,
    *,
    events: Collection[HappeningKind],
    organisations: Collection[str] = (),
    description: str = "",
    seal: Seal,
    now: datetime,
) -> Webhook:
    """Tell that address from now on; it is one that may be asked. Raises WebhookError."""
    if len(description) > LONGEST_DESCRIPTION or not description.isprintable():
        raise WebhookError(f"a description is one line of at most {LONGEST_DESCRIPTION} characters")
    if not events:
        raise WebhookError(f"name what the webhook is to be told: {', '.join(KINDS)}")
    if (session.scalar(select(func.count()).select_from(WebhookRow)) or 0) >= MOST_WEBHOOKS:
        raise WebhookError(f"there are {MOST_WEBHOOKS} webhooks already, and no more can be kept; remove one first")
    row = WebhookRow(
        url=url,
        description=description,
        events=sorted(set(events)),
        organisations=sorted(set(organisations)) or None,
        seals=[_write(seal)],
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _webhook(row)


def list_webhooks(session: Session) -> tuple[Webhook, ...]:
    """All webhooks, the oldest first."""
    return tuple(map(_webhook, session.scalars(select(WebhookRow).order_by(WebhookRow.id))))


def find_troubles(session: Session) -> tuple[str, ...]:
    """A line for a person about each webhook that is told nothing, or fails for an hour and more; no address."""
    troubles: list[str] = []
    for one in list_webhooks(session):
        if one.disabled_at is not None:
            troubles.append(
                f"webhook {one.id} was disabled on {one.disabled_at:%d %B}: {one.disabled_why}; put it right, then: "
                f"python main.py webhook enable {one.id}"
            )
        elif one.failures >= MANY_FAILURES and one.failing_since is not None:
            troubles.append(
                f"webhook {one.id} has failed since {one.failing_since:%d %B %H:%M} UTC; to see why: "
                f"python main.py webhook deliveries {one.id}"
            )
    return tuple(troubles)


def find_webhook(session: Session, number: int) -> Webhook:
    """The webhook of that number. Raises WebhookError where there is none."""
    row = session.get(WebhookRow, number)
    if row is None:
        raise _say_unknown(number)
    return _webhook(row)


def remove_webhook(session: Session, number: int) -> None:
    """Tell that address nothing any more. Raises WebhookError where there is none."""
    session.delete(_find(session, number))
    session.flush()


def rotate_webhook(session: Session, number: int, *, seal: Seal, now: datetime) -> Webhook:
    """Sign with a new secret, and for some time with those before it, too. Raises WebhookError where there is none."""
    row = _find(session, number)
    earlier = [one for one in map(_read, row.seals) if one.until is None or one.until > now]
    lasting = [Seal(salt=one.salt, mark=one.mark, until=one.until or now + OVERLAP) for one in earlier]
    row.seals = list(map(_write, (seal, *lasting)))
    session.flush()
    return _webhook(row)


def enable_webhook(session: Session, number: int) -> None:
    """Tell it again from now on, and at once what still waits. Raises WebhookError where there is none."""
    row = _find(session, number)
    row.disabled_at = row.disabled_why = row.failing_since = row.rest_until = None
    row.failures = 0
    session.flush()


def disable_webhook(session: Session, number: int, *, why: str, now: datetime) -> None:
    """Tell it nothing until somebody enables it; what waits for it is given up."""
    enabled = (WebhookRow.id == number, WebhookRow.disabled_at.is_(None))
    session.execute(update(WebhookRow).where(*enabled).values(disabled_at=now, disabled_why=why))
    waiting = (DeliveryRow.webhook_id == number, DeliveryRow.state == "waiting")
    session.execute(
        update(DeliveryRow).where(*waiting).values(state="given_up", ended_at=now, token=None, lease_until=None)
    )


def _find(session: Session, number: int) -> WebhookRow:
    """To be changed, so nobody else changes it meanwhile."""
    row = session.scalar(select(WebhookRow).where(WebhookRow.id == number).with_for_update())
    if row is None:
        raise _say_unknown(number)
    return row


def _say_unknown(number: int) -> WebhookError:
    return WebhookError(f"there is no webhook {number}; webhook list shows them all")


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        description=row.description,
        events=frozenset(cast("list[HappeningKind]", row.events)),
        organisations=None if row.organisations is None else frozenset(row.organisations),
        seals=tuple(map(_read, row.seals)),
        created_at=row.created_at,
        failures=row.failures,
        failing_since=row.failing_since,
        disabled_at=row.disabled_at,
        disabled_why=row.disabled_why,
    )


def _write(seal: Seal) -> dict[str, Any]:
    return {
        "salt": seal.salt,
        "mark": seal.mark,
        "until": None if seal.until is None else seal.until.isoformat(),
    }


def _read(kept: dict[str, Any]) -> Seal:
    until = kept["until"]
    return Seal(salt=kept["salt"], mark=kept["mark"], until=None if until is None else datetime.fromisoformat(until))
