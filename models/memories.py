"""What leaders are believed to remember, kept beside the events that say so: a projection, which can be made anew.

Each row carries a fingerprint of what it was worked out from, so that one which no longer holds is never mistaken for
one that does. Functions take a session and never commit.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from models.among import among
from models.dialects import insert_into
from models.domain import Belief, Memory
from models.tables import MemoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMemory:
    """A memory after the nudges up to an ordinal, and the fingerprint of what it was worked out from."""

    memory: Memory
    through: int
    made_from: str


def read_memories(session: Session, enrolment_ids: Collection[int]) -> dict[int, KeptMemory]:
    """The kept memories of these enrolments; one that has none is left out."""
    rows = session.execute(select(*MemoryRow.__table__.columns).where(among(MemoryRow.enrolment_id, enrolment_ids)))
    read = {row.enrolment_id: _read(row) for row in rows}
    return {enrolment_id: kept for enrolment_id, kept in read.items() if kept is not None}


def _read(row: Row[Any]) -> KeptMemory | None:
    """The row's memory; None for one that cannot be read: it counts as not kept, and is soon written anew."""
    try:
        beliefs = {item: Belief(*map(float, figures)) for item, figures in json.loads(row.beliefs).items()}
    except (ValueError, TypeError, AttributeError):
        return None
    memory = Memory(beliefs=beliefs, opened=row.opened, unopened=row.unopened)
    return KeptMemory(memory=memory, through=row.through, made_from=row.made_from)


def keep_memories(session: Session, memories: Mapping[int, KeptMemory]) -> None:
    """Keeps these memories, each in place of the one before."""
    if not memories:
        return
    rows = [
        {
            "enrolment_id": enrolment_id,
            "through": kept.through,
            "made_from": kept.made_from,
            "opened": kept.memory.opened,
            "unopened": kept.memory.unopened,
            "beliefs": _write(kept.memory),
        }
        for enrolment_id, kept in sorted(memories.items())
    ]
    insert = insert_into(session, MemoryRow)
    told = {name: insert.excluded[name] for name in ("through", "made_from", "opened", "unopened", "beliefs")}
    session.execute(insert.on_conflict_do_update(index_elements=["enrolment_id"], set_=told), rows)


def _write(memory: Memory) -> str:
    figures = {
        item: [belief.stability_days, belief.difficulty, belief.last_exposure_day]
        for item, belief in memory.beliefs.items()
    }
    return json.dumps(figures)
