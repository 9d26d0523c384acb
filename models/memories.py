"""What leaders are believed to remember, kept beside the events that say so: a projection, which can be made anew.

Functions take a session and never commit. A memory is written only over an older revision of itself, so that one worked
out before an answer came never replaces the one that counts it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.among import among
from models.dialects import insert_into
from models.domain import Belief, Memory
from models.tables import EnrolmentRow, MemoryRow


@dataclass(frozen=True, slots=True)
class KeptMemory:
    """A memory as it is kept, and how often it has been written."""

    memory: Memory
    revision: int


def read_memories(session: Session, enrolment_ids: Collection[int]) -> dict[int, KeptMemory]:
    """The kept memories of these enrolments; one that has none is left out."""
    columns = (MemoryRow.enrolment_id, MemoryRow.revision, MemoryRow.opened, MemoryRow.unopened, MemoryRow.beliefs)
    rows = session.execute(select(*columns).where(among(MemoryRow.enrolment_id, enrolment_ids)))
    return {
        enrolment_id: KeptMemory(
            Memory(
                beliefs={item: Belief(*figures) for item, figures in beliefs.items()}, opened=opened, unopened=unopened
            ),
            revision,
        )
        for enrolment_id, revision, opened, unopened, beliefs in rows
    }


def keep_memories(session: Session, memories: Mapping[int, KeptMemory]) -> None:
    """Keeps these memories, each in place of an older revision of itself."""
    if not memories:
        return
    rows = [
        {
            "enrolment_id": enrolment_id,
            "revision": kept.revision,
            "opened": kept.memory.opened,
            "unopened": kept.memory.unopened,
            "beliefs": {
                item: [belief.stability_days, belief.difficulty, belief.last_exposure_day]
                for item, belief in kept.memory.beliefs.items()
            },
        }
        for enrolment_id, kept in sorted(memories.items())
    ]
    insert = insert_into(session, MemoryRow)
    told = {name: insert.excluded[name] for name in ("revision", "opened", "unopened", "beliefs")}
    upsert = insert.on_conflict_do_update(
        index_elements=["enrolment_id"], set_=told, where=MemoryRow.revision < insert.excluded.revision
    )
    session.execute(upsert, rows)


def lock_memory(session: Session, enrolment_id: int) -> None:
    """Lets nobody else work out this enrolment's memory until the transaction ends; SQLite's writers wait anyway."""
    session.execute(select(EnrolmentRow.id).where(EnrolmentRow.id == enrolment_id).with_for_update(key_share=True))
