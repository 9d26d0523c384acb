"""What other systems are told of, written in the transaction in which it happens; with its way to each webhook.

Functions take a session and never commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import Boolean, ColumnElement, Table, exists, insert, literal_column, select, true
from sqlalchemy.orm import Session

from models.among import among
from models.domain import CLOSING
from models.tables import DeliveryRow, EnrolmentRow, HappeningRow, LeaderRow, MailItemRow, MailRow, WebhookRow

HappeningKind = Literal["enrolled", "sent", "bounced", "answered", "checked_in", "completed"]
_HAPPENINGS, _DELIVERIES = cast(Table, HappeningRow.__table__), cast(Table, DeliveryRow.__table__)
TRIED_FOR = timedelta(days=3)  # from when it happened; then a delivery is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to an enrolment. `mail`: sent or refused; `event`: of the raw log, that says so."""

    kind: HappeningKind
    at: datetime
    enrolment_id: int
    mail: int | None = None
    event: int | None = None


def note_happenings(session: Session, happenings: Sequence[Happening]) -> None:
    """Keep what happened, and that each webhook which asked for it is to be told."""
    if not happenings:
        return
    rows = [
        {"kind": one.kind, "at": one.at, "enrolment_id": one.enrolment_id, "mail": one.mail, "event": one.event}
        for one in happenings
    ]
    connection = session.connection()  # past the mapper, which would take as long again
    kept = insert(_HAPPENINGS).returning(_HAPPENINGS.c.id, sort_by_parameter_order=True)
    numbers = connection.execute(kept, rows).scalars().all()
    # Not to be removed meanwhile: what happened must not fail to be kept because of who wants to know of it.
    enabled = select(WebhookRow.id, WebhookRow.events, WebhookRow.organisations).where(WebhookRow.disabled_at.is_(None))
    webhooks = connection.execute(enabled.with_for_update(read=True, key_share=True, of=WebhookRow)).all()
    if not webhooks:
        return
    narrowed = any(own is not None for _, _, own in webhooks)
    organisations = _read_organisations(session, {one.enrolment_id for one in happenings}) if narrowed else {}
    deliveries = [
        {
            "webhook_id": webhook,
            "happening_id": number,
            "state": "waiting",
            "not_before": one.at,
            "give_up_at": one.at + TRIED_FOR,
            "tries": 0,
            "detail": "",
        }
        for number, one in zip(numbers, happenings, strict=True)
        for webhook, events, own in webhooks
        if one.kind in events and (own is None or organisations[one.enrolment_id] in own)
    ]
    if deliveries:
        connection.execute(insert(_DELIVERIES), deliveries)


def _read_organisations(session: Session, enrolment_ids: Iterable[int]) -> dict[int, str]:
    found = select(EnrolmentRow.id, LeaderRow.organisation).join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
    return dict(session.execute(found.where(among(EnrolmentRow.id, list(enrolment_ids)))).all())


def note_sent(session: Session, mail_id: int, *, now: datetime) -> None:
    """Keep that a nudge was sent, and that its programme is completed where it was the closing summary."""
    closes = exists().where(MailItemRow.mail_id == mail_id, MailItemRow.item == CLOSING)
    nudges = select(MailRow.enrolment_id, closes).where(MailRow.id == mail_id, MailRow.kind == "nudge")
    enrolment_id, is_closing = session.connection().execute(nudges).first() or (None, False)
    if enrolment_id is not None:
        kinds: tuple[HappeningKind, ...] = ("sent", "completed") if is_closing else ("sent",)
        note_happenings(
            session, [Happening(kind=kind, at=now, enrolment_id=enrolment_id, mail=mail_id) for kind in kinds]
        )


def note_bounced(session: Session, mail_id: int, *, now: datetime) -> None:
    """Keep that a nudge was refused for good as it was handed over."""
    nudges = select(MailRow.enrolment_id).where(MailRow.id == mail_id, MailRow.kind == "nudge")
    enrolment_id = session.connection().execute(nudges).scalar()
    if enrolment_id is not None:
        note_happenings(session, [Happening(kind="bounced", at=now, enrolment_id=enrolment_id, mail=mail_id)])


def is_settled(session: Session) -> ColumnElement[bool]:
    """What holds for a happening before which no other can appear any more, so that whoever read it may go on from it.

    On PostgreSQL numbers are given before the commit, and another process may commit a lower one later; so a happening
    is passed over while a transaction that began before its own goes on.
    """
    if session.get_bind().dialect.name != "postgresql":
        return true()
    return literal_column("age(happenings.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)", Boolean)
