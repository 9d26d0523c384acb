"""The report `cohorts`: each intake together: how many people, where they stand, who responded, what is remembered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.domain import Enrolment, Status
from models.store import read_enrolments
from models.tables import EventRow, MailRow
from reports.learning import release_tips
from reports.report import SUPPRESSED, Cell, Chart, Column, Muted, Report, ReportContext, Share, Sheet, Suppressed
from reports.standing import read_statuses
from reports.suppression import Count, find_hidden, keep_released
from reports.weeks import last_turn, week_of

HIDDEN = Muted("hidden")
NOTHING = Muted("–")
_RESPONSES = ("answer", "unread", "check_in", "mark")
Cohort = tuple[str, str]  # programme and name


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
    enrolments = read_enrolments(session, tracking=context.tracking)
    statuses = read_statuses(session, enrolments, now=context.now)
    sent = _count_sent(session)
    owned: dict[Cohort, list[Enrolment]] = defaultdict(list)
    for enrolment in enrolments:
        owned[enrolment.programme, enrolment.cohort].append(enrolment)
    responded = _count_responded(session, owned, sent, turn=turn, small_group=context.small_group)
    remembered = _average_recall(session, context, turn=turn)
    return CohortsReport(
        as_of=context.now,
        turned=turn,
        rows=tuple(
            CohortProgress(
                programme=cohort[0],
                cohort=cohort[1],
                people=len(own),
                statuses=_in_order(Counter(statuses[enrolment.id] for enrolment in own)),
                sent=sum(sent[enrolment.id] for enrolment in own),
                responded=responded[cohort],
                remembered=remembered.get(cohort),
            )
            for cohort, own in sorted(owned.items())
        ),
    )


def _in_order(counts: Mapping[Status, int]) -> dict[Status, int]:
    return {status: counts.get(status, 0) for status in get_args(Status)}


def _count_sent(session: Session) -> Counter[int]:
    mails = select(MailRow.enrolment_id, func.count()).where(MailRow.kind == "nudge", MailRow.state == "sent")
    rows = session.execute(mails.group_by(MailRow.enrolment_id))
    return Counter({own: number for own, number in rows if own is not None})


def _count_responded(
    session: Session,
    owned: Mapping[Cohort, Iterable[Enrolment]],
    sent: Mapping[int, int],
    *,
    turn: datetime,
    small_group: int,
) -> dict[Cohort, Count]:
    """By cohort, the people who have responded; hidden where they are few, or all the others are."""
    first = select(MailRow.enrolment_id, func.min(EventRow.at)).join(MailRow, MailRow.id == EventRow.mail_id)
    pressed = (EventRow.kind.in_(_RESPONSES), EventRow.method == "POST", EventRow.at < turn)
    responses = dict(session.execute(first.where(*pressed).group_by(MailRow.enrolment_id)).all())
    counts: dict[Cohort, Count] = {}
    for cohort, enrolments in owned.items():
        there = [one for one in enrolments if one.kept_counts is None and sent[one.id]]
        entries = [(week_of(responses[one.id]), one.leader.key, True) for one in there if one.id in responses]
        people = {person for person, _ in keep_released(entries, small_group=small_group)}
        cells = [people, {one.leader.key for one in there} - people]
        hidden = (bool(entries) and not people) or find_hidden({cohort: cells}, small_group=small_group).rows
        counts[cohort] = SUPPRESSED if hidden else len(people)
    return counts


def _average_recall(
    session: Session, context: ReportContext, *, turn: datetime
) -> dict[Cohort, float | Suppressed | None]:
    """By cohort, the mean over people of what each remembers, of those tips whose own figures may be shown.

    The report `learning` tells of everybody together, so what is hidden here is about enough people together.
    """
    people: dict[Cohort, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    since: dict[tuple[Cohort, str], date] = {}
    for known in release_tips(session, context, turn=turn):
        cohort = (known.programme, known.cohort)
        people[cohort][known.person].append(known.recall)
        since[cohort, known.person] = min(known.since, since.get((cohort, known.person), known.since))
    means: dict[Cohort, list[tuple[str, float]]] = {}
    for cohort, found in people.items():
        entries = [(since[cohort, person], person, fmean(recall)) for person, recall in found.items()]
        means[cohort] = keep_released(entries, small_group=context.small_group)
    waiting = {person for cohort, found in people.items() for person in found.keys() - dict(means[cohort]).keys()}
    table: dict[Cohort, list[set[str]]] = {cohort: [set(dict(numbers))] for cohort, numbers in means.items()}
    table["", ""] = [waiting]  # known together: all less those that are shown
    hidden = find_hidden(table, small_group=context.small_group, with_total=True)
    return {
        cohort: SUPPRESSED if cohort in hidden.rows or not numbers else round(fmean(n for _, n in numbers), 3)
        for cohort, numbers in means.items()
    }


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
