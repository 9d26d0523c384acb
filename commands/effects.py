"""What a sync did or would do to enrolments and their plans, in words for HR and as JSON."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from commands.opening import House
from commands.printing import write_instant, write_local
from commands.wiring import CommandError
from models.domain import Enrolment, Plan, PlannedNudge, Programme
from models.erasing import Refusal, refuse_erased
from models.roster import Change, RosterError, sync_rosters
from models.store import read_enrolments, read_kin
from scheduler.comparing import PlanChange, compare_plans
from scheduler.deciding import PlanningError, decide, forecast, read_cases
from scheduler.live_config import ConfigReading
from scheduler.planning import next_nudge

NAMED_AT_ONCE = 5  # items that share the reason why they are dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A change of an enrolment, what it does to the plan (None: there was none yet), and the mail that comes next."""

    change: Change
    enrolment: Enrolment | None
    plan: PlanChange | None
    next_mail: PlannedNudge | None


@dataclass(frozen=True, slots=True)
class _Outlook:
    """An enrolment, how many nudges it got, and what is to come."""

    enrolment: Enrolment
    sent: int
    plan: Plan


def bring_in_line(house: House, *, now: datetime, dry_run: bool) -> tuple[list[Effect], tuple[Refusal, ...]]:
    """Every change that config asks for, made unless `dry_run`, and the rows that enrol nobody.

    Raises CommandError, with nothing changed.
    """
    config = house.config.current
    with house.database.sessions() as session, session.begin() as transaction:
        roster, refusals = refuse_erased(session, config.roster, house.erasing.pseudonyms)
        try:
            changes = sync_rosters(session, roster, now=now)
        except RosterError as error:
            raise CommandError(str(error)) from error
        enrolled = {change.enrolment_id for change in changes if change.what == "enrolled"}
        touched = {change.enrolment_id for change in changes}
        beside = {other for kin in read_kin(session, touched).values() for other in kin} - touched
        changed = touched - enrolled | beside
        with house.database.reading() as as_it_was:
            before = _read_outlooks(as_it_was, config, changed, now=now)
        after = _read_outlooks(session, config, changed, now=now)
        coming = _read_next_mails(session, config, enrolled, now=now)
        if dry_run:
            transaction.rollback()
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
) -> dict[int, tuple[Enrolment, PlannedNudge | None]]:
    coming: dict[int, tuple[Enrolment, PlannedNudge | None]] = {}
    enrolments = read_enrolments(session, tracking=config.tracking, ids=ids) if ids else ()
    for enrolment_id, case in read_cases(session, enrolments).items():
        try:
            coming[enrolment_id] = case.enrolment, decide(next_nudge, case, programmes=config.programmes, now=now)
        except PlanningError:
            coming[enrolment_id] = case.enrolment, None
    return coming


def _tell_effects(
    changes: Sequence[Change],
    before: Mapping[int, _Outlook],
    after: Mapping[int, _Outlook],
    coming: Mapping[int, tuple[Enrolment, PlannedNudge | None]],
) -> list[Effect]:
    """The changes with their effects. Of several changes of one enrolment the last one tells what they do together."""
    last = {change.enrolment_id: place for place, change in enumerate(changes)}
    effects: list[Effect] = []
    for place, change in enumerate(changes):
        outlook, was = after.get(change.enrolment_id), before.get(change.enrolment_id)
        if outlook is None:
            enrolment, next_mail = coming.get(change.enrolment_id, (None, None))
            effects.append(Effect(change=change, enrolment=enrolment, plan=None, next_mail=next_mail))
            continue
        plan = None
        if was is not None and last[change.enrolment_id] == place:
            stopped = outlook.enrolment.stopped
            why = None if stopped is None else f"nothing is sent while {stopped}" if stopped == "held" else stopped
            plan = compare_plans(was.plan, outlook.plan, sent=outlook.sent, stopped=why)
        next_mail = outlook.plan.nudges[0] if outlook.plan.nudges else None
        effects.append(Effect(change=change, enrolment=outlook.enrolment, plan=plan, next_mail=next_mail))
    return effects


def say_effect(effect: Effect, programmes: Mapping[str, Programme]) -> list[str]:
    """The change in a line, and below it what it does to the plan."""
    change = effect.change
    what = change.what.replace("_", " ")
    told = change.detail if change.detail.startswith(what) else f"{what}, {change.detail}"
    line = f"{change.name} ({change.programme}): {told}"
    if effect.next_mail is None or effect.enrolment is None:
        lines = [f"{line}. No mail is to come."]
    else:
        local = write_local(effect.next_mail.slot, effect.enrolment.leader.time_zone)
        which = "The first mail" if change.what == "enrolled" else "The next mail"
        lines = [f"{line}. {which} leaves {local}."]
    return lines if effect.plan is None else [*lines, *_say_plan(effect.plan, programmes.get(change.programme))]


def _say_plan(plan: PlanChange, programme: Programme | None) -> list[str]:
    def title(item: str) -> str:
        known = None if programme is None else programme.items.get(item)
        return item if known is None else f"“{known.title}”"

    reasons: dict[str, list[str]] = {}
    for dropped in plan.dropped:
        reasons.setdefault(dropped.why, []).append(title(dropped.item))
    return [
        f"  already sent: {plan.sent}; kept: {len(plan.kept)}; moved: {len(plan.moved)}; dropped: {len(plan.dropped)}; "
        f"new: {len(plan.added)}",
        *(f"  moved: {title(moved.item)} from {_say(moved.before)} to {_say(moved.after)}" for moved in plan.moved),
        *(f"  dropped: {_name_some(titles)}: {why}" for why, titles in reasons.items()),
        *(f"  new: {title(added.item)} on {_say(added.on)}" for added in plan.added),
    ]


def _name_some(titles: Sequence[str]) -> str:
    return ", ".join(titles) if len(titles) <= NAMED_AT_ONCE else f"all {len(titles)} that were to come"


def _say(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def effect_row(effect: Effect) -> dict[str, object]:
    change = effect.change
    return {
        "leader": change.leader_key,
        "name": change.name,
        "programme": change.programme,
        "what": change.what,
        "detail": change.detail,
        "next_mail": None if effect.next_mail is None else write_instant(effect.next_mail.slot),
        "plan": None if effect.plan is None else _plan_row(effect.plan),
    }


def refusal_row(refusal: Refusal) -> dict[str, object]:
    """A row that enrols nobody, since it is of somebody erased."""
    path, _, line = refusal.origin.rpartition(":")
    return {
        "path": path,
        "line": int(line),
        "erased_on": refusal.erased_on.isoformat(),
        "receipt": refusal.receipt,
    }


def _plan_row(plan: PlanChange) -> dict[str, object]:
    return {
        "sent": plan.sent,
        "kept": list(plan.kept),
        "moved": [
            {"item": moved.item, "from": moved.before.isoformat(), "to": moved.after.isoformat()}
            for moved in plan.moved
        ],
        "dropped": [{"item": dropped.item, "why": dropped.why} for dropped in plan.dropped],
        "new": [{"item": added.item, "on": added.on.isoformat()} for added in plan.added],
    }
