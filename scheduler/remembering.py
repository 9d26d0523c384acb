"""The kept memories follow what was sent and what came back; worked out anew they are the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, History, Memory
from models.memories import KeptMemory, keep_memories, lock_memory, read_memories
from models.store import read_enrolments
from scheduler.asking import appearances_of, recall
from scheduler.assumptions import SILENCE_AFTER_DAYS
from scheduler.calendar import local_date
from scheduler.history import read_histories
from scheduler.memory import remember

AT_ONCE = 200  # enrolments worked out between two writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many memories were worked out anew, and how many of them were kept otherwise before."""

    enrolments: int
    changed: int


def remember_now(session: Session, enrolment: Enrolment) -> None:
    """Works out the enrolment's memory from all that is on record in this transaction, and keeps it."""
    lock_memory(session, enrolment.id)
    history = read_histories(session, (enrolment,))[enrolment.id]
    keep_memories(session, find_changed(session, [(enrolment, recall(history, enrolment.start_date))]))


def find_changed(session: Session, memories: Iterable[tuple[Enrolment, Memory]]) -> dict[int, KeptMemory]:
    """Those of the memories that are kept otherwise or not at all, each as the next revision of what is kept."""
    found = {enrolment.id: memory for enrolment, memory in memories}
    kept = read_memories(session, found)
    changed: dict[int, KeptMemory] = {}
    for enrolment_id, memory in found.items():
        before = kept.get(enrolment_id)
        if before is None and memory.beliefs:
            changed[enrolment_id] = KeptMemory(memory, 1)
        elif before is not None and before.memory != memory:
            changed[enrolment_id] = KeptMemory(memory, before.revision + 1)
    return changed


def recall_today(enrolment: Enrolment, history: History, kept: KeptMemory | None, *, now: datetime) -> Memory:
    """The memory on the leader's own date: what is kept, unless silence about the last nudges says nothing yet."""
    today = local_date(enrolment.leader, now)
    is_settled = history.last_date is None or (today - history.last_date).days >= SILENCE_AFTER_DAYS
    if kept is not None and is_settled:
        return kept.memory
    return remember(appearances_of(history, enrolment.start_date), today=(today - enrolment.start_date).days)


def replay(database: Database, *, only: Sequence[int] | None = None) -> Replayed:
    """Works out the memories of these enrolments, or of all, from what was sent and what came back."""
    with database.reading() as session:
        ids = only if only is not None else [enrolment.id for enrolment in read_enrolments(session, tracking={})]
    changed = 0
    for first in range(0, len(ids), AT_ONCE):
        with database.sessions.begin() as session:
            enrolments = read_enrolments(session, tracking={}, ids=ids[first : first + AT_ONCE])
            for enrolment in enrolments:
                lock_memory(session, enrolment.id)
            histories = read_histories(session, enrolments)
            found = find_changed(session, [(e, recall(histories[e.id], e.start_date)) for e in enrolments])
            keep_memories(session, found)
        changed += len(found)
    return Replayed(enrolments=len(ids), changed=changed)
