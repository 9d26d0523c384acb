"""A process killed with SIGKILL at each moment of a tick: nothing is lost, nothing goes twice, and doubts are few."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from models.database import Database
from models.tables import LeaderRow, MailRow, StateRow
from scheduler.tick import Installation, run_tick
from tests.torture.harness import KILLED, MORNING, Senders, enrol, read_accepted
from tests.torture.sender import Moment, Order, build_installation

RESTART = timedelta(minutes=11)  # longer than a lease


def clear(database: Database, order: Order) -> None:
    with database.sessions.begin() as session:
        session.execute(delete(LeaderRow))
        session.execute(delete(StateRow))
    Path(order.log).unlink(missing_ok=True)


def read_first_mails(database: Database) -> dict[str, str]:
    """The state of each leader's mail of the day, by recipient and Message-ID."""
    with database.reading() as session:
        mails = session.scalars(select(MailRow).where(MailRow.local_date == MORNING.date()))
        return {f"{mail.recipient} Message-ID: {mail.message_id}": mail.state for mail in mails}


def count_sending(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(MailRow.state == "sending")) or 0


def settle(database: Database, installation: Installation) -> None:
    """Ticks on after a restart until every mail of the day has come to its end."""
    for minutes in range(0, 300, 5):
        run_tick(installation, now=MORNING + RESTART + timedelta(minutes=minutes))
        if set(read_first_mails(database).values()) <= {"sent", "in_doubt"}:
            return
    pytest.fail(f"not settled: {read_first_mails(database)}")


def check_promise(database: Database, order: Order, *, names: Sequence[str], in_doubt: int) -> None:
    """Nothing lost, nothing twice, no more in doubt than that."""
    mails, accepted = read_first_mails(database), read_accepted(order)
    assert [mail.partition("@")[0] for mail in sorted(mails)] == list(names)
    assert Counter(mails.values())["in_doubt"] == in_doubt
    assert all(accepted[mail] == 1 for mail, state in mails.items() if state == "sent")
    assert all(accepted[mail] <= 1 for mail, state in mails.items() if state == "in_doubt")
    assert set(accepted) <= set(mails)


# What a death after a commit leaves behind, one before the next commit leaves too: the former is for the long proofs.
@pytest.mark.parametrize(
    "moment",
    ["before commit", "before the dot", "after the dot", pytest.param("after commit", marks=pytest.mark.prove)],
)
def test_a_tick_killed_at_any_such_moment_keeps_the_promise(
    senders: Senders, database: Database, order: Order, moment: Moment
) -> None:
    names = ("ann", "bob")
    survivor = build_installation(database, order)
    doubts: list[int] = []
    code = KILLED
    while code == KILLED:  # until there is no such moment left
        clear(database, order)
        enrol(database, names)
        (code,) = senders.run(replace(order, moment=moment, nth=len(doubts) + 1))
        doubts.append(count_sending(database))
        settle(database, survivor)
        check_promise(database, order, names=names, in_doubt=doubts[-1])
    assert code == 0
    # Once for each mail: a death between the commit of its intent and that of its record.
    assert sum(doubts) == 2
    assert set(doubts) == {0, 1}
    assert len(doubts) == 3 if moment in ("before the dot", "after the dot") else len(doubts) > 10
