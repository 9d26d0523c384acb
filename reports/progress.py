"""How far each enrolment has come, what came back, and what a person should look at: worked out from the log."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.corrections import Correction, read_corrections
from models.domain import Enrolment, Programme, Status
from models.store import read_enrolments
from reports.report import ReportContext
from reports.standing import Engagement, NudgeFate, find_problems, find_status, open_nudge, read_fates
from scheduler.calendar import day_number, local_date
from scheduler.returns import Returned, count_returns, read_returns


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderProgress:
    """One enrolment.

    Mails are nudges that were sent. Of a mail that was not tracked, or that an assistant reads, only pressed buttons
    count: no open, no click, and no activity of that kind. Where answers have been removed the counts of them stay.
    """

    email: str
    name: str
    role: str
    organisation: str
    cohort: str
    programme: str
    start_date: date
    day: int  # of the programme, today on the leader's own calendar
    status: Status
    sent: int
    opened: int | None  # mails with a real open; None: not tracked
    engaged: int  # mails with an answer, a check-in or a human click
    items_met: int  # tips and resources
    items_total: int | None  # with those still to come in this role, skipped ones left out; None: no such role
    check_ins_done: int
    last_activity: datetime | None  # of a person; None, too, where answers have been removed
    next_slot: datetime | None
    problems: tuple[str, ...]


def work_out(session: Session, context: ReportContext, ids: Collection[int]) -> list[tuple[Enrolment, LeaderProgress]]:
    """The row of each of these enrolments, in a number of queries that does not grow with theirs."""
    enrolments = read_enrolments(session, tracking=context.tracking, ids=ids)
    rows = sum_up_each(session, context, enrolments, read_fates(session, ids), read_returns(session, enrolments))
    return [(enrolment, rows[enrolment.id]) for enrolment in enrolments]


def sum_up(
    session: Session,
    context: ReportContext,
    enrolments: Iterable[Enrolment],
    fates: Mapping[int, tuple[NudgeFate, ...]],
    returned: Mapping[int, Sequence[Returned]],
) -> tuple[LeaderProgress, ...]:
    """The row of each of these enrolments, by the leader's name. What became of mails and came back, by enrolment."""
    rows = sum_up_each(session, context, enrolments, fates, returned).values()
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.email, row.programme)))


def sum_up_each(
    session: Session,
    context: ReportContext,
    enrolments: Iterable[Enrolment],
    fates: Mapping[int, tuple[NudgeFate, ...]],
    returned: Mapping[int, Sequence[Returned]],
) -> dict[int, LeaderProgress]:
    """The same rows, each under its enrolment's number, in the order given."""
    asked = read_corrections(session)
    return {
        enrolment.id: _progress(
            enrolment,
            returned.get(enrolment.id, ()),
            fates.get(enrolment.id, ()),
            context,
            asked=asked.get(enrolment.id),
        )
        for enrolment in enrolments
    }


def _progress(
    enrolment: Enrolment,
    returned: Sequence[Returned],
    fates: tuple[NudgeFate, ...],
    context: ReportContext,
    *,
    asked: Correction | None,
) -> LeaderProgress:
    leader = enrolment.leader
    status = find_status(enrolment, fates, now=context.now)
    day = day_number(enrolment.start_date, enrolment.pauses, local_date(leader, context.now))
    counts = enrolment.kept_counts or count_returns(enrolment, returned)
    last_activity = max((at for each in returned if (at := each.last_activity)), default=None)
    silent = last_activity is None and not (counts.engaged or counts.opened)
    engagement = Engagement(sent=len(returned), silent=silent, watched=counts.opened is not None)
    met = _find_met(returned)
    due = open_nudge(fates)
    return LeaderProgress(
        email=leader.email,
        name=leader.name,
        role=enrolment.role,
        organisation=leader.organisation,
        cohort=enrolment.cohort,
        programme=enrolment.programme,
        start_date=enrolment.start_date,
        day=day,
        status=status,
        sent=len(returned),
        opened=counts.opened,
        engaged=counts.engaged,
        items_met=len(met),
        items_total=_count_items(enrolment, context.programmes.get(enrolment.programme), met),
        check_ins_done=counts.check_ins_done,
        last_activity=last_activity,
        next_slot=None if due is None else due.slot,
        problems=find_problems(
            enrolment, fates, engagement, programmes=context.programmes, status=status, day=day, asked=asked
        ),
    )


def _find_met(returned: Iterable[Returned]) -> set[str]:
    """The tips and resources that went out new or as riders."""
    items = (item for each in returned for item in each.mail.items)
    return {item.item for item in items if item.kind in ("tip", "resource") and item.placed in ("new", "with")}


def _count_items(enrolment: Enrolment, programme: Programme | None, met: set[str]) -> int | None:
    """What the leader will have met in the end: what is met, in an earlier role too, and the rest of this role."""
    role = None if programme is None else programme.roles.get(enrolment.role)
    if programme is None or role is None:
        return None
    items = (programme.items.get(item) for item in role.item_ids)
    wanted = {item.id for item in items if item is not None and item.kind in ("tip", "resource")}
    return len(wanted.difference(enrolment.skip) | met)
