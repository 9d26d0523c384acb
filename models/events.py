"""The raw log of hits: appended to, read, never changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.among import among
from models.domain import Event, EventKind
from models.happenings import Happening, HappeningKind, note_happenings
from models.tables import EventRow

_AT_ONCE = 10_000  # identifiers in one query, well under what either database takes
_SHOWN_AT = "shown_at"
_TOLD: Mapping[EventKind, HappeningKind] = {"answer": "answered", "check_in": "checked_in"}


def record_event(session: Session, event: Event) -> bool:
    """Append a hit; False, and nothing appended, when that mail's nonce is in the log already.

    An identical press that comes twice, or twice at the same time, is one event.
    """
    row = EventRow(**_columns(event))
    if event.nonce is None:
        session.add(row)
        session.flush()
        _note(session, event, row.id)
        return True
    if _is_known(session, event):
        return False
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        if _is_known(session, event):  # somebody else was quicker
            return False
        raise
    _note(session, event, row.id)
    return True


def _note(session: Session, event: Event, number: int) -> None:
    """Keep that it happened, where others are told of such events."""
    kind = _TOLD.get(event.kind)
    if kind is not None and event.enrolment_id is not None:
        happening = Happening(kind=kind, at=event.at, enrolment_id=event.enrolment_id, event=number)
        note_happenings(session, [happening])


def record_hits(session: Session, events: Sequence[Event]) -> None:
    """Append hits that are no presses, all in one statement."""
    if events:
        session.connection().execute(insert(EventRow), [_columns(event) for event in events])


def read_events(session: Session, mail_ids: Sequence[int]) -> dict[int, tuple[Event, ...]]:
    """The hits on each of these mails, in the order of the log; a mail without one is left out."""
    found: dict[int, list[Event]] = {}
    for ids in portions(mail_ids):
        for row in session.execute(
            select(*EventRow.__table__.columns).where(among(EventRow.mail_id, ids)).order_by(EventRow.id)
        ):
            found.setdefault(cast(int, row.mail_id), []).append(_event(row))
    return {mail_id: tuple(events) for mail_id, events in found.items()}


def count_hits(session: Session, mail_ids: Sequence[int]) -> dict[int, int]:
    """How many hits are on record of each of these mails; a mail without one is left out."""
    counts: dict[int, int] = {}
    for ids in portions(mail_ids):
        found = select(EventRow.mail_id, func.count()).where(among(EventRow.mail_id, ids)).group_by(EventRow.mail_id)
        counts.update((cast(int, mail_id), hits) for mail_id, hits in session.execute(found))
    return counts


def portions(mail_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The identifiers in portions that one query can take."""
    return (mail_ids[first : first + _AT_ONCE] for first in range(0, len(mail_ids), _AT_ONCE))


def _is_known(session: Session, event: Event) -> bool:
    known = select(EventRow.id).where(EventRow.mail_id == event.mail_id, EventRow.nonce == event.nonce)
    return session.scalar(known) is not None


def _event(row: Row[Any]) -> Event:
    value = {key: str(said) for key, said in row.value.items()}
    shown_at = value.pop(_SHOWN_AT, None)
    return Event(
        id=row.id,
        at=row.at,
        kind=cast(EventKind, row.kind),
        mail_id=row.mail_id,
        enrolment_id=row.enrolment_id,
        position=row.position,
        method=row.method,
        agent=row.agent,
        origin=row.origin,
        purpose=row.purpose,
        nonce=row.nonce,
        shown_at=None if shown_at is None else datetime.fromisoformat(shown_at),
        value=value,
    )


def _columns(event: Event) -> dict[str, Any]:
    shown: Mapping[str, str] = {} if event.shown_at is None else {_SHOWN_AT: event.shown_at.isoformat()}
    return {
        "at": event.at,
        "kind": event.kind,
        "mail_id": event.mail_id,
        "enrolment_id": event.enrolment_id,
        "position": event.position,
        "method": event.method,
        "agent": event.agent,
        "origin": event.origin,
        "purpose": event.purpose,
        "nonce": event.nonce,
        "value": {**event.value, **shown},
    }
