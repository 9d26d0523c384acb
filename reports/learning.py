"""The report `learning`: predicted recall week by week, beside what a plain drip of the same mails would give.

All of it is a prediction by the planner's own model of memory, and no measurement. The figures of skill sets, and of
everything together, are made of those tips alone whose own figures may be shown: so nothing hidden follows from them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt
from statistics import fmean, stdev
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.domain import Programme
from models.tables import MailRow
from reports.recalling import Recalled, read_recalled
from reports.report import SUPPRESSED, Cell, Chart, Column, Muted, Report, ReportContext, Share, Sheet, Suppressed
from reports.suppression import Count, keep_released
from reports.weeks import WEEK, last_turn, list_weeks, turn_into, week_of

HIDDEN = Muted("hidden")
Scope = Literal["all", "skill-set", "tip"]
Figure = float | Suppressed
_ORDER: tuple[Scope, ...] = ("all", "skill-set", "tip")
_Z95 = 1.96  # standard errors of a mean to either side that hold 95 of 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is predicted at one turn of the week, 0 to 1: the mean over people of what each remembers.

    `low` to `high`: where that mean would lie, 95 times in 100, for other people of the same kind. How far the model
    itself is from the truth is not in it.
    """

    week: date  # the Monday on which it was so
    scope: Scope
    name: str
    people: Count
    recall: Figure
    low: Figure
    high: Figure
    plain: Figure  # the same mails without their questions


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningReport:
    as_of: datetime
    rows: tuple[Learned, ...]


# ---------------------------------------------------------------- reading


def read_learning(session: Session, context: ReportContext) -> LearningReport:
    """Every turn of a week since the first mail: all together, then by skill set, then by tip."""
    rows: list[Learned] = []
    first = session.scalar(select(func.min(MailRow.ended_at)).where(MailRow.kind == "nudge", MailRow.state == "sent"))
    if first is not None:
        for week in list_weeks(week_of(first) + WEEK, last_turn(context.now).date()):
            rows += learn_week(session, context, week=week)
    return LearningReport(as_of=context.now, rows=tuple(rows))


def learn_week(session: Session, context: ReportContext, *, week: date) -> tuple[Learned, ...]:
    """The figures of one turn. They tell of nothing later, so they stay the same whenever one looks."""
    turn = turn_into(week)
    groups: dict[tuple[Scope, str], dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    skills = find_skills(context.programmes.values())
    few: set[str] = set()
    for known in read_tips(session, context, turn=turn, few=few):
        figures = (known.recall, known.plain)
        groups["all", ""][known.person].append(figures)
        groups["tip", known.item][known.person].append(figures)
        for skill in skills.get(known.item, ()):
            groups["skill-set", skill][known.person].append(figures)
    hidden = [_hide(week, "tip", item) for item in few]
    rows = [*hidden, *(_average(week, scope, name, people) for (scope, name), people in groups.items())]
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.scope), row.name)))


def release_tips(session: Session, context: ReportContext, *, turn: datetime) -> Iterator[Recalled]:
    """What is predicted of those tips, and those people, that figures may tell of."""
    return read_tips(session, context, turn=turn, few=set())


def read_tips(session: Session, context: ReportContext, *, turn: datetime, few: set[str]) -> Iterator[Recalled]:
    """The same; the tips that are hidden whole are added to `few`."""
    found: dict[str, list[tuple[date, str, Recalled]]] = defaultdict(list)
    tips = {item.id for one in context.programmes.values() for item in one.items.values() if item.kind == "tip"}
    for known in read_recalled(session, context, turn=turn):
        if known.item in tips:
            found[known.item].append((known.since, known.person, known))
    for item, entries in found.items():
        released = keep_released(entries, small_group=context.small_group)
        if not released:
            few.add(item)
        for _, known in released:
            yield known


def find_skills(programmes: Iterable[Programme]) -> dict[str, tuple[str, ...]]:
    """The skill sets of each item, by name where they have one."""
    return {
        item.id: tuple(
            programme.skill_sets[skill].name if skill in programme.skill_sets else skill for skill in item.skill_sets
        )
        for programme in programmes
        for item in programme.items.values()
    }


def _average(week: date, scope: Scope, name: str, people: dict[str, list[tuple[float, float]]]) -> Learned:
    own = [fmean(recall for recall, _ in figures) for figures in people.values()]
    mean = fmean(own)
    margin = _Z95 * stdev(own) / sqrt(len(own)) if len(own) > 1 else 0.0
    return Learned(
        week=week,
        scope=scope,
        name=name,
        people=len(people),
        recall=round(mean, 3),
        low=round(max(mean - margin, 0.0), 3),
        high=round(min(mean + margin, 1.0), 3),
        plain=round(fmean(fmean(plain for _, plain in figures) for figures in people.values()), 3),
    )


def _hide(week: date, scope: Scope, name: str) -> Learned:
    hidden = SUPPRESSED
    return Learned(
        week=week, scope=scope, name=name, people=hidden, recall=hidden, low=hidden, high=hidden, plain=hidden
    )


# ---------------------------------------------------------------- laying out


def lay_out_learning(report: LearningReport) -> Sheet:
    """All together week by week; then the last week by skill set and by tip."""
    last = max((row.week for row in report.rows), default=report.as_of.date())
    whole = [row for row in report.rows if row.scope == "all"]
    return Sheet(
        title=f"Learning on {report.as_of:%d %B %Y, %H:%M} UTC: predicted by a model, not measured",
        columns=_columns("Monday"),
        rows=tuple((f"{row.week:%d %b %Y}", *_cells(row)) for row in whole),
        chart=Chart("lines", "Monday", ("Remembered", "Low", "High", "Plain drip")),
        notes=(
            *(() if whole else ("Nothing to tell yet: too few people have met a tip before the last Monday.",)),
            "Remembered: the mean over people. Low to high: where it would lie for 95 of 100 other groups like them, "
            "if the model were right. Plain drip: the same mails without their questions, by the same model.",
        ),
        more=tuple(
            Sheet(
                title=f"{title}, on Monday {last:%d %B %Y}",
                columns=_columns(column),
                rows=tuple((row.name, *_cells(row)) for row in report.rows if row.scope == scope and row.week == last),
                chart=Chart("bars", column, ("Remembered", "Plain drip")),
            )
            for scope, title, column in (("skill-set", "By skill set", "Skill set"), ("tip", "By tip", "Tip"))
            if any(row.scope == scope and row.week == last for row in report.rows)
        ),
    )


def _columns(first: str) -> tuple[Column, ...]:
    numbers = ("People", "Remembered", "Low", "High", "Plain drip")
    return (Column(first), *(Column(title, numeric=True) for title in numbers))


def _cells(row: Learned) -> tuple[Cell, ...]:
    figures = (row.recall, row.low, row.high, row.plain)
    people = HIDDEN if isinstance(row.people, Suppressed) else row.people
    return (people, *(HIDDEN if isinstance(figure, Suppressed) else Share(figure) for figure in figures))


LEARNING = Report(
    name="learning",
    summary="Predicted recall week by week, beside a plain drip: a model, not a measurement.",
    read=read_learning,
    lay_out=lay_out_learning,
)
