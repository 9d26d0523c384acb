"""What the store's tests put into a database and read back from it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, RosterEntry, Tracking
from models.roster import Change, sync_roster
from models.store import read_enrolments
from models.tables import AuditRow, MailItemRow, MailRow
from tests.builders import at

NOW = at("2026-12-07 09:00")
PROGRAMME = "first-100-days"


def sync(
    database: Database, *entries: RosterEntry, source: str = "leaders.yaml", now: datetime = NOW
) -> tuple[Change, ...]:
    with database.sessions.begin() as session:
        return sync_roster(session, entries, source=source, now=now)


def whats(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Who and what, as the changes came."""
    return [(change.leader_key.partition("@")[0], change.what) for change in changes]


def enrol(database: Database, entry: RosterEntry, **options: Any) -> int:
    """The id of the one new enrolment."""
    (change,) = sync(database, entry, **options)
    return change.enrolment_id


def read_one(database: Database, enrolment_id: int, *, tracking: Tracking = "off") -> Enrolment:
    with database.reading() as session:
        (enrolment,) = read_enrolments(session, tracking={PROGRAMME: tracking}, ids=[enrolment_id])
        return enrolment


def read_audit(database: Database, action: str | None = None) -> list[dict[str, Any]]:
    """What the audit says changed, oldest first."""
    with database.reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id))
        return [row.change for row in rows if action is None or row.action == action]


def count_audit(session: Session) -> int:
    return len(session.scalars(select(AuditRow.id)).all())


def add_mail(
    session: Session, enrolment_id: int, *, state: str = "planned", items: Sequence[str] = (), **fields: Any
) -> int:
    """A nudge of 11 January 2027 in that state; the items are tips that came new, each with a recall question."""
    fields = {
        "ordinal": 1,
        "kind": "nudge",
        "recipient": "sam.sample@example.org",
        "slot": at("2027-01-11 08:30"),
        "not_before": at("2027-01-11 08:30"),
        "local_date": date(2027, 1, 11),
        "day": 0,
        "created_at": NOW,
        **fields,
    }
    mail = MailRow(enrolment_id=enrolment_id, state=state, **fields)
    session.add(mail)
    session.flush()
    session.add_all(
        MailItemRow(mail_id=mail.id, position=position, item=item, kind="tip", placed="new", question="recall")
        for position, item in enumerate(items)
    )
    session.flush()
    return mail.id


def read_states(database: Database) -> list[str]:
    """The states of all nudges, in the order in which they were made."""
    with database.reading() as session:
        return list(session.scalars(select(MailRow.state).where(MailRow.kind == "nudge").order_by(MailRow.id)))
