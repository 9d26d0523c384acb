"""What a sync does or would do to enrolments and their plans: found by doing it, and undoing it in a dry run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, Plan, PlannedNudge
from models.erasing import SYNCED, Refusal, refuse_erased
from models.pseudonyms import Pseudonyms
from models.roster import Change, sync_rosters
from models.store import read_enrolments, read_kin, set_state
from scheduler.comparing import PlanChange, compare_plans
from scheduler.deciding import PlanningError, decide, forecast, read_cases
from scheduler.live_config import ConfigReading
from scheduler.planning import next_nudge

LOOKED_AHEAD = 20  # so many new leaders' plans are laid out whole; of more only the first mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A change of an enrolment, what it does to the plan (None: there was none yet), and the mails that come next."""

    change: Change
    enrolment: Enrolment | None
    plan: PlanChange | None
    coming: tuple[PlannedNudge, ...]  # of many new leaders at once only the first

    @property
    def next_mail(self) -> PlannedNudge | None:
        return self.coming[0] if self.coming else None


@dataclass(frozen=True, slots=True)
class _Outlook:
    """An enrolment, how many nudges it got, and what is to come."""

    enrolment: Enrolment
    sent: int
    plan: Plan


def bring_in_line(
    database: Database, config: ConfigReading, *, pseudonyms: Pseudonyms, now: datetime, dry_run: bool
) -> tuple[list[Effect], tuple[Refusal, ...]]:
    """Every change that config asks for, made unless `dry_run`, and the rows that enrol nobody.

    Raises RosterError, with nothing changed.
    """
    with database.sessions() as session, session.begin() as transaction:
        roster, refusals = refuse_erased(session, config.roster, pseudonyms)
        changes = sync_rosters(session, roster, now=now)
        enrolled = {change.enrolment_id for change in changes if change.what == "enrolled"}
        touched = {change.enrolment_id for change in changes}
        beside = {other for kin in read_kin(session, touched).values() for other in kin} - touched
        changed = touched - enrolled | beside
        with database.reading() as as_it_was:
            before = _read_outlooks(as_it_was, config, changed, now=now)
        after = _read_outlooks(session, config, changed, now=now)
        if len(enrolled) <= LOOKED_AHEAD:
            coming = _read_outlooks(session, config, enrolled, now=now)
        else:
            coming = _read_next_mails(session, config, enrolled, now=now)
        if dry_run:
            transaction.rollback()
        else:
            set_state(session, SYNCED, config.roster_digest)  # a tick that read config before has nothing to bring in
    return _tell_effects((*changes, *_pushed_aside(beside, before, after)), before, after, coming), refusals


def _pushed_aside(
    beside: Collection[int], before: Mapping[int, _Outlook], after: Mapping[int, _Outlook]
) -> Iterator[Change]:
    """The leader's other programmes, as far as their plans move because of the changes: they share one limit."""
    for enrolment_id in sorted(beside):
        was, now = before.get(enrolment_id), after.get(enrolment_id)
        if was is None or now is None or was.plan == now.plan:
            continue
        yield Change(
            leader_key=now.enrolment.leader.key,
            programme=now.enrolment.programme,
            name=now.enrolment.leader.name,
            what="updated",
            detail="makes way for, or takes over from, the leader's other programme",
            enrolment_id=enrolment_id,
        )


def _read_outlooks(
    session: Session, config: ConfigReading, ids: Collection[int], *, now: datetime
) -> dict[int, _Outlook]:
    outlooks: dict[int, _Outlook] = {}
    enrolments = read_enrolments(session, tracking=config.tracking, ids=ids) if ids else ()
    for enrolment_id, case in read_cases(session, enrolments).items():
        try:
            plan = forecast(case, programmes=config.programmes, now=now)
        except PlanningError:
            plan = Plan()
        outlooks[enrolment_id] = _Outlook(case.enrolment, len(case.history.nudges), plan)
    return outlooks


def _read_next_mails(
    session: Session, config: ConfigReading, ids: Collection[int], *, now: datetime
) -> dict[int, _Outlook]:
    """As `_read_outlooks`, with nothing but the next mail: much quicker for many."""
    outlooks: dict[int, _Outlook] = {}
    for enrolment_id, case in read_cases(session, read_enrolments(session, tracking=config.tracking, ids=ids)).items():
        try:
            nudge = decide(next_nudge, case, programmes=config.programmes, now=now)
        except PlanningError:
            nudge = None
        outlooks[enrolment_id] = _Outlook(case.enrolment, 0, Plan(nudges=() if nudge is None else (nudge,)))
    return outlooks


def _tell_effects(
    changes: Sequence[Change],
    before: Mapping[int, _Outlook],
    after: Mapping[int, _Outlook],
    coming: Mapping[int, _Outlook],
) -> list[Effect]:
    """The changes with their effects. Of several changes of one enrolment the last one tells what they do together."""
    last = {change.enrolment_id: place for place, change in enumerate(changes)}
    effects: list[Effect] = []
    for place, change in enumerate(changes):
        outlook, was = after.get(change.enrolment_id), before.get(change.enrolment_id)
        if outlook is None:
            new = coming.get(change.enrolment_id)
            enrolment, nudges = (None, ()) if new is None else (new.enrolment, new.plan.nudges)
            effects.append(Effect(change=change, enrolment=enrolment, plan=None, coming=nudges))
            continue
        plan = None
        if was is not None and last[change.enrolment_id] == place:
            stopped = outlook.enrolment.stopped
            why = None if stopped is None else f"nothing is sent while {stopped}" if stopped == "held" else stopped
            plan = compare_plans(was.plan, outlook.plan, sent=outlook.sent, stopped=why)
        nudges = outlook.plan.nudges
        effects.append(Effect(change=change, enrolment=outlook.enrolment, plan=plan, coming=nudges))
    return effects
