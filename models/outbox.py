"""The one outbox: a mail from its planning to its intent, each change a compare-and-set that says whether it happened.

What comes of an attempt stands in `outcomes`. Functions take a session and never commit. The number of a nudge
(`ordinal`) belongs to mails that may have been received: one that certainly was not gives it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.dialects import insert_into
from models.domain import Enrolment, MailKind, PlannedItem, PlannedNudge
from models.notices import read_notice
from models.tables import EnrolmentRow, EventRow, LeaderRow, MailItemRow, MailRow
from models.transitions import ClaimedMail, change, count_changed, end_unsent, held_by, in_state, is_nudge
from models.waiting import OverdueNudge

_NEVER_ATTEMPTED = (in_state("planned"), MailRow.tries == 0, MailRow.message.is_(None))
_MAY_HAVE_LEFT = ("sending", "sent", "in_doubt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the first intent binds for good."""

    recipient: str
    envelope_sender: str
    subject: str
    message_id: str
    message: bytes
    tracked: bool
    items: tuple[PlannedItem, ...]


# ---------------------------------------------------------------- planned


def plan_nudges(session: Session, planned: Sequence[tuple[Enrolment, PlannedNudge]], *, now: datetime) -> int:
    """Keeps each nudge as its enrolment's open one, where there is none already; gives how many were kept."""
    if not planned:
        return 0
    rows = [
        {
            "kind": "nudge",
            "recipient": enrolment.leader.email,
            "enrolment_id": enrolment.id,
            "ordinal": nudge.ordinal,
            "state": "planned",
            "slot": nudge.slot,
            "not_before": nudge.slot,
            "local_date": nudge.local_date,
            "day": nudge.day,
            "why": nudge.why,
            "tries": 0,
            "tracked": False,
            "created_at": now,
        }
        for enrolment, nudge in planned
    ]
    kept = insert_into(session, MailRow).on_conflict_do_nothing().returning(MailRow.id)
    return len(session.execute(kept, rows).all())


def drop_planned(session: Session, enrolment_id: int) -> bool:
    """Takes back the enrolment's planned nudge, so that the next tick plans it afresh; not one that was ever tried."""
    return _delete(session, MailRow.enrolment_id == enrolment_id) > 0


def drop_planned_of(session: Session, programme: str) -> int:
    """Takes back all planned nudges of a programme, as after a change of its content; gives how many."""
    members = select(EnrolmentRow.id).where(EnrolmentRow.programme == programme)
    return _delete(session, MailRow.enrolment_id.in_(members))


def drop_outdated(session: Session) -> int:
    """Takes back planned nudges whose leader was heard of since they were planned; gives how many.

    An answer may bring the next nudge forward, and deciding again at the claim could only put it off.
    """
    own = aliased(MailRow)
    own_mails = select(own.id).where(own.enrolment_id == MailRow.enrolment_id).correlate(MailRow)
    heard = exists().where(
        EventRow.at >= MailRow.created_at,
        or_(EventRow.enrolment_id == MailRow.enrolment_id, EventRow.mail_id.in_(own_mails)),
    )
    return _delete(session, heard)


def _delete(session: Session, condition: ColumnElement[bool]) -> int:
    unsent = delete(MailRow).where(is_nudge(), *_NEVER_ATTEMPTED, condition)
    return count_changed(session, unsent)


def expire_overdue(session: Session, overdue: OverdueNudge, *, now: datetime, why: str) -> bool:
    """planned → expired, when the nudge still waits in the slot that was found too old."""
    return end_unsent(
        session,
        MailRow.id == overdue.id,
        MailRow.slot == overdue.slot,
        state="expired",
        since="planned",
        now=now,
        why=why,
    )


# ---------------------------------------------------------------- claimed


def claim_due(session: Session, *, now: datetime, limit: int, lease: timedelta, token: str) -> tuple[ClaimedMail, ...]:
    """planned → claimed for what is due, the longest waiting first. Several dispatchers never get the same mail.

    SQLite leaves the row locks out of the statement; there the transaction itself keeps others away.
    """
    due = (
        select(MailRow.id)
        .where(in_state("planned"), MailRow.not_before <= now)
        .order_by(MailRow.not_before, MailRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claim = (
        update(MailRow)
        .where(MailRow.id.in_(select(due.c.id)))
        .values(state="claimed", token=token, lease_until=now + lease)
        .returning(
            MailRow.not_before,
            MailRow.id,
            MailRow.kind,
            MailRow.recipient,
            MailRow.enrolment_id,
            MailRow.slot,
            MailRow.tries,
            MailRow.envelope_sender,
            MailRow.notice,
            MailRow.message,
        )
    )
    claimed = session.execute(claim, execution_options={"synchronize_session": False}).all()
    return tuple(
        ClaimedMail(
            id=row.id,
            token=token,
            kind=cast(MailKind, row.kind),
            recipient=row.recipient,
            enrolment_id=row.enrolment_id,
            slot=row.slot,
            tries=row.tries,
            envelope_sender=row.envelope_sender,
            notice=read_notice(row.notice),
            message=row.message,
        )
        for row in sorted(claimed, key=lambda row: (row.not_before, row.id))
    )


def release(session: Session, mail: ClaimedMail, *, not_before: datetime | None = None) -> bool:
    """claimed → planned as it was, or put off until `not_before`."""
    put_off: dict[str, Any] = {} if not_before is None else {"not_before": not_before}
    return change(session, *held_by(mail, "claimed"), state="planned", token=None, lease_until=None, **put_off)


def postpone(session: Session, mail: ClaimedMail, nudge: PlannedNudge) -> bool:
    """claimed → planned in a new slot. A mail with bytes keeps its slot, so that it still expires in time."""
    if mail.message is not None:
        return release(session, mail, not_before=nudge.slot)
    return change(
        session,
        *held_by(mail, "claimed"),
        state="planned",
        token=None,
        lease_until=None,
        slot=nudge.slot,
        not_before=nudge.slot,
        local_date=nudge.local_date,
        day=nudge.day,
        why=nudge.why,
    )


def cancel(session: Session, mail: ClaimedMail, *, now: datetime, why: str) -> bool:
    """claimed → gone, when nothing is to be sent any more; one that was tried before stays on record as cancelled."""
    untouched = delete(MailRow).where(*held_by(mail, "claimed"), MailRow.tries == 0, MailRow.message.is_(None))
    if count_changed(session, untouched) == 1:
        return True
    return end_unsent(session, *held_by(mail, "claimed"), state="cancelled", since="claimed", now=now, why=why)


# ---------------------------------------------------------------- intent


def is_day_taken(session: Session, mail: ClaimedMail, local_date: date) -> bool:
    """Whether the leader has a nudge of that date, from any programme, that left or may have left.

    Locks the leader until the transaction ends, so that two dispatchers cannot both find the day free.
    """
    leader_id = session.execute(
        select(LeaderRow.id)
        .join(EnrolmentRow, EnrolmentRow.leader_id == LeaderRow.id)
        .where(EnrolmentRow.id == mail.enrolment_id)
        .with_for_update(key_share=True, of=LeaderRow)
    ).scalar_one_or_none()
    enrolments = select(EnrolmentRow.id).where(EnrolmentRow.leader_id == leader_id)
    another = exists().where(
        MailRow.enrolment_id.in_(enrolments),
        MailRow.kind == "nudge",
        MailRow.local_date == local_date,
        MailRow.state.in_(_MAY_HAVE_LEFT),
    )
    return bool(session.execute(select(another)).scalar_one())


def intend(
    session: Session,
    mail: ClaimedMail,
    *,
    now: datetime,
    lease: timedelta,
    nudge: PlannedNudge | None = None,
    binding: Binding | None = None,
) -> bool:
    """claimed → sending, when the claim's lease still holds; the lease starts anew.

    The first intent hands in the binding; a later one has none and sends the bytes that are kept. `nudge` is what was
    decided just now (None: the mail is no nudge): its date is the one on which the mail leaves.
    """
    fresh: dict[str, Any] = {}
    if nudge is not None:
        fresh |= {"local_date": nudge.local_date, "day": nudge.day}
    if binding is not None:
        fresh |= {
            "recipient": binding.recipient,
            "envelope_sender": binding.envelope_sender,
            "subject": binding.subject,
            "message_id": binding.message_id,
            "message": binding.message,
            "tracked": binding.tracked,
        }
        if nudge is not None:
            fresh |= {"slot": nudge.slot, "why": nudge.why}
    happened = change(
        session,
        *held_by(mail, "claimed"),
        MailRow.lease_until > now,
        MailRow.message.is_not(None) if binding is None else MailRow.message.is_(None),
        state="sending",
        lease_until=now + lease,
        tries=MailRow.tries + 1,
        **fresh,
    )
    if happened and binding is not None:
        _keep_items(session, mail.id, binding.items)
    return happened


def _keep_items(session: Session, mail_id: int, items: tuple[PlannedItem, ...]) -> None:
    session.add_all(
        MailItemRow(
            mail_id=mail_id,
            position=position,
            item=item.item,
            kind=item.kind,
            placed=item.placed,
            question=item.question,
            late=item.late,
        )
        for position, item in enumerate(items)
    )
    session.flush()
