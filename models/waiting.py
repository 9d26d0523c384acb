"""What waits in the outbox, and what became of the rest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.among import among
from models.tables import OPEN_STATES, EnrolmentRow, MailRow
from models.transitions import in_state, is_nudge


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueNudge:
    """A planned nudge whose slot is past."""

    id: int
    enrolment_id: int
    slot: datetime


def read_overdue(session: Session, *, before: datetime) -> tuple[OverdueNudge, ...]:
    """Planned nudges whose slot lies before that instant, oldest first."""
    found = session.execute(
        select(MailRow.id, MailRow.enrolment_id, MailRow.slot)
        .where(is_nudge(), in_state("planned"), MailRow.slot < before)
        .order_by(MailRow.slot, MailRow.id)
    )
    return tuple(
        OverdueNudge(id=mail_id, enrolment_id=enrolment_id, slot=slot)
        for mail_id, enrolment_id, slot in found
        if enrolment_id is not None
    )


def read_next_due(session: Session) -> datetime | None:
    """When the next planned mail may leave; in the past for one that is due."""
    return session.execute(
        select(MailRow.not_before).where(in_state("planned")).order_by(MailRow.not_before).limit(1)
    ).scalar_one_or_none()


def read_idle_enrolments(session: Session) -> tuple[int, ...]:
    """The ids of enrolments without an open nudge, stopped ones included."""
    busy = exists().where(MailRow.enrolment_id == EnrolmentRow.id, is_nudge(), in_state(*OPEN_STATES))
    return tuple(session.execute(select(EnrolmentRow.id).where(~busy).order_by(EnrolmentRow.id)).scalars())


def read_refused_dates(session: Session, enrolment_ids: Collection[int]) -> dict[int, frozenset[date]]:
    """The dates on which a nudge was refused for good, by enrolment: they count to the caps, or a dead mailbox would be
    tried again at every tick."""
    refused = session.execute(
        select(MailRow.enrolment_id, MailRow.local_date).where(
            among(MailRow.enrolment_id, enrolment_ids),
            MailRow.kind == "nudge",
            MailRow.state.in_(("failed", "failed_after_doubt")),
        )
    )
    dates: dict[int, set[date]] = {}
    for enrolment_id, local_date in refused:
        if enrolment_id is not None and local_date is not None:
            dates.setdefault(enrolment_id, set()).add(local_date)
    return {enrolment_id: frozenset(found) for enrolment_id, found in dates.items()}
