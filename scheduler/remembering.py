"""The kept memories follow what was sent and what came back; worked out anew they are the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, History, Memory
from models.memories import KeptMemory, keep_memories, read_memories
from models.store import read_enrolments
from scheduler.asking import appearances_of, recall
from scheduler.assumptions import SILENCE_AFTER_DAYS
from scheduler.calendar import local_date
from scheduler.history import fingerprint, read_histories
from scheduler.memory import remember

AT_ONCE = 200  # enrolments worked out between two writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many memories were worked out anew, and how many of them were kept otherwise before."""

    enrolments: int
    changed: int


def remember_now(session: Session, enrolments: Sequence[Enrolment]) -> int:
    """Works out memories from all that is on record in this transaction and keeps them; gives how many changed."""
    histories = read_histories(session, enrolments)
    changed = find_changed(session, [(enrolment, histories[enrolment.id]) for enrolment in enrolments])
    keep_memories(session, changed)
    return len(changed)


def find_changed(session: Session, cases: Iterable[tuple[Enrolment, History]]) -> dict[int, KeptMemory]:
    """The memories after these histories, as far as they are kept otherwise or not at all.

    Where answers have been removed there is none: what is left would say that nothing was ever answered.
    """
    found = {
        enrolment.id: _work_out(enrolment, history) for enrolment, history in cases if enrolment.kept_counts is None
    }
    kept = read_memories(session, found)
    return {own: memory for own, memory in found.items() if memory.through and memory != kept.get(own)}


def _work_out(enrolment: Enrolment, history: History) -> KeptMemory:
    through = max((nudge.ordinal for nudge in history.nudges), default=0)
    return KeptMemory(
        memory=recall(history, enrolment.start_date),
        through=through,
        made_from=fingerprint(enrolment, history, through=through),
    )


def recall_today(enrolment: Enrolment, history: History, kept: KeptMemory | None, *, now: datetime) -> Memory:
    """The memory on the leader's own date: what is kept, if it holds and no silence is too short to say anything."""
    today = local_date(enrolment.leader, now)
    if kept is not None and history.last_date is not None and (today - history.last_date).days >= SILENCE_AFTER_DAYS:
        through = max(nudge.ordinal for nudge in history.nudges)
        if kept.through == through and kept.made_from == fingerprint(enrolment, history, through=through):
            return kept.memory
    return remember(appearances_of(history, enrolment.start_date), today=(today - enrolment.start_date).days)


def replay(database: Database, *, only: Sequence[int] | None = None) -> Replayed:
    """Works out the memories of these enrolments, or of all, from what was sent and what came back."""
    with database.reading() as session:
        ids = only if only is not None else [enrolment.id for enrolment in read_enrolments(session, tracking={})]
    changed = 0
    for first in range(0, len(ids), AT_ONCE):
        with database.sessions.begin() as session:
            changed += remember_now(session, read_enrolments(session, tracking={}, ids=ids[first : first + AT_ONCE]))
    return Replayed(enrolments=len(ids), changed=changed)
