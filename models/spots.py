"""Where a link of a mail stands: the mail, whether it is watched, and the resource there; for many links at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.among import among
from models.domain import MailState, Tracking
from models.store import is_tracked, read_agreed
from models.tables import EnrolmentRow, MailItemRow, MailRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in a mail, or a mail as a whole."""

    mail_id: int
    state: MailState
    watched: bool  # it was tracked, and its leader still agrees
    enrolment_id: int
    programme: str
    item: str | None  # the resource that stands there; None: the mail as a whole


def find_spots(
    session: Session, places: Sequence[tuple[int, int | None]], *, tracking: Mapping[str, Tracking]
) -> list[Spot | None]:
    """What is at each of these, a mail's number and a position in it or none; None where nothing is any more.

    `tracking` as for `read_enrolments`. At a position only a resource counts.
    """
    mail_ids = {mail_id for mail_id, _ in places}
    columns = (MailRow.id, MailRow.state, MailRow.tracked, EnrolmentRow.id, EnrolmentRow.leader_id)
    joined = select(*columns, EnrolmentRow.programme).join(EnrolmentRow, EnrolmentRow.id == MailRow.enrolment_id)
    mails = {row[0]: row for row in session.execute(joined.where(among(MailRow.id, mail_ids)))}
    agreed = read_agreed(session, {row[3] for row in mails.values()})
    resources = _read_resources(session, {mail_id for mail_id, position in places if position is not None})
    spots: list[Spot | None] = []
    for mail_id, position in places:
        item = resources.get((mail_id, position))
        if mail_id not in mails or (position is not None and item is None):
            spots.append(None)
            continue
        _, state, tracked, enrolment_id, leader_id, programme = mails[mail_id]
        spot = Spot(
            mail_id=mail_id,
            state=cast(MailState, state),
            watched=tracked and is_tracked(tracking.get(programme), leader_id in agreed),
            enrolment_id=enrolment_id,
            programme=programme,
            item=item,
        )
        spots.append(spot)
    return spots


def _read_resources(session: Session, mail_ids: set[int]) -> dict[tuple[int, int | None], str]:
    if not mail_ids:
        return {}
    columns = select(MailItemRow.mail_id, MailItemRow.position, MailItemRow.item)
    found = session.execute(columns.where(among(MailItemRow.mail_id, mail_ids), MailItemRow.kind == "resource"))
    return {(mail_id, position): item for mail_id, position, item in found}
