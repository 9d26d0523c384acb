"""Three senders at once, killed at random for days, before a server that fails one mail in ten."""

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, get_args

import pytest
from sqlalchemy import select

from models.database import Database
from models.tables import AttemptRow, MailRow
from scheduler.tick import run_tick
from tests.torture.harness import KILLED, MORNING, Senders, enrol, read_accepted
from tests.torture.sender import Moment, Order, build_installation

DAYS = 3
DEAD_A_DAY = 16
NAMES = [f"leader-{number:03}" for number in range(120)]


def rage(senders: Senders, order: Order, chance: random.Random, *, now: datetime) -> tuple[int, datetime]:
    """Rounds of ticks, until enough of them ended in death; gives the number of the dead, and how late it is."""
    killed = 0
    for _ in range(60):
        orders = [
            replace(
                order,
                now=now.isoformat(),
                moment=chance.choice(get_args(Moment)),
                nth=chance.randrange(1, 20),
                faults=0.1,
                seed=chance.randrange(1_000_000),
            )
            for _ in range(3)
        ]
        codes = senders.run(*orders)
        assert set(codes) <= {0, KILLED}
        killed += codes.count(KILLED)
        now += timedelta(minutes=chance.randrange(1, 7))
        if killed >= DEAD_A_DAY:
            break
    return killed, now


@pytest.mark.prove
@pytest.mark.parametrize("policy", ["hold", "resend_once"])
def test_senders_killed_at_random_keep_the_promise(
    senders: Senders, database: Database, order: Order, policy: Literal["hold", "resend_once"]
) -> None:
    enrol(database, NAMES)
    chance = random.Random(20270111)
    order = replace(order, policy=policy)
    survivor = build_installation(database, order)
    killed, now = 0, MORNING
    for day in range(DAYS):
        dead, now = rage(senders, order, chance, now=MORNING + timedelta(days=day))
        killed += dead
        for _ in range(6):  # long enough for leases, retries and resends
            now += timedelta(minutes=16)
            run_tick(survivor, now=now)
    assert killed >= DAYS * DEAD_A_DAY

    with database.reading() as session:
        mails = session.scalars(select(MailRow).where(MailRow.slot <= now)).all()
        doubts = session.scalars(select(AttemptRow.detail).where(AttemptRow.outcome == "in_doubt")).all()
    times = read_accepted(order)
    of_mail = {mail.id: times[f"{mail.recipient} Message-ID: {mail.message_id}"] for mail in mails}
    assert Counter(mail.recipient for mail in mails) == Counter({f"{name}@example.org": DAYS for name in NAMES})
    assert times.total() == sum(of_mail.values())
    assert all(of_mail[mail.id] >= 1 for mail in mails if mail.state == "sent")
    assert sum(detail.startswith("the sender died") for detail in doubts) <= killed
    not_sent = [mail.state for mail in mails if mail.state != "sent"]
    if policy == "hold":
        assert max(of_mail.values()) == 1
        assert Counter(not_sent) == Counter({"in_doubt": len(doubts)})
    else:
        assert max(of_mail.values()) <= 2
        assert sum(count == 2 for count in of_mail.values()) <= len(doubts)
        assert set(not_sent) <= {"failed_after_doubt"}
