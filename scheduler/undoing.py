"""What was saved by mistake taken back: new leaders as long as no mail has left, rows as they were before."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from config.proposals import LEADERS_FILE, Proposal, propose_removal
from config.write import keep
from models.changes import write_audit
from models.domain import RosterEntry
from models.savings import ADDED, RETURNED, SavedRow
from models.tables import LeaderRow
from models.taking_back import count_tried, find_leader_id, take_back
from scheduler.enrolling import Registry, bring_about


class TooLateError(Exception):
    """Mail has left, or is leaving, so that it cannot be undone. The message says to whom."""


def foresee_undo(registry: Registry, whom: Sequence[str], changed: Sequence[SavedRow] = ()) -> Proposal:
    """The file without these leaders, by address or id, and with the changed rows as they were.

    A leader who is enrolled by the file and has no row any more, as after a death in between, is no mistake. Raises
    ConfigError, and TooLateError where a mail has left to one of those who go.
    """
    inspection = registry.inspect()
    with registry.database.reading() as session:
        for who in whom:
            leader = _find_leader(session, who)
            sent = 0 if leader is None else count_tried(session, leader.id)
            if leader is not None and sent:
                mails = "a mail has" if sent == 1 else f"{sent} mails have"
                raise TooLateError(f"{leader.name}: {mails} left already, so this cannot be undone")
        standing = {word.lower() for entry in inspection.roster.get(LEADERS_FILE, ()) for word in _names_of(entry)}
        rows = [who for who in whom if who.lower() in standing or not _is_of_file(_find_leader(session, who))]
    return propose_removal(rows, inspection, registry.folder, changed={row.key: _pair(row) for row in changed})


def _names_of(entry: RosterEntry) -> tuple[str, str]:
    return entry.leader.key, entry.leader.email


def _is_of_file(leader: LeaderRow | None) -> bool:
    return leader is not None and leader.source == LEADERS_FILE


def _find_leader(session: Session, who: str) -> LeaderRow | None:
    leader_id = find_leader_id(session, who)
    return None if leader_id is None else session.get(LeaderRow, leader_id)


def _pair(row: SavedRow) -> Mapping[str, tuple[object, object]]:
    return {key: (row.before.get(key), row.after.get(key)) for key in {**row.before, **row.after}}


def undo(registry: Registry, rows: Sequence[SavedRow], *, account: str | None, now: datetime) -> Proposal:
    """Takes them back in file and database. Raises ConfigError, TooLateError, NotInForceError."""
    whom = [row.key for row in rows if row.action == ADDED]
    changed = [row for row in rows if row.action != ADDED]
    proposal = foresee_undo(registry, whom, changed)
    keep(proposal.draft)
    late: list[str] = []
    with registry.database.sessions.begin() as session:
        for who in whom:
            leader = _find_leader(session, who)
            if leader is not None and not take_back(session, leader.id, now=now, account=account):
                late.append(leader.name)
        for row in changed:
            write_audit(
                session,
                leader_key=row.key,
                programme=row.programme,
                actor="admin",
                action=RETURNED,
                before=row.after,
                after=row.before,
                now=now,
                account=account,
            )
    if changed:
        bring_about(registry, now=now)
    if late:
        raise TooLateError(f"{', '.join(late)}: the row is gone, but a mail was leaving just then; they are held")
    return proposal
