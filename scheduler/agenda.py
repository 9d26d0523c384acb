"""Keeps each enrolment's one open nudge: what is overdue expires, what is missing is planned."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import Database
from models.domain import Enrolment, Leader, PlannedNudge, Programme, Tracking
from models.outbox import expire_overdue, plan_nudges
from models.store import read_enrolments
from models.waiting import OverdueNudge, read_idle_enrolments, read_overdue
from scheduler.calendar import closed_because, day_number, local_date
from scheduler.deciding import Planner, PlanningError, decide, read_cases

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
        planned, problems = _decide_all(
            database, idle[first : first + AT_ONCE], programmes=programmes, tracking=tracking, plan=plan, now=now
        )
        unplanned.update(problems)
        if planned:
            with database.sessions.begin() as session:
                nudges += plan_nudges(session, planned, now=now)
    return Planned(nudges=nudges, problems=tuple(f"{why} (leaders: {leaders})" for why, leaders in unplanned.items()))


def _decide_all(
    database: Database,
    ids: Collection[int],
    *,
    programmes: Mapping[str, Programme],
    tracking: Mapping[str, Tracking],
    plan: Planner,
    now: datetime,
) -> tuple[Sequence[tuple[Enrolment, PlannedNudge]], Sequence[str]]:
    """What each enrolment gets next, and a line for each that cannot be planned."""
    with database.reading() as session:
        enrolments = read_enrolments(session, tracking=tracking, ids=ids)
        cases = read_cases(session, [e for e in enrolments if not _is_over(e, programmes, now)])
    planned: list[tuple[Enrolment, PlannedNudge]] = []
    problems: list[str] = []
    for case in cases.values():
        try:
            nudge = decide(plan, case, programmes=programmes, now=now)
        except PlanningError as error:
            problems.append(str(error))
        else:
            planned += [(case.enrolment, nudge)] if nudge else []
    return planned, problems


def _is_over(enrolment: Enrolment, programmes: Mapping[str, Programme], now: datetime) -> bool:
    """Whether nothing can come any more: then its history need not be read at every tick for ever."""
    programme = programmes.get(enrolment.programme)
    last_day = programme.closing_last_day if programme else _USUAL_LAST_DAY
    yesterday = now.date() - timedelta(days=1)  # not over before it is over in every zone
    return enrolment.stopped is not None or day_number(enrolment.start_date, enrolment.pauses, yesterday) > last_day
