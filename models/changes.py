"""What a change of an enrolment leaves behind: its audit line, and no nudge that was planned before it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.among import among
from models.outbox import drop_planned
from models.tables import AuditRow, MailRow
from models.transitions import end_unsent, in_state, is_nudge

Actor = Literal["config", "leader", "admin", "system"]
# keep: the plan stands; replan: drop a planned nudge that was never tried; cancel: one that was tried in vain, too
Effect = Literal["keep", "replan", "cancel"]


def local_date(now: datetime, time_zone: str) -> date:
    """The date it is there."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def write_audit(
    session: Session,
    *,
    leader_key: str,
    programme: str,
    actor: str,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
    account: str | None = None,
) -> None:
    """Add one line to the audit. `account`: of the admin pages, where somebody did it there."""
    change = {"before": dict(before), "after": dict(after)}
    line = AuditRow(at=now, actor=actor, action=action, leader_key=leader_key, programme=programme, change=change)
    line.account = account
    session.add(line)


def find_planned(session: Session, enrolment_ids: Collection[int]) -> set[int]:
    """Those of the enrolments for which a nudge waits to be sent: nothing is to be cleared for the others."""
    waiting = select(MailRow.enrolment_id).where(among(MailRow.enrolment_id, enrolment_ids))
    found = session.scalars(waiting.where(is_nudge(), in_state("planned")))
    return {enrolment_id for enrolment_id in found if enrolment_id is not None}


def clear_planned(session: Session, enrolment_id: int, effect: Effect, *, now: datetime, why: str) -> None:
    """Take back what waits to be sent to this enrolment, as far as the effect goes; the next tick plans afresh.

    What is claimed or on its way stays with the dispatcher, who decides again before each intent.
    """
    if effect == "keep" or drop_planned(session, enrolment_id) or effect == "replan":
        return
    end_unsent(
        session,
        MailRow.enrolment_id == enrolment_id,
        MailRow.kind == "nudge",
        state="cancelled",
        since="planned",
        now=now,
        why=why,
    )
