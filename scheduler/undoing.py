"""Enrolments that were a mistake, taken back out of file and database as long as no mail has left."""

from collections.abc import Sequence
from datetime import datetime

from config.proposals import Proposal, propose_removal
from config.write import keep
from models.taking_back import count_tried, find_leader_id, take_back
from scheduler.enrolling import Registry


class TooLateError(Exception):
    """Mail has left, or is leaving, so that it cannot be undone. The message says to whom."""


def foresee_undo(registry: Registry, whom: Sequence[str]) -> Proposal:
    """The file without these leaders, by address or id. Raises ConfigError, and TooLateError where a mail has left."""
    proposal = propose_removal(whom, registry.inspect(), registry.folder)
    with registry.database.reading() as session:
        for who, wanted in zip(whom, proposal.wanted, strict=True):
            leader_id = find_leader_id(session, who)
            sent = 0 if leader_id is None else count_tried(session, leader_id)
            if sent:
                mails = "a mail has" if sent == 1 else f"{sent} mails have"
                raise TooLateError(f"{wanted.name}: {mails} left already, so this cannot be undone")
    return proposal


def undo(registry: Registry, whom: Sequence[str], *, account: str | None, now: datetime) -> Proposal:
    """Takes them out of the file and forgets them. Raises ConfigError, TooLateError."""
    proposal = foresee_undo(registry, whom)
    keep(proposal.draft)
    late: list[str] = []
    with registry.database.sessions.begin() as session:
        for who, wanted in zip(whom, proposal.wanted, strict=True):
            leader_id = find_leader_id(session, who)
            if leader_id is not None and not take_back(session, leader_id, now=now, account=account):
                late.append(wanted.name)
    if late:
        raise TooLateError(f"{', '.join(late)}: the row is gone, but a mail was leaving just then; they are held")
    return proposal
