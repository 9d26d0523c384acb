"""Mail that came in: each is dealt with once, and answered now and then. Functions take a session and never commit."""

from datetime import datetime
from typing import Literal, cast

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.dialects import insert_into
from models.tables import EnrolmentRow, IncomingRow, LeaderRow, MailRow

TakenAs = Literal["answer", "check_in", "pause", "resume", "leave", "return", "not_understood", "report"]
KEPT_BYTES = 64 * 1024  # of a report on a delivery: what it says comes before the mail it is about


def is_known(session: Session, name: str) -> bool:
    """Whether the mail of that name was dealt with."""
    return session.scalar(select(IncomingRow.id).where(IncomingRow.name == name)) is not None


def keep_incoming(
    session: Session,
    name: str,
    taken_as: TakenAs,
    *,
    now: datetime,
    enrolment_id: int | None = None,
    mail_id: int | None = None,
    message: bytes | None = None,
) -> bool:
    """Note that a mail is dealt with; False where it has been, maybe at this very moment by somebody else."""
    row = insert_into(session, IncomingRow).values(
        name=name,
        at=now,
        taken_as=taken_as,
        enrolment_id=enrolment_id,
        mail_id=mail_id,
        answered=False,
        message=None if message is None else message[:KEPT_BYTES],
    )
    return session.scalar(row.on_conflict_do_nothing().returning(IncomingRow.id)) is not None


def mark_answered(session: Session, name: str) -> None:
    """Note that a mail was answered by one of its own."""
    session.execute(update(IncomingRow).where(IncomingRow.name == name).values(answered=True))


def was_answered(session: Session, taken_as: TakenAs, *, since: datetime, mail_id: int | None = None, of: int) -> bool:
    """Whether such a mail of a leader's (`of`: an enrolment of theirs), about that mail or any, was answered since."""
    own, kin = aliased(EnrolmentRow), aliased(EnrolmentRow)
    of_leader = select(kin.id).join(own, own.leader_id == kin.leader_id).where(own.id == of)
    answered = exists().where(
        IncomingRow.answered,
        IncomingRow.taken_as == taken_as,
        IncomingRow.at > since,
        IncomingRow.enrolment_id.in_(of_leader),
        *(() if mail_id is None else (IncomingRow.mail_id == mail_id,)),
    )
    return bool(session.scalar(select(answered)))


def find_replied(session: Session, message_ids: tuple[str, ...]) -> int | None:
    """The number of the mail to a leader that one of these Message-IDs names, the first that does."""
    if not message_ids:
        return None
    to_leader = or_(MailRow.kind == "nudge", func.lower(MailRow.recipient) == func.lower(LeaderRow.email))
    named = (
        select(MailRow.message_id, MailRow.id)
        .join(EnrolmentRow, EnrolmentRow.id == MailRow.enrolment_id)
        .join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
        .where(MailRow.message_id.in_(message_ids), to_leader)
    )
    found = {cast(str, row.message_id): row.id for row in session.execute(named)}
    return next((found[message_id] for message_id in message_ids if message_id in found), None)


def find_reported(session: Session, mail_ids: tuple[int, ...], message_ids: tuple[str, ...]) -> int | None:
    """The number of the mail, to whomever, that a report is about."""
    named = select(MailRow.id).where(or_(MailRow.id.in_(mail_ids), MailRow.message_id.in_(message_ids)))
    return session.scalar(named.order_by(MailRow.id.desc()).limit(1)) if mail_ids or message_ids else None


def find_newest_enrolment(session: Session, address: str) -> int | None:
    """The newest enrolment of whoever has this address, in lower case."""
    newest = select(func.max(EnrolmentRow.id)).join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
    return session.scalar(newest.where(func.lower(LeaderRow.email) == address)) if address else None
