"""What leaders are predicted to remember at the turn of a week, person by person: what aggregates are made of."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.domain import Appearance, Enrolment, History
from models.store import read_enrolments
from reports.report import ReportContext
from reports.weeks import week_of
from scheduler.asking import appearances_of
from scheduler.assumptions import HORIZON_DAY
from scheduler.calendar import local_date
from scheduler.history import read_histories
from scheduler.memory import remember, retrievability

_AT_ONCE = 1_000  # enrolments held in memory together


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """One tip or resource that one leader has met.

    `plain` is the same model's recall of the same mails without their questions, and so without what was answered.
    """

    person: str
    programme: str
    cohort: str
    item: str
    since: date  # Monday of the week in which it was met
    recall: float  # 0 to 1
    plain: float


def read_recalled(session: Session, context: ReportContext, *, turn: datetime) -> Iterator[Recalled]:
    """Everything met before the turn by those whose answers are still there and who are not past the horizon."""
    everybody = [
        enrolment
        for enrolment in read_enrolments(session, tracking=context.tracking)
        if enrolment.kept_counts is None and (turn.date() - enrolment.start_date).days <= HORIZON_DAY
    ]
    for first in range(0, len(everybody), _AT_ONCE):
        portion = everybody[first : first + _AT_ONCE]
        histories = read_histories(session, portion, until=turn)
        for enrolment in portion:
            yield from recall_at(enrolment, histories[enrolment.id], turn=turn)


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
            programme=enrolment.programme,
            cohort=enrolment.cohort,
            item=item,
            since=met[item],
            recall=retrievability(beliefs[item], today),
            plain=retrievability(plain[item], today),
        )


def drop_questions(appearances: tuple[Appearance, ...]) -> list[Appearance]:
    """The same mails as a plain drip would have been: every item once, and nothing asked."""
    return [replace(seen, answer=None) for seen in appearances if seen.introduced]
