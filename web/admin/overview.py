"""The overview: how many take part, what goes out, who needs a person, what is wrong with the config."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fastapi import APIRouter, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.tables import EnrolmentRow, LeaderRow, MailRow
from reports.leaders import LeaderProgress, read_leaders
from web.admin.desk import LookingDesk

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
WEEKS, NEED_HELP, DAYS_AHEAD = 12, 3, 7
_BAR, _GAP, _HEIGHT, _FOOT = 40, 12, 160, 24  # of the picture

router = APIRouter(prefix="/admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A week of the picture, which the table below it tells again."""

    monday: date
    mails: int
    x: int
    y: int
    height: int


@router.api_route("", methods=["GET", "HEAD"])
def show_overview(desk: LookingDesk) -> Response:
    """The first page after signing in."""
    today = desk.now.date()
    with desk.reading() as session:
        context = desk.report_context(session)
        rows = read_leaders(session, context).rows
        weeks = _count_weeks(session, today)
        needy = _choose_needy(rows)
        numbers = select(LeaderRow.email, EnrolmentRow.programme, EnrolmentRow.id).join(
            EnrolmentRow, EnrolmentRow.leader_id == LeaderRow.id
        )
        shown = numbers.where(LeaderRow.email.in_({row.email for row in needy}))
        ids = {(email, programme): number for email, programme, number in session.execute(shown)}
    sent = sum(row.sent for row in rows)
    return desk.render(
        "overview.html",
        active=sum(row.status == "active" for row in rows),
        waiting=sum(row.status == "waiting" for row in rows),
        this_week=weeks[-1][1],
        engaged=f"{sum(row.engaged for row in rows) / sent:.0%}" if sent else "–",
        needy=needy,
        more=sum(bool(row.problems) for row in rows) - len(needy),
        ids=ids,
        ahead=_count_ahead(rows, today),
        bars=_draw(weeks),
        width=WEEKS * (_BAR + _GAP),
        height=_HEIGHT + _FOOT,
        bar=_BAR,
        base=_HEIGHT,
        problems=context.problems,
    )


def _count_weeks(session: Session, today: date) -> list[tuple[date, int]]:
    """Nudges sent in each of the last weeks, this one last, by the leaders' own dates."""
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    by_day = session.execute(
        select(MailRow.local_date, func.count())
        .where(MailRow.kind == "nudge", MailRow.state == "sent", MailRow.local_date >= mondays[0])
        .group_by(MailRow.local_date)
    )
    counts: Counter[date] = Counter()
    for on, mails in by_day:
        if on is not None:
            counts[on - timedelta(days=on.weekday())] += mails
    return [(week, counts[week]) for week in mondays]


def _draw(weeks: list[tuple[date, int]]) -> tuple[Bar, ...]:
    most = max(1, *(mails for _, mails in weeks))
    room = _HEIGHT - _FOOT  # the number stands above its bar
    heights = [round(mails / most * room) for _, mails in weeks]
    return tuple(
        Bar(monday=monday, mails=mails, x=place * (_BAR + _GAP), y=_HEIGHT - height, height=height)
        for place, ((monday, mails), height) in enumerate(zip(weeks, heights, strict=True))
    )


def _choose_needy(rows: tuple[LeaderProgress, ...]) -> list[LeaderProgress]:
    """Who has the most that a person should look at; of those alike, who was last heard of the longest ago."""
    with_problems = [row for row in rows if row.problems]
    with_problems.sort(key=lambda row: (-len(row.problems), row.last_activity or _LONG_AGO, row.name))
    return with_problems[:NEED_HELP]


def _count_ahead(rows: tuple[LeaderProgress, ...], today: date) -> list[tuple[date, int]]:
    """The next mail of each leader, by the day it is planned for in UTC; later mails are not planned yet."""
    counts = Counter(row.next_slot.date() for row in rows if row.next_slot is not None)
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    return [(day, counts[day]) for day in days]
