"""Delivery: what became of all mails, the ones in doubt with their buttons, what servers refused and what to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.doubts import Verdict, read_doubts, settle_doubt
from models.tables import AttemptRow, EnrolmentRow, LeaderRow, MailRow
from models.transitions import in_state, is_tried
from reports.delivery import read_delivery
from web.admin.desk import Desk, KeepingDesk, LookingDesk
from web.admin.wording import STATES, say_instant

MOST_FAILURES = 50
_DONE = {
    "settled": "Settled.",
    "waits": "Nothing has changed: it is in doubt no more, or another mail to this leader is on its way just now.",
}

router = APIRouter(prefix="/admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A mail that was refused, or is put off again and again, and the last word of the server."""

    enrolment_id: int
    leader: str
    recipient: str
    state: str
    at: datetime
    said: str


@router.api_route("/delivery", methods=["GET", "HEAD"])
def show_delivery(desk: LookingDesk, done: str = "") -> Response:
    """All of it, with what to do."""
    with desk.reading() as session:
        report = read_delivery(session, desk.report_context(session))
        doubts, failures = read_doubts(session), _read_failures(session)
    return desk.render(
        "delivery.html",
        done=_DONE.get(done, ""),
        states=[(*STATES[state], count) for state, count in report.mails.items()],
        suppressed=report.suppressed,
        doubts=doubts,
        failures=failures,
        say_instant=say_instant,
    )


@router.post("/delivery/{mail_id}")
def settle(
    desk: KeepingDesk,
    mail_id: int,
    verdict: Annotated[Verdict, Form()] = "sent",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Settle one doubt. To send once more is asked about: the leader may then have it twice."""
    with desk.reading() as session:
        found = next((doubt for doubt in read_doubts(session) if doubt.mail_id == mail_id), None)
    if found is None:
        raise HTTPException(404)
    if verdict == "resend" and sure != "yes":
        return desk.render("resend.html", doubt=found, say_instant=say_instant)
    happened = desk.write(lambda session: _settle(session, desk, mail_id, verdict))
    return desk.send_to(f"/admin/delivery?done={'settled' if happened else 'waits'}")


def _settle(session: Session, desk: Desk, mail_id: int, verdict: Verdict) -> bool:
    doubt = next((one for one in read_doubts(session) if one.mail_id == mail_id), None)
    return doubt is not None and settle_doubt(session, doubt, verdict, now=desk.now, account=desk.account.email)


def _read_failures(session: Session) -> tuple[Failure, ...]:
    """The newest mails to leaders that were refused or put off, with what the server said last."""
    failed = select(MailRow.id).where(in_state("failed", "failed_after_doubt"), MailRow.enrolment_id.is_not(None))
    put_off = select(MailRow.id).where(in_state("planned"), is_tried(), MailRow.enrolment_id.is_not(None))
    mails = [
        *session.scalars(failed.order_by(MailRow.ended_at.desc()).limit(MOST_FAILURES)),
        *session.scalars(put_off.order_by(MailRow.not_before.desc()).limit(MOST_FAILURES)),
    ]
    newest = (
        select(func.max(AttemptRow.id))
        .where(AttemptRow.mail_id.in_(mails), AttemptRow.outcome.in_(("permanent", "temporary", "not_composed")))
        .group_by(AttemptRow.mail_id)
    )
    found = session.execute(
        select(EnrolmentRow.id, LeaderRow.name, MailRow.recipient, MailRow.state, AttemptRow.at, AttemptRow.detail)
        .select_from(AttemptRow)
        .join(MailRow, MailRow.id == AttemptRow.mail_id)
        .join(EnrolmentRow, EnrolmentRow.id == MailRow.enrolment_id)
        .join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
        .where(AttemptRow.id.in_(newest))
        .order_by(AttemptRow.id.desc())
        .limit(MOST_FAILURES)
    )
    return tuple(
        Failure(enrolment_id=own, leader=name, recipient=recipient, state=state, at=at, said=detail)
        for own, name, recipient, state, at, detail in found
    )
