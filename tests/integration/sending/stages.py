"""A mail brought to each state by the way it takes in service."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, MailState, PlannedNudge
from models.outbox import Binding, claim_due, intend, plan_nudges
from models.outcomes import record_in_doubt, record_permanent, record_sent
from models.tables import AttemptRow, MailRow
from models.transitions import ClaimedMail
from models.waiting import OverdueNudge, read_overdue
from tests.builders import at, build_enrolment, build_leader, build_planned, keep_enrolment

LEASE = timedelta(minutes=10)
NOW = at("2027-01-12 08:31")
MESSAGE = b"Subject: One\r\n\r\nTry this.\r\n"


def build_binding(nudge: PlannedNudge, **fields: Any) -> Binding:
    fields = {
        "recipient": "sam.sample@example.org",
        "envelope_sender": "bounces@example.org",
        "subject": "One",
        "message_id": "<1@example.org>",
        "message": MESSAGE,
        "tracked": False,
        **fields,
    }
    return Binding(items=nudge.items, **fields)


def plan_one(session: Session, *, key: str = "sam.sample@example.org", slot: str = "2027-01-12 08:30") -> Enrolment:
    """A new leader with one planned nudge."""
    enrolment = keep_enrolment(session, build_enrolment(leader=build_leader(key=key, email=key)))
    assert plan_nudges(session, [(enrolment, build_planned(slot))], now=at("2027-01-11 12:00")) == 1
    return enrolment


def claim_one(session: Session, *, by: str = "first-claim", now: Any = NOW) -> ClaimedMail:
    (mail,) = claim_due(session, now=now, limit=1, lease=LEASE, token=by)
    return mail


def intend_one(session: Session, *, by: str = "first-claim", now: Any = NOW) -> ClaimedMail:
    mail = claim_one(session, by=by, now=now)
    nudge = build_planned()
    binding = build_binding(nudge) if mail.message is None else None
    assert intend(session, mail, now=now, lease=LEASE, nudge=nudge, binding=binding)
    return mail


@dataclass(frozen=True)
class Stage:
    """The only mail there is, as it was claimed, and as the tick finds it overdue."""

    mail: ClaimedMail
    enrolment: Enrolment
    overdue: OverdueNudge


def bring_to(session: Session, state: MailState) -> Stage:
    """The one mail in that state. Its token is put back, so that nothing but the state protects it."""
    enrolment = plan_one(session)
    (overdue,) = read_overdue(session, before=NOW)
    if state == "planned":
        mail = ClaimedMail(
            id=overdue.id,
            token="first-claim",
            kind="nudge",
            recipient="sam.sample@example.org",
            enrolment_id=enrolment.id,
            slot=overdue.slot,
            tries=0,
            envelope_sender=None,
            notice=None,
            message=None,
        )
    elif state == "claimed":
        mail = claim_one(session)
    else:
        mail = intend_one(session)
    if state == "sent":
        assert record_sent(session, mail, now=NOW, detail="250 ok")
    if state == "failed":
        assert record_permanent(session, mail, now=NOW, detail="550 no such mailbox")
    if state in ("in_doubt", "failed_after_doubt"):
        assert record_in_doubt(session, mail, now=NOW, detail="no answer")
    if state not in ("planned", "claimed", "sending", "sent", "failed", "in_doubt"):
        session.execute(update(MailRow).values(state=state))
    session.execute(update(MailRow).values(token=mail.token))
    return Stage(mail, enrolment, overdue)


def read_mail(database: Database) -> MailRow | None:
    """The only mail there is, for looking at."""
    with database.reading() as session:
        return session.scalars(select(MailRow)).one_or_none()


def read_state(database: Database) -> str:
    mail = read_mail(database)
    return "gone" if mail is None else mail.state


def read_outcomes(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AttemptRow.outcome).order_by(AttemptRow.id)))
