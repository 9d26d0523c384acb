"""One pass of everything due: sync, tidy up, expire, plan, send, let go. Run twice, it does nothing the second time."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from emails.transport import Transport
from models.database import Database
from models.digests import note_config
from models.failures import DatabaseError
from models.outbox import drop_outdated
from models.outcomes import prove_by_events, release_expired_leases, resend_doubts
from models.standing_problems import keep_problems
from models.store import get_state, set_state
from models.turns import take_turn
from models.waiting import read_next_due
from models.webhooks import find_troubles
from scheduler.agenda import Planned, expire_late, plan_missing
from scheduler.classifying import classify_recent
from scheduler.clock_guard import check_clock
from scheduler.deciding import Planner
from scheduler.dispatch import Compose, ComposeDigest, ComposeNotice, ComposeWeek, Dispatch, Outcome, send_due
from scheduler.enrolling import end_savings
from scheduler.erasing import Erasing, finish_erasures
from scheduler.live_config import ConfigReading
from scheduler.retention import Retention, keep_within
from scheduler.syncing import bring_in
from scheduler.weekly import WeeklyPlan, note_week

LAST_TICK = "last_tick_at"
DOUBT_PATIENCE = timedelta(minutes=15)  # scanners and readers get so long to prove that a mail arrived
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What a tick works with. `stopwatch` gives seconds that only ever grow; it stands still on a virtual clock."""

    database: Database
    read_config: Callable[[], ConfigReading]
    plan: Planner
    compose: Compose
    compose_notice: ComposeNotice
    transport: Transport
    new_token: Callable[[], str]
    compose_digest: ComposeDigest | None = None
    compose_week: ComposeWeek | None = None
    weekly: WeeklyPlan | None = None  # None: nobody is written to once a week
    hr_contact: str | None = None  # whom digests about config go to; None: to nobody
    lease: timedelta = timedelta(minutes=10)
    in_doubt_policy: Literal["hold", "resend_once"] = "hold"
    erasing: Erasing | None = None  # None: nobody can be erased, and nobody is refused
    retention: Retention | None = None  # None: nothing goes by itself
    keep_figures: Callable[[ConfigReading, datetime, Callable[[], bool]], object] | None = None  # that reports read
    stopwatch: Callable[[], float] = lambda: 0.0
    stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What one pass did. `problems` are lines for a person; they are no part of the JSON."""

    now: datetime
    enrolled: int = 0
    planned: int = 0
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    in_doubt: int = 0
    expired: int = 0
    next_due: datetime | None = None
    problems: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The document of `tick --json`."""
        return {
            "now": _instant(self.now),
            "enrolled": self.enrolled,
            "planned": self.planned,
            "sent": self.sent,
            "deferred": self.deferred,
            "failed": self.failed,
            "in_doubt": self.in_doubt,
            "expired": self.expired,
            "next_due": None if self.next_due is None else _instant(self.next_due),
        }


def run_tick(installation: Installation, *, now: datetime) -> TickReport:
    """Does everything that is due at `now`, and what becomes due while it is at it."""
    database = installation.database
    with database.sessions.begin() as session:
        held = check_clock(session, now=now)
    if held is not None:
        _log.critical(held)
        return TickReport(now=now, next_due=_next_due(database), problems=(held,))
    started = installation.stopwatch()

    def clock() -> datetime:
        return now + timedelta(seconds=installation.stopwatch() - started)

    config = installation.read_config()
    erasing = installation.erasing
    unfinished = () if erasing is None else _finish_erasures(erasing)
    enrolled, contradictions = bring_in(database, config, pseudonyms=erasing and erasing.pseudonyms, now=now)
    with database.sessions.begin() as session:
        end_savings(session, config, now=now)
        in_doubt = _tidy_up(session, installation, now=now)
        note_config(
            session,
            (*config.problems, *contradictions),
            recipient=installation.hr_contact,
            is_first=get_state(session, LAST_TICK) is None,
            now=now,
        )
        note_week(session, installation.weekly, now=now)
    classify_recent(database, now=now)
    expired = expire_late(database, tracking=config.tracking, now=now)
    planned = _plan(installation, config, now=now)
    outcomes = _send(installation, config, clock=clock)
    again = _plan(installation, config, now=clock()) if outcomes else Planned(nudges=0, problems=())
    overdue = _keep_within(installation, config, now=now)
    with database.reading() as session:
        troubles = find_troubles(session)
    problems = tuple(
        dict.fromkeys(
            (*unfinished, *overdue, *config.problems, *contradictions, *planned.problems, *again.problems, *troubles)
        )
    )
    with database.sessions.begin() as session:
        set_state(session, LAST_TICK, _instant(clock()))
        keep_problems(session, problems, now=now)
    if installation.keep_figures is not None:
        installation.keep_figures(config, clock(), installation.stopping)
    return TickReport(
        now=now,
        enrolled=enrolled,
        planned=planned.nudges + again.nudges,
        sent=outcomes["sent"],
        deferred=outcomes["postponed"] + outcomes["temporary"] + outcomes["not_composed"],
        failed=outcomes["permanent"],
        in_doubt=in_doubt + outcomes["in_doubt"],
        expired=expired,
        next_due=_next_due(database),
        problems=problems,
    )


def _finish_erasures(erasing: Erasing) -> tuple[str, ...]:
    """What stands in the way of an erasure that was broken off; it keeps nothing else from being done."""
    try:
        finish_erasures(erasing)
    except DatabaseError as error:
        _log.error("%s", error)
        return (str(error),)
    return ()


def _keep_within(installation: Installation, config: ConfigReading, *, now: datetime) -> tuple[str, ...]:
    """Lets go what is old; gives what stands in the way."""
    if installation.retention is None:
        return ()
    retained = keep_within(
        installation.database,
        installation.retention,
        erasing=installation.erasing,
        programmes=config.programmes,
        tracking=config.tracking,
        now=now,
    )
    return retained.problems


def _tidy_up(session: Session, installation: Installation, *, now: datetime) -> int:
    """Takes back what dead senders held and what plans are out of date; gives how many mails came in doubt."""
    take_turn(session.connection(), "outbox")  # two of these at once would wait for each other's rows
    returned = release_expired_leases(session, now=now, lease=installation.lease)
    prove_by_events(session, now=now)
    if installation.in_doubt_policy == "resend_once":
        resend_doubts(session, now=now, patience=DOUBT_PATIENCE)
    drop_outdated(session)
    return returned.in_doubt


def _plan(installation: Installation, config: ConfigReading, *, now: datetime) -> Planned:
    return plan_missing(
        installation.database,
        programmes=config.programmes,
        tracking=config.tracking,
        plan=installation.plan,
        now=now,
    )


def _send(installation: Installation, config: ConfigReading, *, clock: Callable[[], datetime]) -> Counter[Outcome]:
    def beat() -> None:
        with installation.database.sessions.begin() as session:
            set_state(session, LAST_TICK, _instant(clock()))

    dispatch = Dispatch(
        database=installation.database,
        programmes=config.programmes,
        tracking=config.tracking,
        plan=installation.plan,
        compose=installation.compose,
        compose_notice=installation.compose_notice,
        compose_digest=installation.compose_digest,
        compose_week=installation.compose_week,
        transport=installation.transport,
        new_token=installation.new_token,
        clock=clock,
        lease=installation.lease,
        stopping=installation.stopping,
    )
    try:
        return send_due(dispatch, after_batch=beat)
    finally:
        installation.transport.close()


def _next_due(database: Database) -> datetime | None:
    with database.reading() as session:
        return read_next_due(session)


def _instant(instant: datetime) -> str:
    """ISO 8601 in UTC with Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
