"""Out of the door: claim → decide again → compose → intent → deliver → record, each mail on its own.

No transaction is open while a mail is composed or delivered. Whoever dies on the way leaves a lease behind, and the
state tells what is safe: before the intent the mail is planned again, after it the mail is in doubt.
"""

import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from emails.addresses import mask_addresses
from emails.compose import Composed
from emails.envelope import Envelope, TransportError
from emails.problems import ComposeError
from emails.transport import Transport
from models.database import Database
from models.digests import Digest, read_digest
from models.domain import Enrolment, History, Notice, PlannedItem, PlannedNudge, Programme, Tracking
from models.outbox import Binding, cancel, claim_due, intend, is_day_taken, postpone, release
from models.outcomes import (
    prove_accepted,
    record_in_doubt,
    record_not_composed,
    record_permanent,
    record_sent,
    record_temporary,
)
from models.store import read_enrolments
from models.transitions import ClaimedMail
from scheduler.deciding import Case, Planner, PlanningError, decide, read_cases

BATCH = 50  # mails claimed at once: a crash strands no more of them until their leases run out
RELAY_DOWN_AFTER = 5  # temporary failures in a row: the rest is left for the next tick
FRESH_FOR = timedelta(seconds=20)  # what was read for a batch counts so long: somebody may leave in the meantime
DAY_TAKEN_PAUSE = timedelta(minutes=15)

# `lost`: another dispatcher has the mail by now, or a leader's day was taken in the meantime
Outcome = Literal["sent", "temporary", "permanent", "in_doubt", "postponed", "not_composed", "cancelled", "lost"]
_log = logging.getLogger(__name__)


class Compose(Protocol):
    """Turns a nudge into a complete message. Raises ComposeError."""

    def __call__(
        self,
        nudge: PlannedNudge,
        *,
        mail_id: int,
        enrolment: Enrolment,
        programme: Programme,
        history: History,
        now: datetime,
    ) -> Composed: ...


class ComposeNotice(Protocol):
    """Turns a notice into a complete message. Raises ComposeError."""

    def __call__(
        self,
        notice: Notice,
        *,
        recipient: str,
        mail_id: int,
        enrolment: Enrolment,
        programme: Programme,
        posted_at: datetime,
        now: datetime,
    ) -> Composed: ...


class ComposeDigest(Protocol):
    """Turns a digest into a complete message. Raises ComposeError."""

    def __call__(
        self, digest: Digest, *, recipient: str, mail_id: int, posted_at: datetime, now: datetime
    ) -> Composed: ...


class ComposeWeek(Protocol):
    """Turns what waits for an account into a complete message; None where nothing does. Raises ComposeError."""

    def __call__(self, account: str, *, mail_id: int, posted_at: datetime, now: datetime) -> Composed | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """All that sending takes. `clock` gives the instant, also while a long pass goes on; `stopping` ends it early."""

    database: Database
    programmes: Mapping[str, Programme]
    tracking: Mapping[str, Tracking]
    plan: Planner
    compose: Compose
    compose_notice: ComposeNotice
    transport: Transport
    new_token: Callable[[], str]
    clock: Callable[[], datetime]
    compose_digest: ComposeDigest | None = None  # None: digests are dropped
    compose_week: ComposeWeek | None = None  # likewise those of the week
    lease: timedelta = timedelta(minutes=10)
    stopping: Callable[[], bool] = lambda: False


def send_due(dispatch: Dispatch, *, after_batch: Callable[[], None] = lambda: None) -> Counter[Outcome]:
    """Sends until nothing is due, the relay seems down, or the service stops; gives how often each outcome was."""
    outcomes: Counter[Outcome] = Counter()
    while not dispatch.stopping():
        with dispatch.database.sessions.begin() as session:
            mails = claim_due(
                session, now=dispatch.clock(), limit=BATCH, lease=dispatch.lease, token=dispatch.new_token()
            )
        if not mails:
            break
        batch = _send_batch(dispatch, mails)
        outcomes.update(batch)
        after_batch()
        if _relay_is_down(batch):
            _log.warning("the mail server refuses everything for now; the rest waits for the next tick")
            break
    return outcomes


def _send_batch(dispatch: Dispatch, mails: Sequence[ClaimedMail]) -> list[Outcome]:
    """Sends the mails one by one. What is left when time is up, or when something breaks, is given back untouched."""
    outcomes: list[Outcome] = []
    left = deque(mails)
    give_back_at = dispatch.clock() + min(FRESH_FOR, dispatch.lease / 2)
    try:
        with dispatch.database.reading() as session:
            ids = {mail.enrolment_id for mail in mails if mail.enrolment_id is not None}
            cases = read_cases(session, read_enrolments(session, tracking=dispatch.tracking, ids=ids))
        while left and not dispatch.stopping() and not _relay_is_down(outcomes) and dispatch.clock() <= give_back_at:
            mail = left.popleft()
            outcomes.append(_send(dispatch, mail, case=cases.get(mail.enrolment_id or 0)))
    finally:
        if left:
            with dispatch.database.sessions.begin() as session:
                for mail in left:
                    release(session, mail)
    return outcomes


def _relay_is_down(outcomes: Sequence[Outcome]) -> bool:
    return len(outcomes) >= RELAY_DOWN_AFTER and set(outcomes[-RELAY_DOWN_AFTER:]) == {"temporary"}


def _send(dispatch: Dispatch, mail: ClaimedMail, *, case: Case | None) -> Outcome:
    """One claimed mail on its way, as far as it gets."""
    now = dispatch.clock()
    try:
        if mail.kind == "digest":
            return _send_digest(dispatch, mail, now=now)
        if mail.notice is not None:
            return _send_notice(dispatch, mail, mail.notice, case=case, now=now)
        nudge = decide(dispatch.plan, case, programmes=dispatch.programmes, now=now) if case else None
        if case is None or nudge is None:
            return _cancel(dispatch, mail)
        if nudge.slot > now:
            return _postpone(dispatch, mail, nudge)
        binding = None if mail.message is not None else _bind(dispatch, mail, nudge, case=case, now=now)
    except (PlanningError, ComposeError) as error:
        return _push_forward(dispatch, mail, str(error))
    return _intend_and_deliver(dispatch, mail, nudge=nudge, binding=binding)


def _bind(dispatch: Dispatch, mail: ClaimedMail, nudge: PlannedNudge, *, case: Case, now: datetime) -> Binding:
    enrolment = case.enrolment
    composed = dispatch.compose(
        nudge,
        mail_id=mail.id,
        enrolment=enrolment,
        programme=dispatch.programmes[enrolment.programme],
        history=case.history,
        now=now,
    )
    return _binding(composed, enrolment.leader.email, tracked=enrolment.leader.tracking, items=nudge.items)


def _send_notice(dispatch: Dispatch, mail: ClaimedMail, notice: Notice, *, case: Case | None, now: datetime) -> Outcome:
    """A mail that is no nudge: nothing is decided about it. Raises ComposeError."""
    programme = dispatch.programmes.get(case.enrolment.programme) if case else None
    if case is None or programme is None:
        return _cancel(dispatch, mail)
    if mail.message is not None:
        return _intend_and_deliver(dispatch, mail, nudge=None, binding=None)
    composed = dispatch.compose_notice(
        notice,
        recipient=mail.recipient,
        mail_id=mail.id,
        enrolment=case.enrolment,
        programme=programme,
        posted_at=mail.slot,
        now=now,
    )
    return _intend_and_deliver(dispatch, mail, nudge=None, binding=_binding(composed, mail.recipient))


def _send_digest(dispatch: Dispatch, mail: ClaimedMail, *, now: datetime) -> Outcome:
    """A mail about config, written from the audit as it is now. Raises ComposeError."""
    if mail.message is not None:
        return _intend_and_deliver(dispatch, mail, nudge=None, binding=None)
    if mail.notice is None:
        return _cancel(dispatch, mail)
    if "account" in mail.notice.values:
        return _send_week(dispatch, mail, now=now)
    if dispatch.compose_digest is None:
        return _cancel(dispatch, mail)
    with dispatch.database.reading() as session:
        digest = read_digest(session, mail.notice.values)
    if not (digest.changes or digest.problems or digest.mended):  # whom it was about has been erased
        return _cancel(dispatch, mail)
    composed = dispatch.compose_digest(digest, recipient=mail.recipient, mail_id=mail.id, posted_at=mail.slot, now=now)
    return _intend_and_deliver(dispatch, mail, nudge=None, binding=_binding(composed, mail.recipient))


def _send_week(dispatch: Dispatch, mail: ClaimedMail, *, now: datetime) -> Outcome:
    """The mail of the week to an account. Raises ComposeError."""
    if dispatch.compose_week is None:
        return _cancel(dispatch, mail)
    composed = dispatch.compose_week(mail.recipient, mail_id=mail.id, posted_at=mail.slot, now=now)
    if composed is None:  # nothing waits, or the account has gone
        return _cancel(dispatch, mail)
    return _intend_and_deliver(dispatch, mail, nudge=None, binding=_binding(composed, mail.recipient))


def _binding(
    composed: Composed, recipient: str, *, tracked: bool = False, items: tuple[PlannedItem, ...] = ()
) -> Binding:
    return Binding(
        recipient=recipient,
        envelope_sender=composed.envelope_sender,
        subject=composed.subject,
        message_id=composed.message_id,
        message=composed.message,
        tracked=tracked,
        items=items,
    )


# ---------------------------------------------------------------- not sent now


def _cancel(dispatch: Dispatch, mail: ClaimedMail) -> Outcome:
    with dispatch.database.sessions.begin() as session:
        happened = cancel(session, mail, now=dispatch.clock(), why="nothing is to be sent to this leader any more")
    return "cancelled" if happened else "lost"


def _postpone(dispatch: Dispatch, mail: ClaimedMail, nudge: PlannedNudge) -> Outcome:
    with dispatch.database.sessions.begin() as session:
        happened = postpone(session, mail, nudge)
    return "postponed" if happened else "lost"


def _push_forward(dispatch: Dispatch, mail: ClaimedMail, why: str) -> Outcome:
    _log.error("mail %d was not composed; `report leaders` says why", mail.id)
    with dispatch.database.sessions.begin() as session:
        happened = record_not_composed(session, mail, now=dispatch.clock(), detail=why)
    return "not_composed" if happened else "lost"


# ---------------------------------------------------------------- out of the door


def _intend_and_deliver(
    dispatch: Dispatch, mail: ClaimedMail, *, nudge: PlannedNudge | None, binding: Binding | None
) -> Outcome:
    now = dispatch.clock()
    with dispatch.database.sessions.begin() as session:
        if nudge is not None and is_day_taken(session, mail, nudge.local_date):
            # what was decided is out of date: another programme's nudge left in the meantime
            release(session, mail, not_before=now + DAY_TAKEN_PAUSE)
            return "postponed"
        if not intend(session, mail, now=now, lease=dispatch.lease, nudge=nudge, binding=binding):
            return "lost"
    envelope = _envelope(mail, binding)
    try:
        answer = dispatch.transport.deliver(envelope)
    except TransportError as error:
        return _record_refusal(dispatch, mail, error)
    return _record_acceptance(dispatch, mail, answer)


def _envelope(mail: ClaimedMail, binding: Binding | None) -> Envelope:
    if binding is not None:
        return Envelope(sender=binding.envelope_sender, recipient=binding.recipient, message=binding.message)
    return Envelope(sender=mail.envelope_sender or "", recipient=mail.recipient, message=mail.message or b"")


def _record_acceptance(dispatch: Dispatch, mail: ClaimedMail, answer: str) -> Outcome:
    now = dispatch.clock()
    with dispatch.database.sessions.begin() as session:
        if record_sent(session, mail, now=now, detail=answer):
            return "sent"
        # The lease ran out over a slow server and the mail was put in doubt; its answer settles that.
        return "sent" if prove_accepted(session, mail.id, now=now) else "lost"


def _record_refusal(dispatch: Dispatch, mail: ClaimedMail, error: TransportError) -> Outcome:
    _log.warning("mail %d: %s: %s", mail.id, error.kind, mask_addresses(error.detail))
    record = _RECORD[error.kind]
    with dispatch.database.sessions.begin() as session:
        happened = record(session, mail, now=dispatch.clock(), detail=error.detail)
    return error.kind if happened else "lost"


_RECORD = {"temporary": record_temporary, "permanent": record_permanent, "in_doubt": record_in_doubt}
