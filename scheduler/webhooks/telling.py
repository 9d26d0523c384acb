"""What a webhook is told: put together from what is kept at the moment of telling, and of no more than admins may see.

A name or address is not in it: the numbers lead to them for whoever holds a key of the API.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.among import among
from models.deliveries import ClaimedDelivery
from models.tables import EnrolmentRow, EventRow, HappeningRow, LeaderRow, MailRow
from models.webhooks import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent. `id` is the same at every try."""

    id: str
    body: bytes


def read_messages(
    session: Session, webhook: Webhook, claimed: Sequence[ClaimedDelivery], *, answers_visible: bool
) -> dict[int, Message]:
    """The messages by delivery; one is left out that is none of the webhook's business any more."""
    ids = {delivery.happening_id for delivery in claimed}
    found = session.execute(
        select(HappeningRow, EnrolmentRow.programme, LeaderRow, MailRow.day, EventRow.value)
        .join(EnrolmentRow, EnrolmentRow.id == HappeningRow.enrolment_id)
        .join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
        .outerjoin(MailRow, MailRow.id == HappeningRow.mail)
        .outerjoin(EventRow, EventRow.id == HappeningRow.event)
        .where(among(HappeningRow.id, ids))
    )
    messages: dict[int, Message] = {}
    for happening, programme, leader, day, value in found:
        if webhook.organisations is not None and leader.organisation not in webhook.organisations:
            continue
        told: dict[str, Any] = {
            "event": happening.id,
            "enrolment": happening.enrolment_id,
            "programme": programme,
            "id": None if leader.key == leader.email else leader.key,
        }
        if happening.kind == "sent":
            told["day"] = day
        if happening.kind == "answered":
            told["answer"] = (value or {}).get("answer") if answers_visible else None
        body = write_body(happening.kind, happening.at, told)
        messages[happening.id] = Message(id=_name(webhook, happening), body=body)
    return {one.id: messages[one.happening_id] for one in claimed if one.happening_id in messages}


def write_body(kind: str, at: datetime, told: Mapping[str, Any]) -> bytes:
    """The JSON of a message."""
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": timestamp, "data": told}, separators=(",", ":")).encode()


def _name(webhook: Webhook, happening: HappeningRow) -> str:
    """Made of what happened, and not of a number alone: numbers may come again where an older database is put back."""
    parts = (webhook.id, happening.id, happening.enrolment_id, happening.kind, happening.at.isoformat())
    return "msg_" + sha256(".".join(map(str, parts)).encode()).hexdigest()[:24]
