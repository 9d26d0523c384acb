"""An enrolment made by mistake taken back: nothing of it stays as long as no mail has left."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.changes import write_audit
from models.tables import EnrolmentRow, LeaderRow, MailRow
from models.transitions import in_state
from models.turns import take_turn


def count_tried(session: Session, leader_id: int) -> int:
    """How many mails to this leader left, may have left, or are about to leave."""
    of_leader = select(EnrolmentRow.id).where(EnrolmentRow.leader_id == leader_id)
    untouched = in_state("planned") & (MailRow.tries == 0)
    tried = select(func.count()).where(MailRow.enrolment_id.in_(of_leader), ~untouched)
    return session.scalar(tried) or 0


def find_leader_id(session: Session, who: str) -> int | None:
    """The leader with this address or id; None where nobody has it."""
    word = who.strip().lower()
    found = select(LeaderRow.id).where((func.lower(LeaderRow.key) == word) | (LeaderRow.email == word))
    return session.scalar(found.limit(1))


def take_back(session: Session, leader_id: int, *, now: datetime, account: str | None = None) -> bool:
    """Forgets a leader to whom no mail was tried, with every enrolment; False, and nothing done, where one was.

    Their row must be gone from its source, or the next sync enrols them again. Never commits.
    """
    take_turn(session.connection(), "roster")
    locked = select(LeaderRow).where(LeaderRow.id == leader_id).with_for_update()
    leader = session.scalar(locked.execution_options(populate_existing=True))
    if leader is None:
        return True
    if count_tried(session, leader_id):
        return False
    programmes = session.scalars(select(EnrolmentRow.programme).where(EnrolmentRow.leader_id == leader_id))
    for programme in programmes.all():
        write_audit(
            session,
            leader_key=leader.key,
            programme=programme,
            actor="admin",
            action="taken_back",
            before={"source": leader.source},
            after={},
            now=now,
            account=account,
        )
    session.execute(delete(LeaderRow).where(LeaderRow.id == leader_id))
    return True
