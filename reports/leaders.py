"""The report `leaders`: how far each enrolment has come, what came back, and what a person should look at."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.corrections import Correction, read_corrections
from models.domain import Enrolment, Programme, Status
from models.events import read_events
from models.store import SentMail, read_enrolments, read_sent
from reports.report import Cell, Column, Muted, Report, ReportContext, Sheet
from reports.standing import Engagement, NudgeFate, find_problems, find_status, open_nudge, read_fates
from scheduler.calendar import day_number, local_date
from scheduler.evidence import Evidence, grade_mail
from scheduler.history import count_links

NOT_TRACKED = Muted("not tracked")
NOTHING = Muted("–")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderProgress:
    """One enrolment.

    Mails are nudges that were sent. Of a mail that was not tracked, or that an assistant reads, only pressed buttons
    count: no open, no click, and no activity of that kind.
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
    last_activity: datetime | None  # of a person
    next_slot: datetime | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadersReport:
    as_of: datetime
    rows: tuple[LeaderProgress, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Returned:
    """A mail that was sent, and what came back."""

    mail: SentMail
    evidence: Evidence
    watched: bool

    @property
    def engaged(self) -> bool:
        return self.evidence.engaged if self.watched else self.evidence.grade == "answered"

    @property
    def last_activity(self) -> datetime | None:
        if self.watched:
            return self.evidence.last_activity
        return max((hit.event.at for hit in self.evidence.hits if hit.event.method == "POST"), default=None)


# ---------------------------------------------------------------- reading


def read_leaders(session: Session, context: ReportContext) -> LeadersReport:
    """Every enrolment by the leader's name, in a number of queries that does not grow with theirs."""
    enrolments = read_enrolments(session, tracking=context.tracking)
    fates = read_fates(session)
    returned = _read_returned(session, {enrolment.id: enrolment for enrolment in enrolments})
    asked = read_corrections(session)
    rows = [
        _progress(
            enrolment,
            returned[enrolment.id],
            fates.get(enrolment.id, ()),
            context,
            asked=asked.get(enrolment.id),
        )
        for enrolment in enrolments
    ]
    rows.sort(key=lambda row: (row.name.casefold(), row.email, row.programme))
    return LeadersReport(as_of=context.now, rows=tuple(rows))


def _read_returned(session: Session, enrolments: Mapping[int, Enrolment]) -> dict[int, list[_Returned]]:
    mails = [mail for mail in read_sent(session, enrolments) if mail.state == "sent"]
    events = read_events(session, [mail.id for mail in mails])
    returned: dict[int, list[_Returned]] = defaultdict(list)
    for mail in mails:
        leader = enrolments[mail.enrolment_id].leader
        evidence = grade_mail(
            events.get(mail.id, ()),
            accepted_at=mail.ended_at or mail.slot,
            links=count_links(mail.items, tracked=mail.tracked),
        )
        watched = mail.tracked and leader.tracking and not leader.assistant_reads
        returned[mail.enrolment_id].append(_Returned(mail=mail, evidence=evidence, watched=watched))
    return returned


def _progress(
    enrolment: Enrolment,
    returned: list[_Returned],
    fates: tuple[NudgeFate, ...],
    context: ReportContext,
    *,
    asked: Correction | None,
) -> LeaderProgress:
    leader = enrolment.leader
    status = find_status(enrolment, fates, now=context.now)
    day = day_number(enrolment.start_date, enrolment.pauses, local_date(leader, context.now))
    opened = _count_opened(enrolment, returned)
    last_activity = max((at for each in returned if (at := each.last_activity)), default=None)
    engagement = Engagement(sent=len(returned), silent=last_activity is None, watched=opened is not None)
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
        opened=opened,
        engaged=sum(each.engaged for each in returned),
        items_met=len(met),
        items_total=_count_items(enrolment, context.programmes.get(enrolment.programme), met),
        check_ins_done=sum(each.evidence.checked_in for each in returned),
        last_activity=last_activity,
        next_slot=None if due is None else due.slot,
        problems=find_problems(
            enrolment, fates, engagement, programmes=context.programmes, status=status, day=day, asked=asked
        ),
    )


def _count_opened(enrolment: Enrolment, returned: Iterable[_Returned]) -> int | None:
    """Tracked mails with a real open; None where none of them was tracked, or opens are no evidence of this leader."""
    leader = enrolment.leader
    watched = [each.watched for each in returned]
    if not leader.tracking or leader.assistant_reads or (watched and not any(watched)):
        return None
    return sum(each.watched and each.evidence.opened for each in returned)


def _find_met(returned: Iterable[_Returned]) -> set[str]:
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


# ---------------------------------------------------------------- laying out


def lay_out_leaders(report: LeadersReport) -> Sheet:
    """A line each; the problems stand below, where there is room for them."""
    several = len({row.programme for row in report.rows}) > 1
    return Sheet(
        title=f"Leaders on {report.as_of:%d %B %Y, %H:%M} UTC; dates are in UTC",
        columns=(
            Column("Leader"),
            Column("Role"),
            *((Column("Programme"),) if several else ()),
            Column("Status"),
            *(Column(title, numeric=True) for title in ("Day", "Sent", "Opened", "Engaged", "Met", "Check-\nins")),
            *(Column(title, numeric=True) for title in ("Last\nactive", "Next\nmail")),
        ),
        rows=tuple(_cells(row, several=several) for row in report.rows),
        notes=(
            *(() if report.rows else ("Nobody is enrolled.",)),
            *(f"{row.name} <{row.email}>: {problem}" for row in report.rows for problem in row.problems),
        ),
    )


def _cells(row: LeaderProgress, *, several: bool) -> tuple[Cell, ...]:
    return (
        row.name,
        row.role.replace("-", " "),
        *((row.programme,) if several else ()),
        row.status,
        row.day,
        row.sent,
        NOT_TRACKED if row.opened is None else row.opened,
        row.engaged,
        f"{row.items_met} of {'?' if row.items_total is None else row.items_total}",
        row.check_ins_done,
        NOTHING if row.last_activity is None else f"{row.last_activity:%d %b}",
        NOTHING if row.next_slot is None else f"{row.next_slot:%d %b}",
    )


LEADERS = Report(
    name="leaders",
    summary="How far each leader has come, what came back, what to look at.",
    read=read_leaders,
    lay_out=lay_out_leaders,
)
