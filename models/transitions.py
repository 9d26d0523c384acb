"""The compare-and-set under every change of a mail's state."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Update,
    bindparam,
    case,
    exists,
    literal,
    null,
    update,
)
from sqlalchemy.orm import Session

from models.domain import MailKind, MailState, Notice
from models.tables import AttemptRow, MailRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMail:
    """A mail as it was claimed. With `message`, its bytes are bound: they are sent as they are, or not at all."""

    id: int
    token: str
    kind: MailKind
    recipient: str
    enrolment_id: int | None
    slot: datetime
    tries: int
    envelope_sender: str | None
    notice: Notice | None
    message: bytes | None


def held_by(mail: ClaimedMail, state: MailState) -> tuple[ColumnElement[bool], ...]:
    """The mail in that state, still under the claim it was handed out with."""
    return (MailRow.id == mail.id, MailRow.token == mail.token, MailRow.state == state)


def in_state(*states: MailState) -> ColumnElement[bool]:
    """A mail in one of these states, written out in the statement: a bound value hides the indexes of the few."""
    if len(states) == 1:
        return MailRow.state == literal(states[0], literal_execute=True)
    return MailRow.state.in_(bindparam(None, states, expanding=True, literal_execute=True))


def is_nudge() -> ColumnElement[bool]:
    """A mail that is a nudge, written out likewise."""
    return MailRow.kind == literal("nudge", literal_execute=True)


def is_tried() -> ColumnElement[bool]:
    """A mail that somebody has tried to send, written out likewise."""
    return MailRow.tries > literal(0, literal_execute=True)


def change(session: Session, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Sets the values on the one mail that meets all conditions; whether there was one."""
    return count_changed(session, update(MailRow).where(*conditions).values(**values)) == 1


def count_changed(session: Session, statement: Update | Delete) -> int:
    """Executes the statement and gives how many rows it met. Values loaded earlier in the session are not refreshed."""
    options = {"synchronize_session": False}
    return cast("CursorResult[Any]", session.execute(statement, execution_options=options)).rowcount


def was_in_doubt() -> ColumnElement[bool]:
    """Whether a mail's server may have taken it at an earlier attempt."""
    return exists().where(AttemptRow.mail_id == MailRow.id, AttemptRow.outcome == "in_doubt").correlate(MailRow)


def end_unsent(
    session: Session,
    *conditions: ColumnElement[bool],
    state: MailState,
    since: MailState,
    now: datetime,
    why: str | None = None,
) -> bool:
    """`since` → `state`, an end without delivery: the bytes go, and the ordinal is free again.

    A mail that was in doubt once ends as failed_after_doubt instead and keeps its ordinal: it may have arrived.
    """
    reason: dict[str, Any] = {} if why is None else {"why": why}
    return change(
        session,
        *conditions,
        MailRow.state == since,
        state=case((was_in_doubt(), "failed_after_doubt"), else_=state),
        ordinal=case((was_in_doubt(), MailRow.ordinal), else_=null()),
        message=None,
        notice=None,
        token=None,
        lease_until=None,
        ended_at=now,
        **reason,
    )
