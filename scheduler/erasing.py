"""Erasing a leader from all that is kept: database, its file, local mailbox; a receipt says what went.

The ledger is told before the database. Whatever breaks off after that is taken up again at the next start or tick.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from emails.maildir import remove_mails
from models.changes import Actor
from models.database import Database, scrub
from models.erasing import (
    Unfinished,
    close_erasure,
    erase_leader,
    find_erased,
    keep_erasure,
    lift_erasure,
    name_pseudonyms,
    read_erasures,
    read_removed,
    read_unfinished,
    select_by_name,
)
from models.failures import DatabaseError
from models.ledger import Erasure, append_erasures, append_liftings, read_ledger
from models.personal import collect_names, find_leaders
from models.pseudonyms import Pseudonyms
from models.tables import EnrolmentRow, LeaderRow, MailRow
from models.transitions import in_state
from models.turns import take_turn
from scheduler.receipts import MAILBOX, Receipt, keep_receipt


class ErasingError(Exception):
    """Nobody was erased; the message says why and what to do."""


class UnfinishedError(DatabaseError):
    """Somebody is gone from the tables, and something else is left to do: the message says what, and what to do."""

    def __init__(self, text: str, receipt: Receipt) -> None:
        super().__init__(text)
        self.receipt = receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """All that erasing takes. `data` holds ledger and receipts; `mailboxes` are local ones, as far as there are any."""

    database: Database
    pseudonyms: Pseudonyms
    data: Path
    mailboxes: tuple[Path, ...] = ()


def find_one(session: Session, name: str) -> LeaderRow:
    """The leader with this address or id. Raises ErasingError where there is none, or more than one."""
    found = find_leaders(session, name)
    if len(found) > 1:
        ids = ", ".join(leader.key for leader in found)
        raise ErasingError(f"{name} is the address of several people, once or now; name one by their id: {ids}")
    if not found:
        raise ErasingError(f"nothing is kept about anybody with the address or id {name}")
    return found[0]


def erase(erasing: Erasing, leader_id: int, *, by: Actor, now: datetime) -> Receipt:
    """Erase this leader and give the receipt. Raises ErasingError or DatabaseError, with nothing done.

    After an UnfinishedError the next tick or start goes on.
    """
    with erasing.database.sessions.begin() as session:
        leader = session.scalar(select(LeaderRow).where(LeaderRow.id == leader_id).with_for_update())
        if leader is None:
            raise ErasingError("nothing is kept about this person any more")
        _refuse_midway(session, leader, now=now)
        names = collect_names(session, leader)
        erasure = Erasure(
            receipt=_number(erasing, leader, now=now),
            at=now,
            by=by,
            names=name_pseudonyms(names, erasing.pseudonyms),
        )
        erase_leader(session, leader, erasure, names=names, pseudonyms=erasing.pseudonyms)
        append_erasures(erasing.data, [erasure])  # should the commit fail, the next start makes it good
    try:
        finish_erasures(erasing)
    except DatabaseError as error:
        raise UnfinishedError(str(error), _read_receipt(erasing, erasure)) from error
    return _read_receipt(erasing, erasure)


def _refuse_midway(session: Session, leader: LeaderRow, *, now: datetime) -> None:
    """A mail between intent and record would arrive after the erasure, and nobody would know of it."""
    own = select(EnrolmentRow.id).where(EnrolmentRow.leader_id == leader.id)
    leaving = select(MailRow.id).where(MailRow.enrolment_id.in_(own), in_state("sending"), MailRow.lease_until > now)
    if session.scalar(leaving.limit(1)) is not None:
        raise ErasingError("an e-mail to this person is leaving at this very moment; try again in a minute")


def _number(erasing: Erasing, leader: LeaderRow, *, now: datetime) -> str:
    """A receipt's number that says nothing about anybody."""
    return f"E{now:%Y%m%d}-{erasing.pseudonyms.of_value([leader.id, leader.key, now.isoformat()])[-8:].upper()}"


def _read_receipt(erasing: Erasing, erasure: Erasure) -> Receipt:
    with erasing.database.reading() as session:
        return _receipt(erasure, read_removed(session, erasure.receipt))


def _receipt(erasure: Erasure, removed: Mapping[str, int]) -> Receipt:
    return Receipt(number=erasure.receipt, at=erasure.at, by=erasure.by, removed=removed)


# ---------------------------------------------------------------- outside the tables


def finish_erasures(erasing: Erasing) -> None:
    """Do what erasures have left to do: mailbox, database file, receipt. Raises DatabaseError where that fails.

    What still fails stays to be done.
    """
    with erasing.database.reading() as session:
        unfinished = read_unfinished(session)
    if not unfinished:
        return
    mails = {one.erasure.receipt: _empty_mailboxes(erasing, one) for one in unfinished}
    if not scrub(erasing.database):
        return  # somebody reads what was there before; the next tick tries again
    with erasing.database.sessions.begin() as session:
        for one in unfinished:
            removed = close_erasure(session, one.erasure.receipt, removed={MAILBOX: mails[one.erasure.receipt]})
            keep_receipt(erasing.data, _receipt(one.erasure, removed))


def _empty_mailboxes(erasing: Erasing, unfinished: Unfinished) -> int:
    names, messages = set(unfinished.erasure.names), set(unfinished.messages)

    def is_meant(recipient: str, message_id: str) -> bool:
        return message_id in messages or not names.isdisjoint(erasing.pseudonyms.all_of_name(recipient))

    removed = 0
    for folder in erasing.mailboxes:
        try:
            removed += remove_mails(folder, is_meant)
        except OSError as error:
            raise DatabaseError(
                f"erased from the database, but the mails in {folder} are still there: {error.strerror}; make it "
                "writable, the next tick goes on"
            ) from error
    return removed


# ---------------------------------------------------------------- the ledger and the database


def heed_ledger(erasing: Erasing) -> int:
    """Erase again whom an older copy of the database brought back; gives how many. Both records are alike afterwards.

    To be called before anything is sent.
    """
    ledger = read_ledger(erasing.data)
    with erasing.database.reading() as session:
        known = read_erasures(session)
    again = 0
    if any(known.get(receipt) != erasure for receipt, erasure in ledger.items()):
        again = _erase_again(erasing, ledger)
    append_erasures(erasing.data, [one for one in known.values() if _is_news(one, ledger)])
    finish_erasures(erasing)
    return again


def _is_news(erasure: Erasure, ledger: Mapping[str, Erasure]) -> bool:
    """Whether the ledger does not know of it, or not of its lifting."""
    there = ledger.get(erasure.receipt)
    return there is None or (there.lifted_at is None and erasure.lifted_at is not None)


def _erase_again(erasing: Erasing, ledger: Mapping[str, Erasure]) -> int:
    with erasing.database.sessions.begin() as session:
        take_turn(session.connection(), "erasing")
        known = read_erasures(session)
        missing = [erasure for receipt, erasure in ledger.items() if receipt not in known]
        found = find_erased(session, missing, erasing.pseudonyms)
        for leader, names, erasure in found:
            erase_leader(session, leader, erasure, names=names, pseudonyms=erasing.pseudonyms)
        for receipt, erasure in ledger.items():
            if receipt not in known:
                keep_erasure(session, erasure)
            if erasure.lifted_at is not None:
                lift_erasure(session, receipt, at=erasure.lifted_at)
    return len(found)


def readmit(erasing: Erasing, name: str, *, now: datetime) -> tuple[Erasure, ...]:
    """Let somebody erased be enrolled again, by any name they had; gives the erasures that no longer stand in the way.

    Nothing that was erased comes back.
    """
    with erasing.database.sessions.begin() as session:
        found = select_by_name(read_erasures(session).values(), name, erasing.pseudonyms)
        for erasure in found:
            lift_erasure(session, erasure.receipt, at=now)
        append_liftings(erasing.data, [erasure.receipt for erasure in found], at=now)
    return found
