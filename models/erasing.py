"""Somebody erased from the database, and how they are kept from coming back by mistake.

Functions take a session and never commit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.among import among
from models.changes import Actor, write_audit
from models.domain import RosterEntry
from models.ledger import Erasure
from models.personal import Names, collect_names, read_rows_about
from models.pseudonyms import KEYS, Pseudonyms
from models.savings import forget_rows
from models.store import set_state
from models.tables import AuditRow, ErasureRow, LeaderRow, MailRow

SYNCED = "config_synced"  # the state that spares a sync where the roster is as before
_MESSAGES = "messages"
_MAY_NAME_PEOPLE = ("config_problems",)  # states; each is written again at the next tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row of a roster that speaks of somebody erased: it enrols nobody."""

    origin: str  # path:line
    erased_on: date
    receipt: str

    @property
    def says(self) -> str:
        """What it is and what to do, without a name."""
        return (
            f"this row is of somebody erased on {self.erased_on} (receipt {self.receipt}), so it enrols nobody; delete "
            "the row; to enrol them again on purpose: python main.py readmit EMAIL"
        )

    def __str__(self) -> str:
        return f"{self.origin}:1: {self.says}"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An erasure that has yet to reach what lies outside the tables. `messages`: Message-IDs of the person's mails."""

    erasure: Erasure
    messages: tuple[str, ...]


# ---------------------------------------------------------------- erasing


def erase_leader(
    session: Session, leader: LeaderRow, erasure: Erasure, *, names: Names, pseudonyms: Pseudonyms
) -> None:
    """Remove the leader's row and all that refers to it, and make their lines of the audit nameless."""
    rows = read_rows_about(session, leader, names)
    known = pseudonyms.of_name(leader.key)
    for line in rows["audit"]:
        change = {side: _hide(fields, pseudonyms) for side, fields in line["change"].items()}
        session.execute(update(AuditRow).where(AuditRow.id == line["id"]).values(leader_key=known, change=change))
    session.execute(delete(MailRow).where(among(MailRow.id, [mail["id"] for mail in rows["mails"]])))
    session.execute(delete(LeaderRow).where(LeaderRow.id == leader.id))
    forget_rows(session, {leader.key})
    for key in _MAY_NAME_PEOPLE:
        set_state(session, key, None)
    write_audit(
        session,
        leader_key=known,
        programme="",
        actor=erasure.by,
        action="erased",
        before={},
        after={"receipt": erasure.receipt},
        now=erasure.at,
    )
    removed = {table: len(found) for table, found in rows.items()}
    messages = [mail["message_id"] for mail in rows["mails"] if mail["message_id"]]
    keep_erasure(session, erasure, removed=removed, messages=messages)


def _hide(fields: Any, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """What was changed, without what it was and became."""
    told = cast("dict[str, Any]", fields) if isinstance(fields, dict) else {"value": fields}
    return {name: None if value is None else pseudonyms.of_value(value) for name, value in told.items()}


def name_pseudonyms(names: Names, pseudonyms: Pseudonyms) -> tuple[str, ...]:
    """What the ledger keeps of a leader's names."""
    return tuple(sorted({pseudonyms.of_name(name) for name in names.all}))


# ---------------------------------------------------------------- on record


def read_erasures(session: Session) -> dict[str, Erasure]:
    """Every erasure that this database knows of, by receipt, oldest first."""
    rows = session.scalars(select(ErasureRow).order_by(ErasureRow.at, ErasureRow.id))
    return {row.receipt: _erasure(row) for row in rows}


def _erasure(row: ErasureRow) -> Erasure:
    names = tuple(row.names)
    return Erasure(receipt=row.receipt, at=row.at, by=cast(Actor, row.by), names=names, lifted_at=row.lifted_at)


def keep_erasure(
    session: Session,
    erasure: Erasure,
    *,
    removed: Mapping[str, int] | None = None,
    messages: Sequence[str] | None = None,
) -> None:
    """Put an erasure on record, or add to it: what was removed, and the Message-IDs of mails that may still lie about.

    With `messages`, even none, it is unfinished until it is closed.
    """
    row = _find(session, erasure.receipt)
    if row is None:
        row = ErasureRow(receipt=erasure.receipt, at=erasure.at, by=erasure.by, names=list(erasure.names), removed={})
        session.add(row)
    _add_removed(row, removed or {})
    if messages is not None:
        before = (row.left_to_do or {}).get(_MESSAGES, [])
        row.left_to_do = {_MESSAGES: [*before, *messages]}
    session.flush()


def read_unfinished(session: Session) -> tuple[Unfinished, ...]:
    """The erasures that are done in the tables and not yet outside of them."""
    rows = session.scalars(select(ErasureRow).where(ErasureRow.left_to_do.is_not(None)).order_by(ErasureRow.id))
    return tuple(Unfinished(_erasure(row), tuple((row.left_to_do or {}).get(_MESSAGES, ()))) for row in rows)


def close_erasure(session: Session, receipt: str, *, removed: Mapping[str, int]) -> dict[str, int]:
    """Nothing is left to do; gives what was removed in all."""
    row = _find(session, receipt)
    if row is None:
        return dict(removed)
    _add_removed(row, removed)
    row.left_to_do = None
    session.flush()
    return dict(row.removed)


def read_removed(session: Session, receipt: str) -> dict[str, int]:
    """What an erasure has removed so far: table → how many."""
    row = _find(session, receipt)
    return {} if row is None else dict(row.removed)


def lift_erasure(session: Session, receipt: str, *, at: datetime) -> None:
    """Let its names be enrolled again; the next tick looks at the roster afresh."""
    row = _find(session, receipt)
    if row is not None and row.lifted_at is None:
        row.lifted_at = at
        set_state(session, SYNCED, None)
        session.flush()


def _find(session: Session, receipt: str) -> ErasureRow | None:
    return session.scalar(select(ErasureRow).where(ErasureRow.receipt == receipt))


def _add_removed(row: ErasureRow, more: Mapping[str, int]) -> None:
    row.removed = {name: row.removed.get(name, 0) + more.get(name, 0) for name in {**row.removed, **more}}


def find_erased(
    session: Session, erasures: Iterable[Erasure], pseudonyms: Pseudonyms
) -> list[tuple[LeaderRow, Names, Erasure]]:
    """Leaders who are here although they were erased, as after an older copy was put back; with the first erasure."""
    by_name = {name: erasure for erasure in reversed(list(erasures)) for name in erasure.names}
    found: list[tuple[LeaderRow, Names, Erasure]] = []
    for leader in session.scalars(select(LeaderRow).order_by(LeaderRow.id)) if by_name else ():
        names = collect_names(session, leader)
        erasure = _match(names.all, by_name, pseudonyms)
        if erasure is not None:
            found.append((leader, names, erasure))
    return found


# ---------------------------------------------------------------- not enrolled again by mistake


def refuse_erased(
    session: Session, rosters: Mapping[str, Sequence[RosterEntry]], pseudonyms: Pseudonyms
) -> tuple[dict[str, tuple[RosterEntry, ...]], tuple[Refusal, ...]]:
    """The rosters without the rows that would enrol somebody erased, and those rows as far as they mean to.

    A row of somebody who is enrolled goes on speaking of them, whatever earlier address it names.
    """
    erasures = [erasure for erasure in read_erasures(session).values() if erasure.lifted_at is None]
    named = session.execute(select(LeaderRow.key, LeaderRow.email)) if erasures else ()
    here = frozenset(name.lower() for row in named for name in row)
    entries = [entry for found in rosters.values() for entry in found]
    refused = find_refused(entries, erasures, pseudonyms, here=here)
    kept = {source: tuple(entry for entry in found if entry not in refused) for source, found in rosters.items()}
    return kept, tuple(refusal for entry, refusal in refused.items() if entry.status != "withdrawn")


def find_refused(
    entries: Iterable[RosterEntry],
    erasures: Iterable[Erasure],
    pseudonyms: Pseudonyms,
    *,
    here: Collection[str] = frozenset(),
) -> dict[RosterEntry, Refusal]:
    """The entries that would enrol somebody erased. `here`: the names of those who are enrolled, in lower case."""
    by_name = {name: erasure for erasure in erasures if erasure.lifted_at is None for name in erasure.names}
    found: dict[RosterEntry, Refusal] = {}
    for entry in entries if by_name else ():
        own = {entry.leader.key.lower(), entry.leader.email.lower()}
        erasure = None if own & set(here) else _match(own | set(entry.formerly), by_name, pseudonyms)
        if erasure is not None:
            found[entry] = Refusal(origin=entry.origin, erased_on=erasure.at.date(), receipt=erasure.receipt)
    return found


def select_by_name(erasures: Iterable[Erasure], name: str, pseudonyms: Pseudonyms) -> tuple[Erasure, ...]:
    """The erasures that refuse this address or id."""
    possible = pseudonyms.all_of_name(name)
    return tuple(one for one in erasures if one.lifted_at is None and not possible.isdisjoint(one.names))


def warn_of_lost_keys(erasures: Iterable[Erasure], pseudonyms: Pseudonyms) -> str | None:
    """A line where people were erased under a secret that is no longer here: nobody would know them again."""
    lost = [one for one in erasures if one.lifted_at is None and not any(map(pseudonyms.knows, one.names))]
    if not lost:
        return None
    people = "1 person was" if len(lost) == 1 else f"{len(lost)} people were"
    return f"{people} erased under a key that is not here, and could be enrolled again by mistake; put {KEYS} back"


def _match(names: Iterable[str], by_name: Mapping[str, Erasure], pseudonyms: Pseudonyms) -> Erasure | None:
    possible = (pseudonym for name in sorted(names) for pseudonym in pseudonyms.all_of_name(name))
    return next((by_name[pseudonym] for pseudonym in possible if pseudonym in by_name), None)
