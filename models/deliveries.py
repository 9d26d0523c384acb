"""Deliveries to webhooks: claimed under a lease, delivered, put off, given up; each change is a compare-and-set.

Functions take a session and never commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from models.happenings import TRIED_FOR
from models.tables import DeliveryRow, WebhookRow
from models.transitions import count_changed
from models.webhooks import disable_webhook

DeliveryState = Literal["waiting", "delivered", "given_up", "dropped"]
LONGEST_DETAIL = 200
KEPT_DAYS = 30  # of a delivery that has come to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A happening to be told to a webhook by whoever holds the token."""

    id: int
    token: str
    webhook_id: int
    happening_id: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What a failure asks for: when to try this delivery again, and how long to leave the whole webhook alone."""

    again_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery as a person is shown it."""

    id: int
    happening_id: int
    state: DeliveryState
    not_before: datetime
    tries: int
    status: int | None
    detail: str
    ended_at: datetime | None


# ---------------------------------------------------------------- taken


def find_due_webhooks(session: Session, *, now: datetime) -> tuple[int, ...]:
    """The enabled webhooks for which something is due, and which need no rest."""
    own = select(DeliveryRow.id).where(*_due(now), DeliveryRow.webhook_id == WebhookRow.id).exists()
    rested = or_(WebhookRow.rest_until.is_(None), WebhookRow.rest_until <= now)
    due = select(WebhookRow.id).where(WebhookRow.disabled_at.is_(None), rested, own)
    return tuple(session.scalars(due.order_by(WebhookRow.id)))


def claim_deliveries(
    session: Session, webhook_id: int, *, now: datetime, limit: int, lease: timedelta, token: str
) -> tuple[ClaimedDelivery, ...]:
    """What is due for a webhook, the oldest first, held until the lease runs out. Nobody else gets the same meanwhile.

    A claim that a dead process left behind is free again when its lease is over.
    """
    due = (
        select(DeliveryRow.id)
        .where(DeliveryRow.webhook_id == webhook_id, *_due(now))
        .order_by(DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claim = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(select(due.c.id)))
        .values(token=token, lease_until=now + lease)
        .returning(DeliveryRow.id, DeliveryRow.happening_id, DeliveryRow.tries)
    )
    found = session.execute(claim, execution_options={"synchronize_session": False}).all()
    return tuple(
        ClaimedDelivery(id=row.id, token=token, webhook_id=webhook_id, happening_id=row.happening_id, tries=row.tries)
        for row in sorted(found, key=lambda row: row.id)
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(DeliveryRow.lease_until.is_(None), DeliveryRow.lease_until <= now)
    return (_is_waiting(), DeliveryRow.not_before <= now, free)


def _is_waiting() -> ColumnElement[bool]:
    """Written out in the statement: a bound value hides the index of the few."""
    return DeliveryRow.state == literal("waiting", literal_execute=True)


def release_delivery(session: Session, claimed: ClaimedDelivery) -> bool:
    """Give it back as it was."""
    return _change(session, claimed, token=None, lease_until=None)


# ---------------------------------------------------------------- what came of it


def record_delivered(session: Session, claimed: ClaimedDelivery, *, status: int, now: datetime) -> bool:
    """The other side has it."""
    recovered = update(WebhookRow).where(WebhookRow.id == claimed.webhook_id, WebhookRow.failures > 0)
    session.execute(recovered.values(failures=0, failing_since=None, rest_until=None))
    return _end(session, claimed, "delivered", now=now, status=status, detail="", tries=DeliveryRow.tries + 1)


def record_dropped(session: Session, claimed: ClaimedDelivery, *, why: str, now: datetime) -> bool:
    """It is none of that webhook's business any more."""
    return _end(session, claimed, "dropped", now=now, detail=why)


def record_failed(
    session: Session, claimed: ClaimedDelivery, *, rest: Rest, status: int | None, why: str, now: datetime
) -> bool:
    """Try again later, or give it up where that would be too late. A webhook that always fails is disabled."""
    too_late = DeliveryRow.give_up_at <= rest.again_at
    told = {"tries": DeliveryRow.tries + 1, "status": status, "detail": why[:LONGEST_DETAIL]}
    is_ours = (DeliveryRow.id == claimed.id, DeliveryRow.token == claimed.token, _is_waiting())
    given_up = update(DeliveryRow).where(*is_ours, too_late)
    ended = {"state": "given_up", "ended_at": now, "token": None, "lease_until": None}
    happened = count_changed(session, given_up.values(**told, **ended)) == 1 or _change(
        session, claimed, **told, token=None, lease_until=None, not_before=rest.again_at
    )
    if happened:
        _count_failure(session, claimed.webhook_id, rest=rest, why=why, now=now)
    return happened


def _count_failure(session: Session, webhook_id: int, *, rest: Rest, why: str, now: datetime) -> None:
    since = func.coalesce(WebhookRow.failing_since, now)
    values: dict[str, Any] = {"failures": WebhookRow.failures + 1, "failing_since": since, "rest_until": rest.until}
    session.execute(update(WebhookRow).where(WebhookRow.id == webhook_id).values(**values))
    failing = session.scalar(
        select(WebhookRow.failing_since).where(WebhookRow.id == webhook_id).execution_options(populate_existing=True)
    )
    if failing is not None and failing <= now - TRIED_FOR:
        disable_webhook(session, webhook_id, why=f"nothing got through for {TRIED_FOR.days} days: {why}"[:200], now=now)


def _end(session: Session, claimed: ClaimedDelivery, state: DeliveryState, *, now: datetime, **values: Any) -> bool:
    return _change(session, claimed, state=state, ended_at=now, token=None, lease_until=None, **values)


def _change(session: Session, claimed: ClaimedDelivery, **values: Any) -> bool:
    """Whether the delivery was still held by that claim."""
    ours = (DeliveryRow.id == claimed.id, DeliveryRow.token == claimed.token, _is_waiting())
    return count_changed(session, update(DeliveryRow).where(*ours).values(**values)) == 1


# ---------------------------------------------------------------- looked at


def list_deliveries(session: Session, webhook_id: int, *, limit: int) -> tuple[Delivery, ...]:
    """The newest deliveries to a webhook."""
    rows = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id).order_by(DeliveryRow.id.desc()).limit(limit)
    return tuple(
        Delivery(
            id=row.id,
            happening_id=row.happening_id,
            state=cast(DeliveryState, row.state),
            not_before=row.not_before,
            tries=row.tries,
            status=row.status,
            detail=row.detail,
            ended_at=row.ended_at,
        )
        for row in session.scalars(rows)
    )


def count_deliveries(session: Session) -> dict[int, dict[DeliveryState, int]]:
    """How many deliveries there are of each webhook in each state."""
    counts: dict[int, dict[DeliveryState, int]] = {}
    columns = (DeliveryRow.webhook_id, DeliveryRow.state)
    for webhook, state, number in session.execute(select(*columns, func.count()).group_by(*columns)):
        counts.setdefault(webhook, {})[cast(DeliveryState, state)] = number
    return counts


def retry_deliveries(session: Session, webhook_id: int, *, now: datetime) -> int:
    """Let everything that was given up go out again, at once; gives how much."""
    again = update(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id, DeliveryRow.state == "given_up")
    fresh: dict[str, Any] = {"state": "waiting", "not_before": now, "give_up_at": now + TRIED_FOR, "ended_at": None}
    return count_changed(session, again.values(**fresh, tries=0))


def remove_deliveries(session: Session, *, now: datetime) -> int:
    """Forget deliveries that came to their end so long ago; gives how many."""
    return count_changed(session, delete(DeliveryRow).where(DeliveryRow.ended_at < now - timedelta(days=KEPT_DAYS)))
