"""What was sent to enrolments and what came back, joined into the history that planning reads."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from sqlalchemy.orm import Session

from models.domain import (
    Answer,
    Enrolment,
    Event,
    History,
    ItemKind,
    PlacedAs,
    QuestionKind,
    SentItem,
    SentNudge,
    Settled,
)
from models.events import count_hits, read_events
from models.grades import read_crowded
from models.memories import read_memories
from models.store import SentMail, SentMailItem, read_last_ordinals, read_sent
from scheduler.assumptions import MODEL, SILENCE_AFTER_DAYS
from scheduler.calendar import local_date
from scheduler.evidence import Evidence
from scheduler.grading import grade_sent, is_followable
from scheduler.telltales import EDITION

_AT_ONCE = 5_000  # enrolments in one round of queries


def read_histories(
    session: Session, enrolments: Sequence[Enrolment], *, until: datetime | None = None
) -> dict[int, History]:
    """The history of each of these enrolments by its id, in a constant number of queries.

    With `until`, only what had been sent and had come back before that instant.
    """
    return _read(session, enrolments, now=None, until=until)


def read_brief_histories(session: Session, enrolments: Sequence[Enrolment], *, now: datetime) -> dict[int, History]:
    """The same for planning: what is settled comes from the memories that are kept, where they still hold.

    Of nudges that are settled it is not told what came back. What is kept holds as long as its fingerprint is that of
    what is on record, and none of its nudges is so young that silence says nothing yet.
    """
    return _read(session, enrolments, now=now, until=None)


def _read(
    session: Session, enrolments: Sequence[Enrolment], *, now: datetime | None, until: datetime | None
) -> dict[int, History]:
    histories: dict[int, History] = {}
    for first in range(0, len(enrolments), _AT_ONCE):
        portion = enrolments[first : first + _AT_ONCE]
        owned = {enrolment.id: enrolment for enrolment in portion}
        histories.update(_read_portion(session, owned, now=now, until=until))
    return histories


def _read_portion(
    session: Session, enrolments: Mapping[int, Enrolment], *, now: datetime | None, until: datetime | None
) -> dict[int, History]:
    mails = read_sent(session, enrolments)
    sent = _by_enrolment(mail for mail in mails if until is None or (mail.ended_at or mail.slot) < until)
    ids = [mail.id for own in enrolments for mail in sent[own]]
    hits, crowded = count_hits(session, ids), read_crowded(session, ids)
    last_ordinals = read_last_ordinals(session, enrolments)
    bare = {
        own: History(
            nudges=tuple(
                _join(mail, (), crowded.get(mail.id, ()), enrolment, hits=hits.get(mail.id, 0)) for mail in sent[own]
            ),
            next_ordinal=1 + last_ordinals.get(own, 0),
        )
        for own, enrolment in enrolments.items()
    }
    settled = {} if now is None else _find_settled(session, enrolments, bare, now=now)
    told = {
        own: [
            mail
            for mail in sent[own]
            if mail.id in hits and mail.ordinal > (settled[own].through if own in settled else 0)
        ]
        for own in enrolments
    }
    events = read_events(session, [mail.id for mails in told.values() for mail in mails])
    if until is not None:
        events = {mail_id: tuple(event for event in own if event.at < until) for mail_id, own in events.items()}
    return {
        own: replace(
            bare[own],
            nudges=_tell(bare[own].nudges, told[own], events, crowded, enrolment),
            settled=settled.get(own),
        )
        for own, enrolment in enrolments.items()
    }


def _find_settled(
    session: Session, enrolments: Mapping[int, Enrolment], bare: Mapping[int, History], *, now: datetime
) -> dict[int, Settled]:
    """What is kept and still holds, by enrolment."""
    found: dict[int, Settled] = {}
    for own, kept in read_memories(session, enrolments).items():
        enrolment = enrolments[own]
        last = next((nudge for nudge in bare[own].nudges if nudge.ordinal == kept.through), None)
        if last is None or kept.made_from != fingerprint(enrolment, bare[own], through=kept.through):
            continue
        if (local_date(enrolment.leader, now) - last.local_date).days >= SILENCE_AFTER_DAYS:
            found[own] = Settled(through=kept.through, memory=kept.memory)
    return found


def fingerprint(enrolment: Enrolment, history: History, *, through: int) -> str:
    """What a memory after the nudges up to an ordinal is worked out from, in short: it changes when that changes."""
    nudges = [
        (nudge.ordinal, nudge.local_date.toordinal(), nudge.in_doubt, nudge.hits, nudge.crowded)
        for nudge in history.nudges
        if nudge.ordinal <= through
    ]
    told = (MODEL, EDITION, enrolment.start_date.toordinal(), enrolment.leader.assistant_reads, nudges)
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def _tell(
    nudges: tuple[SentNudge, ...],
    mails: Sequence[SentMail],
    events: Mapping[int, Sequence[Event]],
    crowded: Mapping[int, Collection[int]],
    enrolment: Enrolment,
) -> tuple[SentNudge, ...]:
    """The nudges, those of the mails with what came back."""
    told = {
        mail.ordinal: _join(mail, events[mail.id], crowded.get(mail.id, ()), enrolment, hits=len(events[mail.id]))
        for mail in mails
    }
    return tuple(told.get(nudge.ordinal, nudge) for nudge in nudges) if told else nudges


def _join(
    mail: SentMail, events: Sequence[Event], crowd: Collection[int], enrolment: Enrolment, *, hits: int
) -> SentNudge:
    evidence = grade_sent(mail, events, crowd)
    seen = mail.tracked and not enrolment.leader.assistant_reads
    return SentNudge(
        ordinal=mail.ordinal,
        at=mail.ended_at or mail.slot,
        local_date=mail.local_date,
        items=tuple(_sent_item(item, evidence, seen=seen) for item in mail.items),
        opened=evidence.opened if seen else None,
        in_doubt=mail.state != "sent",
        hits=hits,
        crowded=len(crowd),
    )


def _sent_item(item: SentMailItem, evidence: Evidence, *, seen: bool) -> SentItem:
    clicked = seen and item.position in evidence.clicked
    answer = evidence.answers.get(item.position) if evidence.answers else None
    visible = clicked or (seen and is_followable(item))
    unread = item.position in evidence.unread
    return _told(item.item, item.kind, item.placed, item.question, answer, clicked, visible, unread)


@lru_cache(maxsize=8192)  # the same few lines are told of leader after leader
def _told(
    item: str,
    kind: ItemKind,
    placed: PlacedAs,
    question: QuestionKind | None,
    answer: Answer | None,
    clicked: bool,
    click_visible: bool,
    unread: bool,
) -> SentItem:
    return SentItem(
        item=item,
        kind=kind,
        placed=placed,
        question=question,
        answer=answer,
        clicked=clicked,
        click_visible=click_visible,
        unread=unread,
    )


def _by_enrolment(mails: Iterable[SentMail]) -> dict[int, list[SentMail]]:
    grouped: dict[int, list[SentMail]] = defaultdict(list)
    for mail in mails:
        grouped[mail.enrolment_id].append(mail)
    return grouped
