"""What somebody writes into leaders.yaml, noted before it is written, so that a death in between can be made good.

A note goes when its change is in force and told in the audit; whoever finds one later does the rest. Functions take a
session and never commit.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.changes import write_audit
from models.domain import RosterEntry
from models.store import get_state, set_state
from models.tables import AuditRow, StateRow

ADDED, CHANGED, RETURNED = "row_added", "row_changed", "row_changed_back"  # as the audit says it
GOOD_FOR = timedelta(days=1)  # a note whose change never came into force is then forgotten
_PREFIX = "saving:"
MOST_ROWS = 20_000
_AT_ONCE = 500  # keys in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRow:
    """One leader's row: what of it is new. `says` tells whether config holds it as it was saved."""

    key: str
    programme: str
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    says: str


def name_added(who: str) -> SavedRow:
    """A row that was added, of a leader named by address or id."""
    return SavedRow(key=who, programme="", action=ADDED, before={}, after={}, says="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A leader's correction that is made by a saving: what was asked for, and what stood there before."""

    enrolment_id: int
    at: datetime
    role: str | None
    start_date: date | None
    role_before: str
    start_date_before: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """One press of Save. `name` is the same for the same press; `account` is None for a command."""

    name: str
    account: str | None
    at: datetime
    rows: tuple[SavedRow, ...]
    granted: Granted | None = None


def name_saving(token: str) -> str:
    """The name of the saving that a form with this token makes, however often it is sent."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def say_entry(entry: RosterEntry) -> str:
    """The same for rows that say the same, wherever they stand."""
    said = repr((entry.leader, entry.role, entry.start_date, entry.programmes, entry.cohort, entry.pace, entry.skip))
    return sha256(f"{said}{entry.formerly}{entry.status}".encode()).hexdigest()[:16]


# ---------------------------------------------------------------- notes


def note_saving(session: Session, saving: Saving) -> None:
    """Keep what is about to be written."""
    set_state(session, _PREFIX + saving.name, json.dumps(asdict(saving), default=_plain, ensure_ascii=False))


def forget_saving(session: Session, name: str) -> None:
    """Nothing is left to do for it."""
    set_state(session, _PREFIX + name, None)


def read_saving(session: Session, name: str) -> Saving | None:
    """The note of this name, if there is still something to do."""
    found = get_state(session, _PREFIX + name)
    return None if found is None else _read(found)


def read_savings(session: Session) -> tuple[Saving, ...]:
    """Every note."""
    notes = select(StateRow.value).where(StateRow.key.startswith(_PREFIX)).order_by(StateRow.key)
    return tuple(_read(note) for note in session.scalars(notes))


def forget_rows(session: Session, keys: Collection[str]) -> None:
    """Take the rows of these leaders out of every note, as when they are erased."""
    for saving in read_savings(session):
        rows = tuple(row for row in saving.rows if row.key not in keys)
        if len(rows) != len(saving.rows):
            note_saving(session, replace(saving, rows=rows))


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} cannot be kept")


def _read(note: str) -> Saving:
    kept: dict[str, Any] = json.loads(note)
    granted = kept.pop("granted")
    return Saving(
        name=kept["name"],
        account=kept["account"],
        at=datetime.fromisoformat(kept["at"]),
        rows=tuple(SavedRow(**row) for row in kept["rows"]),
        granted=None if granted is None else _read_granted(granted),
    )


def _read_granted(kept: dict[str, Any]) -> Granted:
    start = kept["start_date"]
    return Granted(
        enrolment_id=kept["enrolment_id"],
        at=datetime.fromisoformat(kept["at"]),
        role=kept["role"],
        start_date=None if start is None else date.fromisoformat(start),
        role_before=kept["role_before"],
        start_date_before=date.fromisoformat(kept["start_date_before"]),
    )


# ---------------------------------------------------------------- receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one press of Save wrote, as far as the audit still says it to whoever looks."""

    number: int
    at: datetime
    account: str | None
    rows: tuple[SavedRow, ...]


def write_receipt(session: Session, saving: Saving, *, now: datetime) -> None:
    """A line in the audit for each row, with the account and the name of the saving."""
    for row in saving.rows:
        write_audit(
            session,
            leader_key=row.key,
            programme=row.programme,
            actor="admin",
            action=row.action,
            before=row.before,
            after={**row.after, "saved": saving.name},
            now=now,
            account=saving.account,
        )
    session.flush()


def find_receipt(session: Session, keys: Collection[str], name: str) -> int | None:
    """The number of the newest receipt of this saving, which wrote rows of these leaders; None where there is none."""
    wanted, found = sorted(set(keys)), list[AuditRow]()
    for begin in range(0, len(wanted), _AT_ONCE):
        some = AuditRow.leader_key.in_(wanted[begin : begin + _AT_ONCE])
        lines = select(AuditRow).where(some, AuditRow.action.in_((ADDED, CHANGED)))
        found += [row for row in session.scalars(lines) if _name_of(row) == name]
    newest = max((row.at for row in found), default=None)
    return min((row.id for row in found if row.at == newest), default=None)


def read_receipt(session: Session, number: int) -> Receipt | None:
    """The receipt whose first line in the audit has this number."""
    first = session.get(AuditRow, number) if number < 2**31 else None
    if first is None or first.action not in (ADDED, CHANGED) or (name := _name_of(first)) is None:
        return None
    lines = select(AuditRow).where(
        AuditRow.id.between(number, number + 2 * MOST_ROWS),
        AuditRow.at == first.at,
        AuditRow.action.in_((ADDED, CHANGED)),
    )
    rows = [row for row in session.scalars(lines.order_by(AuditRow.id)) if _name_of(row) == name]
    return Receipt(number=number, at=first.at, account=first.account, rows=tuple(map(_read_line, rows)))


def _name_of(row: AuditRow) -> str | None:
    return row.change.get("after", {}).get("saved")


def _read_line(row: AuditRow) -> SavedRow:
    after = {key: value for key, value in row.change.get("after", {}).items() if key != "saved"}
    before = row.change.get("before", {})
    return SavedRow(key=row.leader_key, programme=row.programme, action=row.action, before=before, after=after, says="")


def tell_rows(pairs: Sequence[tuple[str, RosterEntry, Mapping[str, tuple[object, object]]]]) -> tuple[SavedRow, ...]:
    """The rows of a saving: of each what it is ("new" or "changed"), the entry it makes, and what of it is new."""
    return tuple(
        SavedRow(
            key=entry.leader.key,
            programme=(entry.programmes or ("",))[0],
            action=ADDED if what == "new" else CHANGED,
            before={key: before for key, (before, _) in differences.items()},
            after={key: after for key, (_, after) in differences.items()},
            says=say_entry(entry),
        )
        for what, entry, differences in pairs
        if what != "same"
    )
