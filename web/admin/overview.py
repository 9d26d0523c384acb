"""The overview: how many take part, what goes out, who needs a person, what is wrong with the config."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fastapi import APIRouter, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.tables import MailRow, StandingRow
from models.transitions import in_state, is_nudge
from reports.kept import read_needy
from reports.week import NEED_HELP
from web.admin.corrections import read_asked
from web.admin.desk import LookingDesk

WEEKS, DAYS_AHEAD = 12, 7
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
    desk.freshen()
    with desk.reading() as session:
        context = desk.report_context(session)
        weeks = _count_weeks(session, today)
        corrections = len(read_asked(desk, session)) if desk.may("hr") else 0
        by_status, sent, engaged = _count_people(session)
        needy = read_needy(session, now=desk.now, most=NEED_HELP)
        many = session.scalar(select(func.count()).where(StandingRow.problem_count > 0)) or 0
        ahead = _count_ahead(session, today)
    return desk.render(
        "overview.html",
        active=by_status["active"],
        waiting=by_status["waiting"],
        this_week=weeks[-1][1],
        engaged=f"{engaged / sent:.0%}" if sent else "–",
        needy=needy,
        more=many - len(needy),
        ahead=ahead,
        bars=_draw(weeks),
        width=WEEKS * (_BAR + _GAP),
        height=_HEIGHT + _FOOT,
        bar=_BAR,
        base=_HEIGHT,
        problems=context.problems,
        corrections=corrections,
    )


def _count_weeks(session: Session, today: date) -> list[tuple[date, int]]:
    """Nudges sent in each of the last weeks, this one last, by the leaders' own dates."""
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    by_day = session.execute(
        select(MailRow.local_date, func.count())
        .where(is_nudge(), in_state("sent"), MailRow.local_date >= mondays[0])
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


def _count_people(session: Session) -> tuple[Counter[str], int, int]:
    """The enrolments by their status, and of all their mails how many were sent and how many engaged."""
    sums = (func.count(), func.sum(StandingRow.sent), func.sum(StandingRow.engaged))
    rows = session.execute(select(StandingRow.status, *sums).group_by(StandingRow.status)).all()
    by_status = Counter({status: people for status, people, _, _ in rows})
    return by_status, sum(sent for _, _, sent, _ in rows), sum(engaged for *_, engaged in rows)


def _count_ahead(session: Session, today: date) -> list[tuple[date, int]]:
    """The next mail of each leader, by the day it is planned for in UTC; later mails are not planned yet."""
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    first = datetime.combine(today, time.min, tzinfo=UTC)
    slots = (
        select(StandingRow.next_slot, func.count())
        .where(StandingRow.next_slot >= first, StandingRow.next_slot < first + timedelta(days=DAYS_AHEAD))
        .group_by(StandingRow.next_slot)
    )
    counts: Counter[date] = Counter()
    for slot, mails in session.execute(slots):
        if slot is not None:
            counts[slot.date()] += mails
    return [(day, counts[day]) for day in days]
