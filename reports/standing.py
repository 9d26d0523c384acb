"""Where an enrolment stands: its status, and what about it a person should look at.

The status is the first of these that holds: withdrawn; completed (the closing summary is out, or may be); held;
suppressed (the last three nudges to the leader's address were refused for good); paused; waiting; active.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.among import among
from models.corrections import Correction
from models.domain import CLOSING, Enrolment, MailState, Programme, Status
from models.tables import OPEN_STATES, AttemptRow, MailItemRow, MailRow
from scheduler.calendar import local_date

REFUSALS_IN_A_ROW = 3  # from then on an address counts as dead
PUT_OFF_TIMES = 3  # temporary refusals of one mail that are more than a server's usual caution
SAID_LENGTH = 160  # of a server's answer, enough to know what is wrong
SILENT_MAILS = 5  # without any sign of life: worth a word with the leader
_TRIED = ("sent", "in_doubt", "failed", "failed_after_doubt")
_MAY_BE_OUT = ("sent", "in_doubt")


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeFate:
    """What has become of a nudge."""

    id: int
    enrolment_id: int
    state: MailState
    slot: datetime
    recipient: str
    ended_at: datetime | None
    tries: int
    closes: bool  # it carries the closing summary
    outcome: str = ""  # of the last attempt, where the nudge was not sent
    said: str = ""  # by the mail server then

    @property
    def at(self) -> datetime:
        return self.ended_at or self.slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """As much of what came back as a problem may lie in."""

    sent: int
    silent: bool  # the leader has not been heard of
    watched: bool  # opens and clicks would have been seen


# ---------------------------------------------------------------- what has become of the nudges


def read_fates(session: Session, ids: Collection[int] | None = None) -> dict[int, tuple[NudgeFate, ...]]:
    """The nudges of these enrolments, or of all, in the order in which they came to their state; three queries."""
    nudges = [MailRow.kind == "nudge", *([] if ids is None else [among(MailRow.enrolment_id, ids)])]
    closes = select(MailItemRow.mail_id).join(MailRow, MailRow.id == MailItemRow.mail_id)
    closing = set(session.scalars(closes.where(MailItemRow.item == CLOSING, *nudges)))
    newest = (
        select(func.max(AttemptRow.id))
        .join(MailRow, MailRow.id == AttemptRow.mail_id)
        .where(*nudges, MailRow.state.not_in(("sent", "expired", "cancelled", "suppressed")))
        .group_by(AttemptRow.mail_id)
    )
    attempts = select(AttemptRow.mail_id, AttemptRow.outcome, AttemptRow.detail).where(AttemptRow.id.in_(newest))
    last = {mail_id: (outcome, detail) for mail_id, outcome, detail in session.execute(attempts)}
    columns = (MailRow.id, MailRow.enrolment_id, MailRow.state, MailRow.slot, MailRow.recipient)
    rows = session.execute(select(*columns, MailRow.ended_at, MailRow.tries).where(*nudges))
    found: dict[int, list[NudgeFate]] = defaultdict(list)
    for mail_id, enrolment_id, state, slot, recipient, ended_at, tries in rows:
        if enrolment_id is not None:
            outcome, detail = last.get(mail_id, ("", ""))
            fate = NudgeFate(
                id=mail_id,
                enrolment_id=enrolment_id,
                state=cast(MailState, state),
                slot=slot,
                recipient=recipient,
                ended_at=ended_at,
                tries=tries,
                closes=mail_id in closing,
                outcome=outcome,
                said=" ".join(detail.split())[:SAID_LENGTH],
            )
            found[enrolment_id].append(fate)
    return {owner: tuple(sorted(fates, key=lambda fate: (fate.at, fate.id))) for owner, fates in found.items()}


def open_nudge(fates: Iterable[NudgeFate]) -> NudgeFate | None:
    """The one that is yet to leave."""
    return next((fate for fate in fates if fate.state in OPEN_STATES), None)


# ---------------------------------------------------------------- status


def find_status(enrolment: Enrolment, fates: Sequence[NudgeFate], *, now: datetime) -> Status:
    """The enrolment's status; `fates` in the order in which they came about."""
    out = [fate for fate in fates if fate.state in _MAY_BE_OUT]
    if enrolment.stopped == "withdrawn":
        return "withdrawn"
    if any(fate.closes for fate in out):
        return "completed"
    if enrolment.stopped is not None:
        return enrolment.stopped
    if _is_refused(enrolment.leader.email, fates):
        return "suppressed"
    today = local_date(enrolment.leader, now)
    if any(today in pause for pause in enrolment.pauses):
        return "paused"
    return "active" if out else "waiting"


def _is_refused(email: str, fates: Iterable[NudgeFate]) -> bool:
    """Whether the last nudges to this address were all refused; a corrected address starts afresh."""
    tried = [fate.state for fate in fates if fate.state in _TRIED and fate.recipient.lower() == email.lower()]
    return tried[-REFUSALS_IN_A_ROW:] == ["failed"] * REFUSALS_IN_A_ROW


# ---------------------------------------------------------------- problems


def find_problems(
    enrolment: Enrolment,
    fates: Sequence[NudgeFate],
    engagement: Engagement,
    *,
    programmes: Mapping[str, Programme],
    status: Status,
    day: int,
    asked: Correction | None = None,
) -> tuple[str, ...]:
    """What a person should look at, in plain words, the gravest first. About somebody who has left: nothing."""
    if status == "withdrawn":
        return ()
    programme = programmes.get(enrolment.programme)
    return (
        *_config_problems(enrolment, programme, status),
        *_mail_problems(enrolment, fates, status),
        *_end_problems(programme, fates, status, day=day),
        *_silence_problems(engagement),
        *_asked_problems(enrolment, asked),
    )


def _config_problems(enrolment: Enrolment, programme: Programme | None, status: Status) -> Iterator[str]:
    if status == "held":
        what = "held by the API, change it there or enrol the leader there again"
        yield what if enrolment.by_api else "held: the row is missing from config, put it back"
    if programme is None:
        yield f"the programme {enrolment.programme} is not in config any more, put it back"
    elif enrolment.role not in programme.roles:
        yield f"the programme {programme.id} has no role {enrolment.role} any more, give another"


def _mail_problems(enrolment: Enrolment, fates: Sequence[NudgeFate], status: Status) -> Iterator[str]:
    def on(fate: NudgeFate) -> date:
        return local_date(enrolment.leader, fate.at)

    by_state: dict[str, list[NudgeFate]] = defaultdict(list)
    for fate in fates:
        by_state[fate.state].append(fate)
    if status == "suppressed":
        yield f"the last {REFUSALS_IN_A_ROW} mails were refused for good, check the address"
    if failed := by_state["failed"]:
        yield f"{_mails(failed)} refused for good, the last on {on(failed[-1])}: {failed[-1].said or 'no reason given'}"
    if doubtful := by_state["in_doubt"]:
        yield f"{_mails(doubtful)} in doubt, the last of {on(doubtful[-1])}: the server may or may not have it"
    if given_up := by_state["failed_after_doubt"]:
        yield f"{_mails(given_up)} given up after a doubt, the last on {on(given_up[-1])}: it may have arrived"
    waiting = open_nudge(fates)
    if waiting is not None and waiting.outcome == "not_composed":
        yield f"the next mail cannot be composed: {waiting.said}"
    elif waiting is not None and waiting.outcome == "temporary" and waiting.tries >= PUT_OFF_TIMES:
        yield f"the next mail was put off {waiting.tries} times: {waiting.said}"


def _end_problems(
    programme: Programme | None, fates: Iterable[NudgeFate], status: Status, *, day: int
) -> Iterator[str]:
    if programme is None or status in ("completed", "held") or day <= programme.closing_last_day:
        return
    if open_nudge(fates) is None:
        yield f"the programme ended on day {programme.closing_last_day} without a closing summary"


def _silence_problems(engagement: Engagement) -> Iterator[str]:
    if not engagement.silent or engagement.sent < SILENT_MAILS:
        return
    if engagement.watched:
        yield f"nothing opened or answered in {engagement.sent} mails"
    else:
        yield f"nothing answered in {engagement.sent} mails, opens are not tracked"


def _asked_problems(enrolment: Enrolment, asked: Correction | None) -> Iterator[str]:
    if asked is None or asked.is_made(enrolment):
        return
    wanted = [f"role {asked.role}"] if asked.role else []
    wanted += [f"start date {asked.start_date}"] if asked.start_date else []
    yield f"asks for a correction: {', '.join(wanted)}; change the row, if it is right"


def _mails(fates: Sequence[NudgeFate]) -> str:
    return "1 mail" if len(fates) == 1 else f"{len(fates)} mails"
