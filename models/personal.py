"""What is kept about one leader: every row of every table, and every name they have been known by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, false, func, or_, select
from sqlalchemy.orm import Session

from models.among import among
from models.tables import AuditRow, EnrolmentRow, LeaderRow, MailRow, Row

# Facts of the installation; pseudonyms of those who are gone; who may see the admin pages, use the API or is told what
# happens, and hashes of what was asked; figures about many, and numbers of rows that were written.
ABOUT_NOBODY = frozenset(
    {"state", "erasures", "accounts", "admin_sessions", "sign_in_tries", "api_keys", "api_requests", "webhooks"}
    | {"editions", "touched"}
)
BY_NAME = frozenset({"mails", "audit"})  # also found by a name, where nothing refers to the leader's row


@dataclass(frozen=True, slots=True)
class Names:
    """All that stands for a leader in words, now and earlier, in lower case; none that is somebody else's by now."""

    addresses: frozenset[str]
    keys: frozenset[str]  # identities, under which the audit speaks of them

    @property
    def all(self) -> frozenset[str]:
        return self.addresses | self.keys


def find_leaders(session: Session, name: str) -> list[LeaderRow]:
    """Those who have this address or id now; more than one only where an address changed hands."""
    wanted = name.strip().lower()
    named = or_(func.lower(LeaderRow.email) == wanted, func.lower(LeaderRow.key) == wanted)
    return list(session.scalars(select(LeaderRow).where(named).order_by(LeaderRow.id)))


def collect_names(session: Session, leader: LeaderRow) -> Names:
    """The leader's address and identity, and those that the outbox and the audit know of from earlier."""
    own = select(EnrolmentRow.id).where(EnrolmentRow.leader_id == leader.id)
    nudged = select(MailRow.recipient).where(MailRow.kind == "nudge", MailRow.enrolment_id.in_(own)).distinct()
    addresses = {leader.email.lower(), *(address.lower() for address in session.scalars(nudged))}
    keys, found = {leader.key}, {leader.key}
    while found:
        changes = session.scalars(select(AuditRow.change).where(AuditRow.leader_key.in_(found)))
        told: list[Mapping[str, Any]] = [change.get(side) or {} for change in changes for side in ("before", "after")]
        addresses |= {address.lower() for address in _said(told, "email")}
        found = _said(told, "key") - keys
        keys |= found
    others = select(LeaderRow.key, LeaderRow.email).where(LeaderRow.id != leader.id)
    taken = {name.lower() for other in session.execute(others) for name in other}
    return Names(
        addresses=frozenset(addresses - taken), keys=frozenset(key for key in keys if key.lower() not in taken)
    )


def _said(told: Collection[Mapping[str, Any]], field: str) -> set[str]:
    return {str(side[field]) for side in told if side.get(field)}


def read_rows_about(session: Session, leader: LeaderRow, names: Names) -> dict[str, list[dict[str, Any]]]:
    """Table name → its rows about the leader, whole, in the order of their ids; every table but ABOUT_NOBODY is there.

    A row is about the leader when it refers to their row, or to another that is about them.
    """
    owned: dict[str, list[int]] = {"leaders": [leader.id]}
    rows: dict[str, list[dict[str, Any]]] = {}
    for table in Row.metadata.sorted_tables:
        if table.name in ABOUT_NOBODY:
            continue
        about = LeaderRow.id == leader.id if table.name == "leaders" else _about(table, owned, names)
        found = session.execute(select(table).where(about).order_by(*table.primary_key)).mappings()
        rows[table.name] = [dict(row) for row in found]
        if "id" in table.c:
            owned[table.name] = [row["id"] for row in rows[table.name]]
    return rows


def _about(table: Table, owned: Mapping[str, Collection[int]], names: Names) -> ColumnElement[bool]:
    refers = [
        among(column, owned.get(key.column.table.name, ())) for column in table.columns for key in column.foreign_keys
    ]
    if table.name == "mails":  # of a mail to an enrolment of somebody else's the recipient is theirs
        refers.append(and_(MailRow.enrolment_id.is_(None), func.lower(MailRow.recipient).in_(names.addresses)))
    if table.name == "audit":
        refers.append(AuditRow.leader_key.in_(names.keys))
    return or_(false(), *refers)
