"""Mails that were sent, joined with the hits on them: what each says, by the rules as they are now."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.orm import Session

from models.domain import Event
from models.events import read_events
from models.grades import read_crowded
from models.store import SentMail, SentMailItem
from scheduler.evidence import Evidence, grade_mail


def read_evidence(session: Session, mails: Sequence[SentMail]) -> dict[int, Evidence]:
    """What came back of each of these mails; two queries."""
    ids = [mail.id for mail in mails]
    events, crowded = read_events(session, ids), read_crowded(session, ids)
    return {mail.id: grade_sent(mail, events.get(mail.id, ()), crowded.get(mail.id, ())) for mail in mails}


def grade_sent(mail: SentMail, events: Collection[Event], crowd: Collection[int]) -> Evidence:
    """What the hits of a mail say. `crowd`: those of its events whose maker was at the mails of many just then."""
    links = count_links(mail.items, tracked=mail.tracked) if events else 0
    # Of a mail in doubt `ended_at` is when the doubt arose, whenever it is settled.
    return grade_mail(events, accepted_at=mail.ended_at or mail.slot, links=links, crowd=crowd)


def count_links(items: Iterable[SentMailItem], *, tracked: bool) -> int:
    """How many different links of ours a mail with these items carries: its pages, tracked addresses, preferences."""
    pages = resources = 0
    for item in items:
        pages += item.placed == "prompt" or item.kind == "check-in"
        resources += is_followable(item)
    return pages + (resources if tracked else 0) + 1


def is_followable(item: SentMailItem) -> bool:
    """Whether it surely carried an address: a resource with a nudge of its own always has one, a rider may not."""
    return item.kind == "resource" and item.placed == "new"
