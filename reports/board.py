"""The report `board`: a month on one page, without a name, beside the month before."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session

from models.domain import Answer
from models.tables import EnrolmentRow
from reports.answering import ANSWERS
from reports.editions import read_part
from reports.learning import tell_learned
from reports.months import MonthOfMail, begin_following, read_months
from reports.remembered import RECALL
from reports.report import (
    SUPPRESSED,
    Cell,
    Column,
    Muted,
    Report,
    ReportContext,
    ReportError,
    Share,
    Sheet,
    Suppressed,
)
from reports.weeks import WEEK, last_turn, turn_into, weeks_ending_in

Figure = int | float | Suppressed | None
HIDDEN = Muted("hidden")
NOTHING = Muted("–")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFigure:
    """One line. A share is 0 to 1. None: there is nothing to tell."""

    what: str
    share: bool
    month: Figure
    before: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardReport:
    """`month`: its first day. `whole`: it is over, and so is its last week."""

    as_of: datetime
    month: date
    whole: bool
    rows: tuple[BoardFigure, ...]


# ---------------------------------------------------------------- reading


def read_board(session: Session, context: ReportContext) -> BoardReport:
    """The context's month and the one before. Raises ReportError for a month that has not begun."""
    month = (context.month or context.now.date()).replace(day=1)
    if month > context.now.date():
        raise ReportError(f"the month {month:%Y-%m} has not begun")
    turn = last_turn(context.now)
    told = read_part(session, context, ANSWERS, turn.date())["released"]
    answers = {date.fromisoformat(week): Counter[Answer](counts) for week, counts in told.items()}
    before = (month - timedelta(days=1)).replace(day=1)
    mails = read_months(session, context, (month, before))
    now, then = (_read_month(session, context, answers, mails[one], one) for one in (month, before))
    return BoardReport(
        as_of=context.now,
        month=month,
        whole=turn >= turn_into(weeks_ending_in(month)[1]) + WEEK and begin_following(month) <= context.now.date(),
        rows=tuple(
            BoardFigure(what=what, share=share, month=now[what], before=then[what]) for what, share in _LINES.items()
        ),
    )


_LINES = {
    "people who started": False,
    "people who got mail": False,
    "people who came to the end": False,
    "people who left": False,
    "mails sent": False,
    "check-ins sent": False,
    "questions answered": False,
    "of these: put to use or known": True,
    "of these: nearly": True,
    "of these: forgotten": True,
    "remembered at the end, by the model": True,
    "remembered in a plain drip, by the model": True,
}


def _read_month(
    session: Session, context: ReportContext, answers: Mapping[date, Counter[Answer]], mail: MonthOfMail, month: date
) -> dict[str, Figure]:
    first, last = weeks_ending_in(month)
    given = sum((counts for week, counts in answers.items() if first <= week <= last), Counter[Answer]())
    answered = given.total()
    started = (EnrolmentRow.start_date >= month, EnrolmentRow.start_date < begin_following(month))
    left = [_between(at, month) for at in (EnrolmentRow.left_at, EnrolmentRow.withdrawn_at)]
    recall, plain = _read_recall(session, context, last + WEEK)
    people = func.count(EnrolmentRow.leader_id.distinct())
    shares = [given[answer] / answered if answered else None for answer in ("using", "nearly", "forgot")]
    figures: tuple[Figure, ...] = (
        session.scalar(select(people).where(*started)),
        mail.people,
        mail.ended,
        session.scalar(select(people).where(or_(*left))),
        mail.sent,
        mail.check_ins,
        answered,
        *(None if share is None else round(share, 3) for share in shares),
        recall,
        plain,
    )
    return dict(zip(_LINES, figures, strict=True))


def _read_recall(session: Session, context: ReportContext, week: date) -> tuple[Figure, Figure]:
    """What is predicted at that turn of a week, or at the last there was."""
    week = min(week, last_turn(context.now).date())
    rows = tuple(tell_learned(week, read_part(session, context, RECALL, week)))
    whole = next((row for row in rows if row.scope == "all"), None)
    if whole is None:
        return (SUPPRESSED, SUPPRESSED) if rows else (None, None)
    return whole.recall, whole.plain


def _between(column: SQLColumnExpression[datetime | None], month: date) -> ColumnElement[bool]:
    return (column >= turn_into(month)) & (column < turn_into(begin_following(month)))


# ---------------------------------------------------------------- laying out


def lay_out_board(report: BoardReport) -> Sheet:
    """Twelve lines."""
    before = (report.month - timedelta(days=1)).replace(day=1)
    return Sheet(
        title=f"First 100 days: {report.month:%B %Y}",
        columns=(
            Column("What"),
            Column(f"{report.month:%B %Y}", numeric=True),
            Column(f"{before:%B %Y}", numeric=True),
        ),
        rows=tuple(
            (row.what, _cell(row.month, share=row.share), _cell(row.before, share=row.share)) for row in report.rows
        ),
        notes=(
            f"As of {report.as_of:%d %B %Y, %H:%M} UTC."
            + ("" if report.whole else " The month, or its last week, is not over."),
            "Answers are counted by weeks, each in the month in which it ends, and only once enough people gave them.",
            "Remembered is predicted by a model, not measured. A plain drip: the same mails without their questions.",
        ),
    )


def _cell(figure: Figure, *, share: bool) -> Cell:
    if figure is None:
        return NOTHING
    if isinstance(figure, Suppressed):
        return HIDDEN
    return Share(figure) if share else int(figure)


BOARD = Report(
    name="board",
    summary="A month on one page, without names, beside the month before.",
    read=read_board,
    lay_out=lay_out_board,
    asks="month",
)
