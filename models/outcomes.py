"""What came of an attempt: sent, put off, refused, or in doubt, and how a doubt is settled.

Each change is a compare-and-set that says whether it happened; only then is the attempt written down. Attempts are
never changed afterwards.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.happenings import note_bounced, note_sent
from models.outbox import drop_planned
from models.tables import OPEN_STATES, AttemptRow, EventRow, MailRow
from models.transitions import ClaimedMail, change, end_unsent, held_by, in_state, is_nudge, was_in_doubt

BACKOFF_MINUTES = (1, 5, 15, 60, 240)  # after the first try, the second, ...; the last one from then on
DETAIL_LENGTH = 1000  # of a server's answer, enough to see why


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """How many mails came back from leases that ran out: to planned, and to in doubt."""

    planned: int
    in_doubt: int


def record_sent(session: Session, mail: ClaimedMail, *, now: datetime, detail: str) -> bool:
    """sending → sent; the bytes have done their work and go."""
    happened = change(
        session,
        *held_by(mail, "sending"),
        state="sent",
        message=None,
        notice=None,
        token=None,
        lease_until=None,
        ended_at=now,
    )
    if happened and mail.kind == "nudge":
        note_sent(session, mail.id, now=now)
    return happened and _note(session, mail.id, now=now, outcome="sent", detail=detail)


def record_temporary(session: Session, mail: ClaimedMail, *, now: datetime, detail: str) -> bool:
    """sending → planned with the same bytes, to be tried again after a while that grows with the tries."""
    happened = change(
        session,
        *held_by(mail, "sending"),
        state="planned",
        token=None,
        lease_until=None,
        not_before=now + backoff_after(mail.tries),
    )
    return happened and _note(session, mail.id, now=now, outcome="temporary", detail=detail)


def record_not_composed(session: Session, mail: ClaimedMail, *, now: datetime, detail: str) -> bool:
    """claimed → planned, pushed forward as if tried, so that a mail that cannot be composed never stops the others."""
    happened = change(
        session,
        *held_by(mail, "claimed"),
        state="planned",
        token=None,
        lease_until=None,
        tries=MailRow.tries + 1,
        not_before=now + backoff_after(mail.tries),
    )
    return happened and _note(session, mail.id, now=now, outcome="not_composed", detail=detail)


def record_permanent(session: Session, mail: ClaimedMail, *, now: datetime, detail: str) -> bool:
    """sending → failed: the server will not have it."""
    happened = end_unsent(session, *held_by(mail, "sending"), state="failed", since="sending", now=now)
    if happened:
        note_bounced(session, mail.id, now=now)
    return happened and _note(session, mail.id, now=now, outcome="permanent", detail=detail)


def record_in_doubt(session: Session, mail: ClaimedMail, *, now: datetime, detail: str) -> bool:
    """sending → in_doubt: the server may or may not have it. The bytes stay, it is never resent blindly."""
    happened = change(session, *held_by(mail, "sending"), state="in_doubt", token=None, lease_until=None, ended_at=now)
    return happened and _note(session, mail.id, now=now, outcome="in_doubt", detail=detail)


def backoff_after(tries: int) -> timedelta:
    """How long to wait after a try that failed, when there were `tries` before it."""
    return timedelta(minutes=BACKOFF_MINUTES[min(tries, len(BACKOFF_MINUTES) - 1)])


def release_expired_leases(session: Session, *, now: datetime, lease: timedelta) -> Returned:
    """Takes mails back from dispatchers that died: claimed → planned (safe), sending → in_doubt.

    `lease` tells when the intent was: a mail in doubt counts from then, whenever the loss was found.
    """
    planned = 0
    in_doubt = 0
    lost = session.execute(
        select(MailRow.id, MailRow.state, MailRow.lease_until)
        .where(in_state("claimed", "sending"), MailRow.lease_until <= now)
        .order_by(MailRow.id)
        .with_for_update(skip_locked=True)
    ).all()
    for mail_id, state, lease_until in lost:
        same = (MailRow.id == mail_id, MailRow.state == state, MailRow.lease_until == lease_until)
        if state == "claimed":
            planned += change(session, *same, state="planned", token=None, lease_until=None)
            continue
        since = now if lease_until is None else lease_until - lease
        if change(session, *same, state="in_doubt", token=None, lease_until=None, ended_at=since):
            in_doubt += _note(
                session, mail_id, now=now, outcome="in_doubt", detail="the sender died or hung in mid-sending"
            )
    return Returned(planned=planned, in_doubt=in_doubt)


def prove_accepted(session: Session, mail_id: int, *, now: datetime) -> bool:
    """in_doubt → sent, on evidence that the mail arrived: a hit on one of its links, an answer, a delivery report.

    Also where a resend was already planned, or the doubt was closed. It counts as sent from when the doubt arose.
    """
    happened = change(
        session,
        MailRow.id == mail_id,
        MailRow.state.in_(("in_doubt", "planned", "claimed", "failed_after_doubt")),
        was_in_doubt(),
        state="sent",
        message=None,
        notice=None,
        token=None,
        lease_until=None,
        ended_at=func.coalesce(MailRow.ended_at, now),
    )
    if happened:
        note_sent(session, mail_id, now=now)
    return happened


def prove_by_events(session: Session, *, now: datetime) -> int:
    """in_doubt → sent for mails of which any event is on record, whoever caused it; gives how many."""
    hit = exists().where(EventRow.mail_id == MailRow.id)
    proved = session.execute(select(MailRow.id).where(in_state("in_doubt"), hit).order_by(MailRow.id)).scalars()
    return sum(prove_accepted(session, mail_id, now=now) for mail_id in proved.all())


def resend_doubts(session: Session, *, now: datetime, patience: timedelta) -> int:
    """The policy `resend_once`: what is in doubt for that long → planned with the same bytes; gives how many.

    A mail that is in doubt for the second time ends as failed_after_doubt. Where the enrolment's next nudge is already
    on its way, the resend waits for it.
    """
    doubts = func.count(AttemptRow.id)
    waiting = session.execute(
        select(MailRow.id, MailRow.kind, MailRow.enrolment_id, doubts)
        .join(AttemptRow, (AttemptRow.mail_id == MailRow.id) & (AttemptRow.outcome == "in_doubt"))
        .where(in_state("in_doubt"), MailRow.ended_at <= now - patience)
        .group_by(MailRow.id, MailRow.kind, MailRow.enrolment_id)
        .order_by(MailRow.id)
    ).all()
    resent = 0
    for mail_id, kind, enrolment_id, times in waiting:
        if times > 1:
            end_unsent(session, MailRow.id == mail_id, state="failed_after_doubt", since="in_doubt", now=now)
            continue
        if kind == "nudge" and enrolment_id is not None and not _clear_the_way(session, enrolment_id):
            continue
        resent += _plan_again(session, mail_id, now=now)
    return resent


def resend_doubt(session: Session, mail_id: int, enrolment_id: int, *, now: datetime) -> bool:
    """in_doubt → planned with the same bytes, at somebody's word; False where another mail is on its way."""
    return _clear_the_way(session, enrolment_id) and _plan_again(session, mail_id, now=now)


def _plan_again(session: Session, mail_id: int, *, now: datetime) -> bool:
    try:
        with session.begin_nested():
            return change(session, MailRow.id == mail_id, MailRow.state == "in_doubt", state="planned", not_before=now)
    except IntegrityError:  # the enrolment's next nudge was planned in this very moment
        return False


def _clear_the_way(session: Session, enrolment_id: int) -> bool:
    """Takes back the enrolment's next nudge, if it can be; whether none is open now."""
    drop_planned(session, enrolment_id)
    is_open = exists().where(MailRow.enrolment_id == enrolment_id, is_nudge(), in_state(*OPEN_STATES))
    return not session.execute(select(is_open)).scalar_one()


def _note(session: Session, mail_id: int, *, now: datetime, outcome: str, detail: str) -> bool:
    """Appends the attempt. True, so that it can close a chain of what happened."""
    session.add(AttemptRow(mail_id=mail_id, at=now, outcome=outcome, detail=detail[:DETAIL_LENGTH]))
    session.flush()
    return True
