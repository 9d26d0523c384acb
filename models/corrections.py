"""What a leader asks HR to put right: role or start date. HR does it in config, or not; functions never commit."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.changes import write_audit
from models.domain import Enrolment
from models.tables import CorrectionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What should stand in config, as the leader sees it; None: that is right as it is."""

    at: datetime
    role: str | None = None
    start_date: date | None = None

    def is_made(self, enrolment: Enrolment) -> bool:
        """Whether config says so by now."""
        return self.role in (None, enrolment.role) and self.start_date in (None, enrolment.start_date)


def ask_correction(session: Session, enrolment: Enrolment, correction: Correction) -> bool:
    """Keep what was asked, with an audit line; False where the newest request says the same."""
    before = read_correction(session, enrolment.id)
    if before and (before.role, before.start_date) == (correction.role, correction.start_date):
        return False
    row = CorrectionRow(
        enrolment_id=enrolment.id, at=correction.at, role=correction.role, start_date=correction.start_date
    )
    session.add(row)
    write_audit(
        session,
        leader_key=enrolment.leader.key,
        programme=enrolment.programme,
        actor="leader",
        action="correction_asked",
        before={"role": enrolment.role, "start_date": f"{enrolment.start_date}"},
        after={
            "role": correction.role or enrolment.role,
            "start_date": f"{correction.start_date or enrolment.start_date}",
        },
        now=correction.at,
    )
    session.flush()
    return True


def count_since(session: Session, enrolment_id: int, since: datetime) -> int:
    """How many requests the enrolment has made since then."""
    asked = select(func.count()).where(CorrectionRow.enrolment_id == enrolment_id, CorrectionRow.at >= since)
    return session.scalar(asked) or 0


def read_pending(session: Session, enrolment: Enrolment) -> Correction | None:
    """The newest request, unless config says so by now."""
    newest = read_correction(session, enrolment.id)
    return None if newest is None or newest.is_made(enrolment) else newest


def read_corrections(session: Session) -> dict[int, Correction]:
    """The newest request of each enrolment that made one; one query."""
    newest = select(func.max(CorrectionRow.id)).group_by(CorrectionRow.enrolment_id)
    rows = session.scalars(select(CorrectionRow).where(CorrectionRow.id.in_(newest)))
    return {row.enrolment_id: Correction(at=row.at, role=row.role, start_date=row.start_date) for row in rows}


def read_correction(session: Session, enrolment_id: int) -> Correction | None:
    """The newest request, made by now or not; None where there is none."""
    rows = select(CorrectionRow).where(CorrectionRow.enrolment_id == enrolment_id)
    row = session.scalar(rows.order_by(CorrectionRow.id.desc()).limit(1))
    return None if row is None else Correction(at=row.at, role=row.role, start_date=row.start_date)
