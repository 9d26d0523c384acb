"""What was sent to enrolments and what came back, joined into the history that planning reads."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.domain import Enrolment, Event, History, SentItem, SentNudge
from models.events import read_events
from models.store import SentMail, SentMailItem, read_sent
from models.tables import OPEN_STATES, EnrolmentRow, MailRow
from scheduler.evidence import Evidence, grade_mail

_AT_ONCE = 5_000  # enrolments in one round of queries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nudge:
    """As much of a nudge in any state as its number and its date."""

    ordinal: int  # 0: it gave its number back
    is_open: bool
    local_date: date


def read_histories(session: Session, enrolments: Sequence[Enrolment]) -> dict[int, History]:
    """The history of each of these enrolments by its id, in a constant number of queries."""
    histories: dict[int, History] = {}
    for first in range(0, len(enrolments), _AT_ONCE):
        portion = enrolments[first : first + _AT_ONCE]
        histories.update(_read_portion(session, {enrolment.id: enrolment for enrolment in portion}))
    return histories


def count_links(items: Iterable[SentMailItem], *, tracked: bool) -> int:
    """How many different links of ours a mail with these items carries: its pages, tracked addresses, preferences."""
    pages = resources = 0
    for item in items:
        pages += item.placed == "prompt" or item.kind == "check-in"
        resources += _is_followable(item)
    return pages + (resources if tracked else 0) + 1


def _read_portion(session: Session, enrolments: Mapping[int, Enrolment]) -> dict[int, History]:
    kin = _read_kin(session, enrolments)
    everyone = {*enrolments, *(other for others in kin.values() for other in others)}
    sent = _by_enrolment(read_sent(session, everyone))
    numbered = _read_nudges(session, everyone)
    events = read_events(session, [mail.id for own in enrolments for mail in sent[own]])
    return {
        own: History(
            nudges=tuple(_join(mail, events.get(mail.id, ()), enrolment) for mail in sent[own]),
            elsewhere=_dates_elsewhere(own, others=kin[own], sent=sent, numbered=numbered),
            next_ordinal=1 + max((nudge.ordinal for nudge in numbered[own] if not nudge.is_open), default=0),
        )
        for own, enrolment in enrolments.items()
    }


def _dates_elsewhere(
    own: int, *, others: Iterable[int], sent: Mapping[int, list[SentMail]], numbered: Mapping[int, list[_Nudge]]
) -> frozenset[date]:
    """The local dates of the leader's other programmes: what went out, and what is planned in an older enrolment.

    Only one of two enrolments gives way to the other's plan; were it both, each would step aside for ever.
    """
    gone = {mail.local_date for other in others for mail in sent[other]}
    planned = {nudge.local_date for other in others if other < own for nudge in numbered[other] if nudge.is_open}
    return frozenset(gone | planned)


def _join(mail: SentMail, events: Sequence[Event], enrolment: Enrolment) -> SentNudge:
    at = mail.ended_at or mail.slot  # of a mail in doubt this is when the doubt arose, whenever it is settled
    evidence = grade_mail(events, accepted_at=at, links=count_links(mail.items, tracked=mail.tracked))
    seen = mail.tracked and not enrolment.leader.assistant_reads
    return SentNudge(
        ordinal=mail.ordinal,
        at=at,
        local_date=mail.local_date,
        items=tuple(_sent_item(item, evidence, seen=seen) for item in mail.items),
        opened=evidence.opened if seen else None,
        in_doubt=mail.state != "sent",
    )


def _sent_item(item: SentMailItem, evidence: Evidence, *, seen: bool) -> SentItem:
    clicked = seen and item.position in evidence.clicked
    return SentItem(
        item=item.item,
        kind=item.kind,
        placed=item.placed,
        question=item.question,
        answer=evidence.answers.get(item.position),
        clicked=clicked,
        click_visible=clicked or (seen and _is_followable(item)),
    )


def _is_followable(item: SentMailItem) -> bool:
    """Whether it surely carried an address: a resource with a nudge of its own always has one, a rider may not."""
    return item.kind == "resource" and item.placed == "new"


def _by_enrolment(mails: Iterable[SentMail]) -> dict[int, list[SentMail]]:
    grouped: dict[int, list[SentMail]] = defaultdict(list)
    for mail in mails:
        grouped[mail.enrolment_id].append(mail)
    return grouped


def _read_kin(session: Session, ids: Collection[int]) -> dict[int, list[int]]:
    """The other enrolments of each enrolment's leader."""
    other = aliased(EnrolmentRow)
    joined = (
        select(EnrolmentRow.id, other.id)
        .join(other, other.leader_id == EnrolmentRow.leader_id)
        .where(EnrolmentRow.id.in_(list(ids)), other.id != EnrolmentRow.id)
    )
    kin: dict[int, list[int]] = defaultdict(list)
    for own, another in session.execute(joined):
        kin[own].append(another)
    return kin


def _read_nudges(session: Session, ids: Collection[int]) -> dict[int, list[_Nudge]]:
    """The nudges of each enrolment, whatever became of them."""
    columns = (MailRow.enrolment_id, MailRow.ordinal, MailRow.state, MailRow.slot, MailRow.local_date)
    rows = select(*columns).where(MailRow.kind == "nudge", MailRow.enrolment_id.in_(list(ids)))
    nudges: dict[int, list[_Nudge]] = defaultdict(list)
    for enrolment_id, ordinal, state, slot, local_date in session.execute(rows):
        if enrolment_id is not None:
            is_open = state in OPEN_STATES
            nudge = _Nudge(ordinal=ordinal or 0, is_open=is_open, local_date=local_date or slot.date())
            nudges[enrolment_id].append(nudge)
    return nudges
