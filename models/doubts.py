"""Mails in doubt, and how a person settles one: it arrived, it goes out once more, or it is dropped.

A dropped one's items are planned again. Functions never commit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.changes import write_audit
from models.outcomes import prove_accepted, resend_doubt
from models.tables import EnrolmentRow, LeaderRow, MailRow
from models.transitions import end_unsent, in_state

Verdict = Literal["sent", "resend", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A mail that the server may or may not have."""

    mail_id: int
    enrolment_id: int
    leader: str
    email: str
    subject: str
    since: datetime


def read_doubts(session: Session) -> tuple[Doubt, ...]:
    """All mails in doubt that are to leaders, the oldest first."""
    found = session.execute(
        select(MailRow.id, EnrolmentRow.id, LeaderRow.name, LeaderRow.email, MailRow.subject, MailRow.ended_at)
        .select_from(MailRow)
        .join(EnrolmentRow, EnrolmentRow.id == MailRow.enrolment_id)
        .join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
        .where(in_state("in_doubt"))
        .order_by(MailRow.ended_at, MailRow.id)
    )
    return tuple(
        Doubt(mail_id=mail_id, enrolment_id=own, leader=name, email=email, subject=subject or "", since=since)
        for mail_id, own, name, email, subject, since in found
        if since is not None
    )


def settle_doubt(session: Session, doubt: Doubt, verdict: Verdict, *, now: datetime, account: str | None) -> bool:
    """Settle it; False, and nothing done, where it is in doubt no more or its resend has to wait for another mail."""
    if verdict == "sent":
        happened = prove_accepted(session, doubt.mail_id, now=now)
    elif verdict == "resend":
        happened = resend_doubt(session, doubt.mail_id, doubt.enrolment_id, now=now)
    else:
        happened = end_unsent(
            session,
            MailRow.id == doubt.mail_id,
            state="failed_after_doubt",
            since="in_doubt",
            now=now,
            why="dropped by an admin, as it did not arrive",
        )
    if not happened:
        return False
    key, programme = session.execute(
        select(LeaderRow.key, EnrolmentRow.programme)
        .join(EnrolmentRow, EnrolmentRow.leader_id == LeaderRow.id)
        .where(EnrolmentRow.id == doubt.enrolment_id)
    ).one()
    write_audit(
        session,
        leader_key=key,
        programme=programme,
        actor="admin",
        action="doubt_settled",
        before={"mail": doubt.mail_id, "state": "in_doubt"},
        after={"mail": doubt.mail_id, "settled_as": verdict},
        now=now,
        account=account,
    )
    return True
