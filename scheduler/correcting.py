"""A leader's request for a correction, granted in leaders.yaml or declined by HR; the leader is told either way."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.load import Inspection
from config.proposals import Proposal, propose_leaders
from config.reading.leader_rows import Row
from config.reading.passage import Passage
from config.writing.yaml_values import Value
from emails.words import write_date
from models.changes import write_audit
from models.corrections import Correction, read_correction
from models.domain import Enrolment, Notice, NoticeName, Programme
from models.notices import post_notice, take_back_notices
from models.savings import Granted
from models.store import read_enrolments
from models.tables import CorrectionRow
from scheduler.calendar import local_date
from scheduler.live_config import ConfigReading


def list_asked(correction: Correction, enrolment: Enrolment, programme: Programme | None) -> tuple[str, ...]:
    """What should change, a line each: `Start date: 1 February 2027 (now 11 January 2027)`."""
    asks: list[str] = []
    if correction.role:
        asks.append(f"Role: {name_role(programme, correction.role)} (now {name_role(programme, enrolment.role)})")
    if correction.start_date:
        now = write_date(enrolment.start_date)
        asks.append(f"Start date: {write_date(correction.start_date)} (now {now})")
    return tuple(asks)


def name_role(programme: Programme | None, role: str) -> str:
    """The role as leaders read it; its id where config no longer has it."""
    known = None if programme is None else programme.roles.get(role)
    return role if known is None else known.name


def propose_correction(
    enrolment: Enrolment, correction: Correction, inspection: Inspection, config_dir: Path, *, now: datetime
) -> Proposal:
    """The leader's row with what was asked for. Raises ConfigError, as where the row stands in another file."""
    leader = enrolment.leader
    row: dict[str, Value] = {"email": leader.email}
    if leader.key != leader.email:
        row["id"] = leader.key
    if correction.role:
        row["role"] = correction.role
    if correction.start_date:
        row["start_date"] = correction.start_date.isoformat()
    wish = Row(value=row, passage=Passage(path="the correction"))
    return propose_leaders([wish], inspection, config_dir, today=local_date(leader, now))


def note_granted(enrolment: Enrolment, correction: Correction) -> Granted:
    """What is left to do once config says what was asked for."""
    return Granted(
        enrolment_id=enrolment.id,
        at=correction.at,
        role=correction.role,
        start_date=correction.start_date,
        role_before=enrolment.role,
        start_date_before=enrolment.start_date,
    )


def settle_granted(
    session: Session, granted: Granted, config: ConfigReading, *, account: str | None, now: datetime
) -> None:
    """Ends a request that config grants by now; nothing where it was ended before. Never commits."""
    enrolments = read_enrolments(session, tracking=config.tracking, ids=(granted.enrolment_id,))
    asked = select(CorrectionRow.id).where(
        CorrectionRow.enrolment_id == granted.enrolment_id, CorrectionRow.at == granted.at
    )
    if not enrolments or session.scalar(asked.limit(1)) is None:
        return
    settle_correction(
        session,
        replace(enrolments[0], role=granted.role_before, start_date=granted.start_date_before),
        Correction(at=granted.at, role=granted.role, start_date=granted.start_date),
        config.programmes.get(enrolments[0].programme),
        granted=True,
        now=now,
        account=account,
    )


def settle_correction(
    session: Session,
    enrolment: Enrolment,
    correction: Correction,
    programme: Programme | None,
    *,
    granted: bool,
    now: datetime,
    account: str | None = None,
) -> None:
    """Ends the request, with a line in the audit, and tells the leader. Never commits.

    `enrolment` is as it was when the correction was asked for. Call it once config has been brought into force.
    """
    says: NoticeName = "correction_made" if granted else "correction_declined"
    write_audit(
        session,
        leader_key=enrolment.leader.key,
        programme=enrolment.programme,
        actor="admin",
        action=says,
        before={"role": enrolment.role, "start_date": f"{enrolment.start_date}"},
        after={
            "role": correction.role or enrolment.role,
            "start_date": f"{correction.start_date or enrolment.start_date}",
        },
        now=now,
        account=account,
    )
    session.execute(
        delete(CorrectionRow).where(CorrectionRow.enrolment_id == enrolment.id, CorrectionRow.at <= correction.at)
    )
    if read_correction(session, enrolment.id) is None:  # else the leader has asked for something else meanwhile
        take_back_notices(session, enrolment.id, "correction")
    asks = "\n".join(list_asked(correction, enrolment, programme))
    recipient = enrolment.leader.email
    post_notice(
        session, Notice(says=says, values={"asks": asks}), recipient=recipient, enrolment_id=enrolment.id, now=now
    )
