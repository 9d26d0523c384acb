"""What is on record of one day of an enrolment: mails in any state, and who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.domain import Enrolment, MailState
from models.tables import AttemptRow, AuditRow, MailRow
from models.transitions import is_nudge


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOn:
    """A nudge of that date, whatever became of it. `answer`: the last word of a mail server."""

    state: MailState
    slot: datetime
    ended_at: datetime | None
    subject: str | None
    why: str
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOn:
    """A line of the audit. `fields`: name, before and after, of those that had a value before."""

    at: datetime
    actor: str
    action: str
    fields: tuple[tuple[str, Any, Any], ...]


def read_mails_on(session: Session, enrolment_id: int, on: date) -> tuple[MailOn, ...]:
    """The nudges for that local date, oldest first; what is only planned for later is none of them."""
    last = (
        select(AttemptRow.detail)
        .where(AttemptRow.mail_id == MailRow.id)
        .order_by(AttemptRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = (MailRow.state, MailRow.slot, MailRow.ended_at, MailRow.subject, MailRow.why, last)
    rows = session.execute(
        select(*columns)
        .where(is_nudge(), MailRow.enrolment_id == enrolment_id, MailRow.local_date == on)
        .order_by(MailRow.id)
    )
    return tuple(
        MailOn(
            state=cast(MailState, state), slot=slot, ended_at=ended_at, subject=subject, why=why, answer=answer or None
        )
        for state, slot, ended_at, subject, why, answer in rows
    )


def read_changes_on(session: Session, enrolment: Enrolment, on: date) -> tuple[ChangeOn, ...]:
    """Who changed what about the enrolment on that date of the leader's, in order."""
    midnight = _midnight(enrolment, on)
    lines = session.execute(
        select(AuditRow.at, AuditRow.actor, AuditRow.action, AuditRow.change)
        .where(*_about(enrolment), AuditRow.at >= midnight, AuditRow.at < midnight + timedelta(days=1))
        .order_by(AuditRow.id)
    )
    return tuple(
        ChangeOn(at=at, actor=actor, action=action, fields=_fields(change)) for at, actor, action, change in lines
    )


def read_stop_on(session: Session, enrolment: Enrolment, on: date) -> Literal["held", "withdrawn"] | None:
    """What held sending to the enrolment at the end of that date of the leader's, by the audit."""
    lines = select(AuditRow.action).where(
        *_about(enrolment), AuditRow.at < _midnight(enrolment, on) + timedelta(days=1)
    )
    stopped: Literal["held", "withdrawn"] | None = None
    for action in session.scalars(lines.order_by(AuditRow.id)):
        if action in ("enrolled", "returned"):
            stopped = None
        elif action == "held":
            stopped = "held"
        elif action in ("withdrawn", "left"):
            stopped = "withdrawn"
    return stopped


def _about(enrolment: Enrolment) -> tuple[ColumnElement[bool], ...]:
    return (AuditRow.leader_key == enrolment.leader.key, AuditRow.programme == enrolment.programme)


def _midnight(enrolment: Enrolment, on: date) -> datetime:
    return datetime.combine(on, time.min, tzinfo=ZoneInfo(enrolment.leader.time_zone))


def _fields(change: Mapping[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    before, after = change.get("before", {}), change.get("after", {})
    both = ((name, was, after.get(name)) for name, was in before.items())
    return tuple((name, was, now) for name, was, now in both if was is not None and now is not None)
