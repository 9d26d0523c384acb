"""Mail that is no nudge, on its way into the outbox: due at once, composed when it is sent.

Functions take a session and never commit.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.domain import Notice, NoticeName
from models.tables import MailRow
from models.transitions import count_changed, in_state

_KIND = "confirmation"


def post_notice(session: Session, notice: Notice, *, recipient: str, enrolment_id: int, now: datetime) -> int:
    """Puts a notice about an enrolment into the outbox, to its leader or to somebody else; gives the mail's number."""
    row = MailRow(
        kind=_KIND,
        recipient=recipient,
        enrolment_id=enrolment_id,
        state="planned",
        slot=now,
        not_before=now,
        notice={"says": notice.says, "values": dict(notice.values)},
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def take_back_notices(session: Session, enrolment_id: int, *says: NoticeName) -> int:
    """Takes back notices of these names that were never tried, as what they say holds no longer; gives how many."""
    waiting = select(MailRow.id, MailRow.notice).where(
        MailRow.enrolment_id == enrolment_id,
        MailRow.kind == _KIND,
        in_state("planned"),
        MailRow.tries == 0,
    )
    outdated = [mail_id for mail_id, notice in session.execute(waiting) if notice and notice["says"] in says]
    if not outdated:
        return 0
    return count_changed(session, delete(MailRow).where(MailRow.id.in_(outdated), in_state("planned")))


def read_notice(kept: Mapping[str, Any] | None) -> Notice | None:
    """The notice as it was posted; None for a nudge."""
    if kept is None:
        return None
    return Notice(says=cast(NoticeName, kept["says"]), values=kept["values"])
