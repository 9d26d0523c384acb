"""The report `cohorts`: each intake together: how many people, where they stand, who responded, what is remembered."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.domain import Status
from models.tables import EnrolmentRow, EventRow, LeaderRow, MailRow, StandingRow
from models.transitions import in_state, is_nudge
from reports.editions import Figures, Part, read_part, tell
from reports.kept import work_out_stale
from reports.recalling import Cohort
from reports.remembered import RECALL
from reports.report import SUPPRESSED, Cell, Chart, Column, Muted, Report, ReportContext, Share, Sheet, Suppressed
from reports.suppression import Count, find_hidden, keep_released
from reports.weeks import last_turn, turn_into, week_of

HIDDEN = Muted("hidden")
NOTHING = Muted("–")
_STATUSES = cast(tuple[Status, ...], get_args(Status))
_RESPONSES = ("answer", "unread", "check_in", "mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortProgress:
    """One cohort. Who stands where and what was sent are counts of people and mails, which are never suppressed."""

    programme: str
    cohort: str
    people: int
    statuses: Mapping[Status, int]
    sent: int
    responded: Count  # people who answered, checked in or marked a habit
    remembered: float | Suppressed | None  # 0 to 1, by the planner's model: the mean over people


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortsReport:
    """`turned`: responses and recall are as they were then, at the turn of the week; all else is as it is now."""

    as_of: datetime
    turned: datetime
    rows: tuple[CohortProgress, ...]


# ---------------------------------------------------------------- reading


def read_cohorts(session: Session, context: ReportContext) -> CohortsReport:
    """Every cohort of every programme, by name."""
    turn = last_turn(context.now)
    responses, recall = (read_part(session, context, part, turn.date()) for part in (RESPONSES, RECALL))
    responded = {(programme, name): tell(count) for programme, name, count in responses["cohorts"]}
    remembered = {(programme, name): tell(mean) for programme, name, mean in recall["cohorts"]}
    statuses, sent = _count_people(session, context)
    return CohortsReport(
        as_of=context.now,
        turned=turn,
        rows=tuple(
            CohortProgress(
                programme=cohort[0],
                cohort=cohort[1],
                people=sum(own.values()),
                statuses=own,
                sent=sent[cohort],
                responded=responded.get(cohort, 0),
                remembered=remembered.get(cohort),
            )
            for cohort, own in sorted(statuses.items())
        ),
    )


def _count_people(
    session: Session, context: ReportContext
) -> tuple[dict[Cohort, dict[Status, int]], dict[Cohort, int]]:
    """By cohort, how many stand where, and how many mails they were sent."""
    statuses: dict[Cohort, dict[Status, int]] = defaultdict(lambda: dict.fromkeys(_STATUSES, 0))
    sent: dict[Cohort, int] = defaultdict(int)
    stale, fresh = work_out_stale(session, context)
    group = (StandingRow.programme, StandingRow.cohort, StandingRow.status)
    rows = select(*group, func.count(), func.sum(StandingRow.sent)).where(StandingRow.enrolment_id.not_in(stale))
    kept = session.execute(rows.group_by(*group)).all()
    counted = [(programme, cohort, status, people, mails) for programme, cohort, status, people, mails in kept]
    counted += [(row.programme, row.cohort, row.status, 1, row.sent) for row in fresh.values()]
    for programme, cohort, status, people, mails in counted:
        statuses[programme, cohort][cast(Status, status)] += people
        sent[programme, cohort] += mails
    return statuses, sent


def work_out_responses(session: Session, context: ReportContext, week: date) -> Figures:
    """`cohorts`: by cohort, the people who had responded by the turn; hidden where they are few, or all the others are.

    They are people who answered, checked in or marked a habit, out of those who had been sent anything.
    """
    turn = turn_into(week)
    responded = select(MailRow.enrolment_id, func.min(EventRow.at)).join(EventRow, EventRow.mail_id == MailRow.id)
    pressed = (EventRow.kind.in_(_RESPONSES), EventRow.method == "POST", EventRow.at < turn)
    rows = session.execute(responded.where(*pressed).group_by(MailRow.enrolment_id)).all()
    first = dict(rows)
    gone = (is_nudge(), in_state("sent"), MailRow.ended_at < turn)
    sent = set(session.scalars(select(MailRow.enrolment_id).where(*gone).distinct()))
    enrolled = select(EnrolmentRow.id, EnrolmentRow.programme, EnrolmentRow.cohort, LeaderRow.key)
    counted = enrolled.join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id).where(EnrolmentRow.kept_counts.is_(None))
    there: dict[Cohort, set[str]] = defaultdict(set)
    entries: dict[Cohort, list[tuple[date, str, bool]]] = defaultdict(list)
    for own, programme, cohort, person in session.execute(counted):
        if own in sent:
            there[programme, cohort].add(person)
            if own in first:
                entries[programme, cohort].append((week_of(first[own]), person, True))
    counts: list[tuple[str, str, Count]] = []
    for cohort, everybody in sorted(there.items()):
        people = {person for person, _ in keep_released(entries[cohort], small_group=context.small_group)}
        hidden = find_hidden({cohort: [people, everybody - people]}, small_group=context.small_group).rows
        hide = bool(hidden) or (bool(entries[cohort]) and not people)
        counts.append((*cohort, SUPPRESSED if hide else len(people)))
    return {"cohorts": counts}


RESPONSES = Part(name="responses", work_out=work_out_responses)


# ---------------------------------------------------------------- laying out


def lay_out_cohorts(report: CohortsReport) -> Sheet:
    """A line each."""
    several = len({row.programme for row in report.rows}) > 1
    numbers = ("People", *(status.capitalize() for status in get_args(Status)), "Sent", "Responded", "Remembered")
    return Sheet(
        title=f"Cohorts on {report.as_of:%d %B %Y, %H:%M} UTC",
        columns=(
            *((Column("Programme"),) if several else ()),
            Column("Cohort"),
            *(Column(title, numeric=True) for title in numbers),
        ),
        rows=tuple(_cells(row, several=several) for row in report.rows),
        chart=Chart("bars", "Cohort", ("People",)),
        notes=(
            *(() if report.rows else ("Nobody is enrolled.",)),
            f"Responded and remembered are as of Monday {report.turned:%d %B}. Remembered is predicted by a model, not "
            "measured.",
        ),
    )


def _cells(row: CohortProgress, *, several: bool) -> tuple[Cell, ...]:
    remembered = row.remembered
    return (
        *((row.programme,) if several else ()),
        row.cohort,
        row.people,
        *row.statuses.values(),
        row.sent,
        HIDDEN if isinstance(row.responded, Suppressed) else row.responded,
        NOTHING if remembered is None else HIDDEN if isinstance(remembered, Suppressed) else Share(remembered),
    )


COHORTS = Report(
    name="cohorts",
    summary="Each intake together: where people stand, who responded, what is remembered.",
    read=read_cohorts,
    lay_out=lay_out_cohorts,
)
