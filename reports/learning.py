"""The report `learning`: predicted recall week by week, beside what a plain drip of the same mails would give."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from reports.editions import Figures, read_weeks, tell
from reports.remembered import RECALL, Scope
from reports.report import SUPPRESSED, Cell, Chart, Column, Muted, Report, ReportContext, Share, Sheet, Suppressed
from reports.suppression import Count

HIDDEN = Muted("hidden")
Figure = float | Suppressed


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
    weeks = read_weeks(session, context, RECALL)
    return LearningReport(
        as_of=context.now, rows=tuple(row for week, figures in weeks.items() for row in tell_learned(week, figures))
    )


def tell_learned(week: date, figures: Figures) -> Iterator[Learned]:
    """The rows of one turn."""
    for row in figures["learned"]:
        of = {name: tell(row.get(name, SUPPRESSED)) for name in ("people", "recall", "low", "high", "plain")}
        yield Learned(week=week, scope=row["scope"], name=row["name"], **of)


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
