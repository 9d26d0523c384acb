"""What was sent to enrolments and what came back, joined into the history that planning reads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy.orm import Session

from models.domain import Answer, Enrolment, Event, History, ItemKind, PlacedAs, QuestionKind, SentItem, SentNudge
from models.events import read_events
from models.store import SentMail, SentMailItem, read_last_ordinals, read_sent
from scheduler.evidence import Evidence, grade_mail

_AT_ONCE = 5_000  # enrolments in one round of queries


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
    sent = _by_enrolment(read_sent(session, enrolments))
    last_ordinals = read_last_ordinals(session, enrolments)
    events = read_events(session, [mail.id for own in enrolments for mail in sent[own]])
    return {
        own: History(
            nudges=tuple(_join(mail, events.get(mail.id, ()), enrolment) for mail in sent[own]),
            next_ordinal=1 + last_ordinals.get(own, 0),
        )
        for own, enrolment in enrolments.items()
    }


def _join(mail: SentMail, events: Sequence[Event], enrolment: Enrolment) -> SentNudge:
    at = mail.ended_at or mail.slot  # of a mail in doubt this is when the doubt arose, whenever it is settled
    links = count_links(mail.items, tracked=mail.tracked) if events else 0
    evidence = grade_mail(events, accepted_at=at, links=links)
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
    answer = evidence.answers.get(item.position) if evidence.answers else None
    visible = clicked or (seen and _is_followable(item))
    return _told(item.item, item.kind, item.placed, item.question, answer, clicked, visible)


@lru_cache(maxsize=8192)  # the same few lines are told of leader after leader
def _told(
    item: str,
    kind: ItemKind,
    placed: PlacedAs,
    question: QuestionKind | None,
    answer: Answer | None,
    clicked: bool,
    click_visible: bool,
) -> SentItem:
    return SentItem(
        item=item,
        kind=kind,
        placed=placed,
        question=question,
        answer=answer,
        clicked=clicked,
        click_visible=click_visible,
    )


def _is_followable(item: SentMailItem) -> bool:
    """Whether it surely carried an address: a resource with a nudge of its own always has one, a rider may not."""
    return item.kind == "resource" and item.placed == "new"


def _by_enrolment(mails: Iterable[SentMail]) -> dict[int, list[SentMail]]:
    grouped: dict[int, list[SentMail]] = defaultdict(list)
    for mail in mails:
        grouped[mail.enrolment_id].append(mail)
    return grouped
