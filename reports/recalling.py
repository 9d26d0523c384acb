"""What leaders are predicted to remember at the turn of a week, person by person: what aggregates are made of."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain import Appearance, Enrolment, History
from models.store import read_enrolments
from models.tables import EnrolmentRow
from reports.report import ReportContext
from reports.weeks import week_of
from scheduler.asking import appearances_of
from scheduler.assumptions import HORIZON_DAY
from scheduler.calendar import local_date
from scheduler.history import read_histories
from scheduler.memory import remember, retrievability

_AT_ONCE = 200  # enrolments held in memory together
Cohort = tuple[str, str]  # programme and name


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """One tip or resource that one leader has met.

    `plain` is the same model's recall of the same mails without their questions, and so without what was answered.
    """

    person: str
    cohort: Cohort
    item: str
    since: date  # Monday of the week in which it was met
    recall: float  # 0 to 1
    plain: float


def read_recalled(session: Session, context: ReportContext, *, turn: datetime) -> Iterator[Recalled]:
    """Everything met before the turn by those whose answers are still there and who are not past the horizon.

    What is of one enrolment comes together.
    """
    counted = select(EnrolmentRow.id).where(
        EnrolmentRow.kept_counts.is_(None), EnrolmentRow.start_date >= turn.date() - timedelta(days=HORIZON_DAY)
    )
    ids = list(session.scalars(counted.order_by(EnrolmentRow.id)))
    for first in range(0, len(ids), _AT_ONCE):
        portion = read_enrolments(session, tracking=context.tracking, ids=ids[first : first + _AT_ONCE])
        histories = read_histories(session, portion, until=turn)
        for enrolment in portion:
            yield from recall_at(enrolment, histories[enrolment.id], turn=turn)
        session.expunge_all()


def recall_at(enrolment: Enrolment, history: History, *, turn: datetime) -> Iterator[Recalled]:
    """What one leader is predicted to remember, on the leader's own date at the turn."""
    today = float((local_date(enrolment.leader, turn) - enrolment.start_date).days)
    appearances = appearances_of(history, enrolment.start_date)
    beliefs = remember(appearances, today=today).beliefs
    plain = remember(drop_questions(appearances), today=today).beliefs
    met: dict[str, date] = {}
    for nudge in history.nudges:
        for seen in nudge.items:
            if not nudge.in_doubt and seen.placed in ("new", "with"):
                met.setdefault(seen.item, week_of(nudge.at))
    for item in sorted(met.keys() & beliefs.keys() & plain.keys()):
        yield Recalled(
            person=enrolment.leader.key,
            cohort=(enrolment.programme, enrolment.cohort),
            item=item,
            since=met[item],
            recall=retrievability(beliefs[item], today),
            plain=retrievability(plain[item], today),
        )


def drop_questions(appearances: tuple[Appearance, ...]) -> list[Appearance]:
    """The same mails as a plain drip would have been: every item once, and nothing asked."""
    return [replace(seen, answer=None) for seen in appearances if seen.introduced]


# ---------------------------------------------------------------- of everybody


@dataclass(slots=True)
class Recollection:
    """One item, in columns: a line for each enrolment that has met it."""

    enrolment: "array[int]" = field(default_factory=lambda: array("l"))  # its place in `Recollections`
    since: "array[int]" = field(default_factory=lambda: array("l"))  # ordinals of Mondays
    recall: "array[float]" = field(default_factory=lambda: array("d"))
    plain: "array[float]" = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class Recollections:
    """The same of everybody in little room: millions of lines are tens of megabytes. People go by numbers."""

    person: "array[int]" = field(default_factory=lambda: array("l"))  # of each enrolment
    cohort: list[Cohort] = field(default_factory=list[Cohort])  # of each enrolment
    items: dict[str, Recollection] = field(default_factory=dict[str, Recollection])


def gather(recalled: Iterable[Recalled]) -> Recollections:
    """What was read, in columns."""
    found = Recollections()
    people: dict[str, int] = {}
    cohorts: dict[Cohort, Cohort] = {}
    last: tuple[str, Cohort] | None = None
    for known in recalled:
        if (known.person, known.cohort) != last:
            last = (known.person, known.cohort)
            found.person.append(people.setdefault(known.person, len(people)))
            found.cohort.append(cohorts.setdefault(known.cohort, known.cohort))
        item = found.items.setdefault(known.item, Recollection())
        item.enrolment.append(len(found.person) - 1)
        item.since.append(known.since.toordinal())
        item.recall.append(known.recall)
        item.plain.append(known.plain)
    return found
