"""What is old enough to go: found and removed. Functions take a session and never commit."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from models.among import among
from models.domain import KeptCounts
from models.tables import (
    AuditRow,
    CorrectionRow,
    EnrolmentRow,
    EventRow,
    HabitRow,
    HappeningRow,
    IncomingRow,
    MailRow,
    MemoryRow,
    NoteRow,
)
from models.transitions import count_changed

WITHDRAWN_DAYS = 30  # from leaving, or from HR's withdrawal, to erasure
# What a leader wrote, marked and asked, what is worked out from answers, what others are told: they go with the events.
_WITH_ANSWERS = (MemoryRow, NoteRow, HabitRow, CorrectionRow, HappeningRow)


# ---------------------------------------------------------------- people


def date_withdrawals(session: Session, *, now: datetime) -> None:
    """Let those count from now on of whom nobody knows since when config withdrew them."""
    undated = (EnrolmentRow.config_status == "withdrawn", EnrolmentRow.withdrawn_at.is_(None))
    session.execute(update(EnrolmentRow).where(*undated).values(withdrawn_at=now))


def find_withdrawn_leaders(session: Session, *, before: datetime) -> tuple[int, ...]:
    """Leaders who before that instant left, or were withdrawn from, every programme of theirs."""
    goes_on = select(EnrolmentRow.leader_id).where(~_is_over(before))
    over = select(EnrolmentRow.leader_id).where(_is_over(before), EnrolmentRow.leader_id.not_in(goes_on))
    return tuple(session.scalars(over.distinct().order_by(EnrolmentRow.leader_id)))


def _is_over(before: datetime) -> ColumnElement[bool]:
    return or_(
        *(
            and_(since.is_not(None), since < before)  # never unknown, so that its opposite is not either
            for since in (EnrolmentRow.left_at, EnrolmentRow.withdrawn_at)
        )
    )


# ---------------------------------------------------------------- answers


def find_answered(session: Session, *, started_by: date) -> tuple[int, ...]:
    """Enrolments that started by that date and have answers that were not removed yet, or may have."""
    left = [exists().where(row.enrolment_id == EnrolmentRow.id) for row in (EventRow, *_WITH_ANSWERS)]
    found = select(EnrolmentRow.id).where(
        EnrolmentRow.start_date <= started_by, or_(EnrolmentRow.kept_counts.is_(None), *left)
    )
    return tuple(session.scalars(found.order_by(EnrolmentRow.id)))


def keep_counts(session: Session, enrolment_id: int, counts: KeptCounts) -> None:
    """Keep how much came back of an enrolment's mails, as what came back is removed."""
    session.execute(update(EnrolmentRow).where(EnrolmentRow.id == enrolment_id).values(kept_counts=asdict(counts)))


def remove_answers(session: Session, enrolment_ids: Collection[int]) -> None:
    """Remove what these enrolments' leaders did, wrote, and are believed to remember; what was sent stays."""
    mails = select(MailRow.id).where(among(MailRow.enrolment_id, enrolment_ids))
    own = among(EventRow.enrolment_id, enrolment_ids)
    session.execute(delete(EventRow).where(or_(own, EventRow.mail_id.in_(mails))))
    for row in _WITH_ANSWERS:
        session.execute(delete(row).where(among(row.enrolment_id, enrolment_ids)))


# ---------------------------------------------------------------- mail that came in


def remove_incoming(session: Session, *, before: datetime) -> int:
    """Forget mail that came in before that; gives how much. By then it comes no second time."""
    return count_changed(session, delete(IncomingRow).where(IncomingRow.at < before))


# ---------------------------------------------------------------- the audit


def remove_audit(session: Session, *, before: datetime) -> int:
    """Remove the lines older than that; gives how many."""
    return count_changed(session, delete(AuditRow).where(AuditRow.at < before))
