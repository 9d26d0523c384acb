"""The mail that a link stands in, or that a reply answers: whose it is, and what it asks at which place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain import Enrolment, ItemKind, MailState, PlacedAs, QuestionKind, Tracking
from models.outcomes import prove_accepted
from models.store import SentMailItem, read_enrolments
from models.tables import MailItemRow, MailRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedMail:
    """A mail with its items by position, and whose it is."""

    id: int  # 0: no longer kept, though its leader is
    state: MailState
    watched: bool  # it was tracked, and its leader still agrees
    enrolment: Enrolment
    items: Mapping[int, SentMailItem]


def read_linked_mail(session: Session, mail_id: int, *, tracking: Mapping[str, Tracking]) -> LinkedMail | None:
    """The mail with this number; None where there is none any more. `tracking`: the setting in force, by programme."""
    columns = select(MailRow.state, MailRow.tracked, MailRow.enrolment_id).where(MailRow.id == mail_id)
    found = session.execute(columns).one_or_none()
    enrolments = read_enrolments(session, tracking=tracking, ids=[found.enrolment_id or 0]) if found else ()
    if found is None or not enrolments:
        return None
    return LinkedMail(
        id=mail_id,
        state=cast(MailState, found.state),
        watched=found.tracked and enrolments[0].leader.tracking,
        enrolment=enrolments[0],
        items=_read_items(session, mail_id),
    )


def read_own_mail(
    session: Session, enrolment_id: int, mail_id: int = 0, *, tracking: Mapping[str, Tracking]
) -> LinkedMail | None:
    """The enrolment's mail with this number, or one without a number where it is gone; None for no such enrolment."""
    mail = read_linked_mail(session, mail_id, tracking=tracking) if mail_id else None
    if mail is not None and mail.enrolment.id == enrolment_id:
        return mail
    enrolments = read_enrolments(session, tracking=tracking, ids=[enrolment_id])
    return LinkedMail(id=0, state="sent", watched=False, enrolment=enrolments[0], items={}) if enrolments else None


def prove_delivery(session: Session, mail: LinkedMail, *, now: datetime) -> None:
    """Settle a doubt whether the mail arrived: somebody holds it."""
    if mail.state not in ("sent", "sending"):
        prove_accepted(session, mail.id, now=now)


def _read_items(session: Session, mail_id: int) -> dict[int, SentMailItem]:
    rows = session.scalars(select(MailItemRow).where(MailItemRow.mail_id == mail_id).order_by(MailItemRow.position))
    return {
        row.position: SentMailItem(
            position=row.position,
            item=row.item,
            kind=cast(ItemKind, row.kind),
            placed=cast(PlacedAs, row.placed),
            question=cast(QuestionKind | None, row.question),
            late=row.late,
        )
        for row in rows
    }
