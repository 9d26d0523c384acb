"""Keeps each enrolment's one open nudge: what is overdue expires, what is missing is planned."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.database import Database
from models.domain import Enrolment, Leader, PlannedNudge, Programme, Tracking
from models.memories import KeptMemory, keep_memories
from models.outbox import expire_overdue, plan_nudges
from models.store import read_enrolments
from models.waiting import OverdueNudge, read_idle_enrolments, read_overdue
from scheduler.calendar import closed_because, day_number, local_date
from scheduler.deciding import Planner, PlanningError, decide, read_brief_cases
from scheduler.remembering import find_changed

LATE_WORKING_DAYS = 2  # a nudge that is later than this is not sent any more
AT_ONCE = 200  # enrolments planned between two writes
_USUAL_LAST_DAY = 103  # of a programme that is no longer in config


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """How many nudges were planned, and why others could not be: a line for each reason."""

    nudges: int
    problems: tuple[str, ...]


def expire_late(database: Database, *, tracking: Mapping[str, Tracking], now: datetime) -> int:
    """planned → expired for nudges more than two of the leader's working days late; gives how many."""
    with database.reading() as session:
        overdue = read_overdue(session, before=now - timedelta(days=LATE_WORKING_DAYS))
        ids = {nudge.enrolment_id for nudge in overdue}
        enrolments = read_enrolments(session, tracking=tracking, ids=ids) if ids else ()
    leaders = {enrolment.id: enrolment.leader for enrolment in enrolments}
    late = [nudge for nudge in overdue if _is_late(nudge, leaders.get(nudge.enrolment_id), now)]
    if not late:
        return 0
    with database.sessions.begin() as session:
        return sum(
            expire_overdue(session, nudge, now=now, why=f"more than {LATE_WORKING_DAYS} working days late")
            for nudge in late
        )


def _is_late(nudge: OverdueNudge, leader: Leader | None, now: datetime) -> bool:
    return leader is not None and count_late_working_days(leader, nudge.slot, now) > LATE_WORKING_DAYS


def count_late_working_days(leader: Leader, slot: datetime, now: datetime) -> int:
    """How many days on which mail may leave have begun since the day of the slot; counted no further than needed."""
    day, today = local_date(leader, slot), local_date(leader, now)
    late = 0
    while day < today and late <= LATE_WORKING_DAYS:
        day += timedelta(days=1)
        late += closed_because(leader, day) is None
    return late


def plan_missing(
    database: Database,
    *,
    programmes: Mapping[str, Programme],
    tracking: Mapping[str, Tracking],
    plan: Planner,
    now: datetime,
) -> Planned:
    """Plans the next nudge of every enrolment that has no open one and is not over."""
    with database.reading() as session:
        idle = read_idle_enrolments(session)
    nudges = 0
    unplanned: Counter[str] = Counter()
    for first in range(0, len(idle), AT_ONCE):
        portion = idle[first : first + AT_ONCE]
        decided = _decide_all(database, portion, programmes=programmes, tracking=tracking, plan=plan, now=now)
        unplanned.update(decided.problems)
        if decided.nudges or decided.memories:
            with database.sessions.begin() as session:
                nudges += plan_nudges(session, decided.nudges, now=now)
                keep_memories(session, decided.memories)
    return Planned(nudges=nudges, problems=tuple(f"{why} (leaders: {leaders})" for why, leaders in unplanned.items()))


@dataclass(slots=True)
class _Decided:
    """What some enrolments get next, why others get nothing, and what is remembered otherwise than is kept."""

    nudges: list[tuple[Enrolment, PlannedNudge]] = field(default_factory=list[tuple[Enrolment, PlannedNudge]])
    problems: list[str] = field(default_factory=list[str])
    memories: Mapping[int, KeptMemory] = field(default_factory=dict[int, KeptMemory])


def _decide_all(
    database: Database,
    ids: Collection[int],
    *,
    programmes: Mapping[str, Programme],
    tracking: Mapping[str, Tracking],
    plan: Planner,
    now: datetime,
) -> _Decided:
    """What each enrolment gets next, and what is remembered otherwise than is kept."""
    decided = _Decided()
    with database.reading() as session:
        enrolments = read_enrolments(session, tracking=tracking, ids=ids)
        cases = read_brief_cases(session, [e for e in enrolments if not _is_over(e, programmes, now)], now=now)
        decided.memories = find_changed(session, [(case.enrolment, case.history) for case in cases.values()])
    for case in cases.values():
        try:
            nudge = decide(plan, case, programmes=programmes, now=now)
        except PlanningError as error:
            decided.problems.append(str(error))
        else:
            decided.nudges += [(case.enrolment, nudge)] if nudge else []
    return decided


def _is_over(enrolment: Enrolment, programmes: Mapping[str, Programme], now: datetime) -> bool:
    """Whether nothing can come any more: then its history need not be read at every tick for ever."""
    programme = programmes.get(enrolment.programme)
    last_day = programme.closing_last_day if programme else _USUAL_LAST_DAY
    yesterday = now.date() - timedelta(days=1)  # not over before it is over in every zone
    return enrolment.stopped is not None or day_number(enrolment.start_date, enrolment.pauses, yesterday) > last_day
