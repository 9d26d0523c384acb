"""Which change of state is possible from where: the whole table, and nothing beside it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import product
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import MailState
from models.outbox import cancel, claim_due, drop_planned, expire_overdue, intend, postpone, release
from models.outcomes import (
    prove_accepted,
    record_in_doubt,
    record_not_composed,
    record_permanent,
    record_sent,
    record_temporary,
    release_expired_leases,
    resend_doubts,
)
from models.tables import AttemptRow, MailRow
from tests.builders import build_planned
from tests.integration.sending.stages import LEASE, NOW, Stage, bring_to, build_binding

LATER = NOW + timedelta(hours=1)
STATES: tuple[MailState, ...] = get_args(MailState)


def _claim(session: Session, stage: Stage) -> bool:
    return len(claim_due(session, now=NOW, limit=5, lease=LEASE, token="second-claim")) == 1


def _intend(session: Session, stage: Stage) -> bool:
    nudge = build_planned()
    return intend(session, stage.mail, now=NOW, lease=LEASE, nudge=nudge, binding=build_binding(nudge))


def _lose_lease(session: Session, stage: Stage) -> bool:
    returned = release_expired_leases(session, now=LATER, lease=LEASE)
    return returned.planned + returned.in_doubt == 1


CHANGES: Mapping[str, tuple[Callable[[Session, Stage], bool], Mapping[MailState, str]]] = {
    "drop": (lambda s, at: drop_planned(s, at.enrolment.id), {"planned": "gone"}),
    "claim": (_claim, {"planned": "claimed"}),
    "release": (lambda s, at: release(s, at.mail), {"claimed": "planned"}),
    "postpone": (lambda s, at: postpone(s, at.mail, build_planned("2027-01-13 08:30")), {"claimed": "planned"}),
    "cancel": (lambda s, at: cancel(s, at.mail, now=NOW, why="left"), {"claimed": "gone"}),
    "intend": (_intend, {"claimed": "sending"}),
    "not composed": (lambda s, at: record_not_composed(s, at.mail, now=NOW, detail="x"), {"claimed": "planned"}),
    "sent": (lambda s, at: record_sent(s, at.mail, now=NOW, detail="250"), {"sending": "sent"}),
    "temporary": (lambda s, at: record_temporary(s, at.mail, now=NOW, detail="451"), {"sending": "planned"}),
    "permanent": (lambda s, at: record_permanent(s, at.mail, now=NOW, detail="550"), {"sending": "failed"}),
    "in doubt": (lambda s, at: record_in_doubt(s, at.mail, now=NOW, detail="?"), {"sending": "in_doubt"}),
    "lease lost": (_lose_lease, {"claimed": "planned", "sending": "in_doubt"}),
    "expire": (lambda s, at: expire_overdue(s, at.overdue, now=NOW, why="late"), {"planned": "expired"}),
    "prove": (lambda s, at: prove_accepted(s, at.mail.id, now=NOW), {"in_doubt": "sent", "failed_after_doubt": "sent"}),
    "resend": (lambda s, at: resend_doubts(s, now=LATER, patience=timedelta()) == 1, {"in_doubt": "planned"}),
}


def test_a_change_of_state_happens_from_where_the_table_says_and_from_nowhere_else(database: Database) -> None:
    for (name, (change, allowed)), state in product(CHANGES.items(), STATES):
        with database.sessions() as session:  # never committed: each change begins with an empty outbox
            stage = bring_to(session, state)
            attempts = session.scalar(select(func.count(AttemptRow.id)))
            assert change(session, stage) is (state in allowed), (name, state)
            assert (session.scalar(select(MailRow.state)) or "gone") == allowed.get(state, state), (name, state)
            if state not in allowed:
                assert session.scalar(select(func.count(AttemptRow.id))) == attempts, (name, state)


def test_a_dispatcher_whose_claim_was_taken_over_changes_nothing(database: Database) -> None:
    for name in ("release", "postpone", "cancel", "intend", "not composed"):
        with database.sessions() as session:
            stage = bring_to(session, "claimed")
            release_expired_leases(session, now=LATER, lease=LEASE)
            assert _claim(session, stage) is True
            assert CHANGES[name][0](session, stage) is False, name
            assert session.scalar(select(MailRow.state)) == "claimed", name


def test_a_dispatcher_whose_lease_was_lost_records_nothing(database: Database) -> None:
    for name in ("sent", "temporary", "permanent", "in doubt"):
        with database.sessions() as session:
            stage = bring_to(session, "sending")
            release_expired_leases(session, now=LATER, lease=LEASE)
            assert CHANGES[name][0](session, stage) is False, name
            assert session.scalar(select(MailRow.state)) == "in_doubt", name
            assert session.scalars(select(AttemptRow.outcome)).all() == ["in_doubt"], name
