"""Who probably made each hit of the raw log, kept beside it: given by rules, and given again when they change.

Functions take a session and never commit.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.among import among
from models.dialects import insert_into
from models.domain import Credence
from models.events import portions
from models.tables import CROWDED, EventRow, GradeRow, MailRow
from models.transitions import is_nudge

_AT_ONCE = 5_000  # rows fetched at a time where all of the log may be read


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGrade:
    """What is kept of one event. `crowd`: its maker was at the mails of many just then."""

    credence: Credence
    why: str
    crowd: bool
    edition: str  # of the rules that said so


def read_grades(session: Session, mail_ids: Sequence[int]) -> dict[int, KeptGrade]:
    """What is kept of the events of these mails, by event."""
    found: dict[int, KeptGrade] = {}
    columns = (GradeRow.event_id, GradeRow.credence, GradeRow.why, GradeRow.crowd, GradeRow.edition)
    for ids in portions(mail_ids):
        graded = select(*columns).join(EventRow, EventRow.id == GradeRow.event_id).where(among(EventRow.mail_id, ids))
        for event_id, credence, why, crowd, edition in session.execute(graded):
            found[event_id] = KeptGrade(credence=cast(Credence, credence), why=why, crowd=crowd, edition=edition)
    return found


def keep_grades(session: Session, grades: Mapping[int, Mapping[int, KeptGrade]]) -> None:
    """Keeps grades by mail and event, each in place of the one before; not those of events that are gone."""
    ids = [event_id for events in grades.values() for event_id in events]
    there = select(EventRow.id).where(among(EventRow.id, ids)).with_for_update(read=True, key_share=True)
    still = set(session.scalars(there))
    rows = [
        {
            "event_id": event_id,
            "mail_id": mail_id,
            "credence": grade.credence,
            "why": grade.why,
            "crowd": grade.crowd,
            "edition": grade.edition,
        }
        for mail_id, events in grades.items()
        for event_id, grade in events.items()
        if event_id in still
    ]
    if not rows:
        return
    insert = insert_into(session, GradeRow)
    told = {name: insert.excluded[name] for name in ("credence", "why", "crowd", "edition")}
    session.execute(insert.on_conflict_do_update(index_elements=["event_id"], set_=told), rows)


def read_crowded(session: Session, mail_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Those events of these mails whose maker was at the mails of many; a mail without one is left out."""
    found: dict[int, set[int]] = defaultdict(set)
    for ids in portions(mail_ids):
        crowded = select(GradeRow.mail_id, GradeRow.event_id).where(CROWDED, among(GradeRow.mail_id, ids))
        for mail_id, event_id in session.execute(crowded):
            found[mail_id].add(event_id)
    return {mail_id: frozenset(events) for mail_id, events in found.items()}


# ---------------------------------------------------------------- what is to be graded


def read_hit_mails(session: Session, *, since: datetime | None) -> tuple[int, ...]:
    """The nudges that were hit since then, or ever."""
    hit = select(EventRow.mail_id).join(MailRow, MailRow.id == EventRow.mail_id).where(is_nudge(), *_since(since))
    return tuple(sorted(cast("set[int]", set(session.scalars(hit.distinct())))))


def read_ungraded(session: Session, *, since: datetime) -> tuple[frozenset[int], datetime | None]:
    """The nudges with events since then that have no grade yet, and when the first of these events was."""
    fresh = (
        select(EventRow.mail_id, func.min(EventRow.at))
        .join(MailRow, MailRow.id == EventRow.mail_id)
        .outerjoin(GradeRow, GradeRow.event_id == EventRow.id)
        .where(is_nudge(), GradeRow.event_id.is_(None), *_since(since))
        .group_by(EventRow.mail_id)
    )
    found = [(cast(int, mail_id), at) for mail_id, at in session.execute(fresh)]
    return frozenset(mail_id for mail_id, _ in found), min((at for _, at in found), default=None)


def read_fetches(session: Session, *, since: datetime | None) -> Iterator[Sequence[Any]]:
    """What was fetched since then and says who fetched it, as (event, mail, enrolment, at, origin, agent).

    Those of one origin and agent come together, in order of time.
    """
    columns = (
        EventRow.id,
        EventRow.mail_id,
        EventRow.enrolment_id,
        EventRow.at,
        EventRow.origin,
        EventRow.agent,
    )
    said = (EventRow.method != "POST", EventRow.origin != "", EventRow.agent != "")
    fetched = select(*columns).where(EventRow.mail_id.is_not(None), EventRow.enrolment_id.is_not(None), *said)
    ordered = fetched.where(*_since(since)).order_by(EventRow.origin, EventRow.agent, EventRow.at, EventRow.id)
    yield from session.execute(ordered.execution_options(yield_per=_AT_ONCE))


def _since(since: datetime | None) -> Collection[ColumnElement[bool]]:
    return () if since is None else (EventRow.at >= since,)
