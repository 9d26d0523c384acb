"""When the week's mail to admins leaves, and that it does so once a week, however many processes look."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.digests import post_weekly
from scheduler.calendar import SEND_WINDOW, holidays_in, slot_at


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPlan:
    """By whose calendar, and on which day of the week (0 is Monday); the day after, and so on, where that is closed."""

    day: int
    time_zone: str
    send_at: time
    holidays: str
    working_days: tuple[int, ...]


def find_due_week(plan: WeeklyPlan, now: datetime) -> date | None:
    """The Monday of the week whose mail may leave now."""
    today = now.astimezone(ZoneInfo(plan.time_zone)).date()
    monday = today - timedelta(days=today.weekday())
    if _choose_day(plan, monday) != today:
        return None
    slot = slot_at(plan.time_zone, plan.send_at, today)
    return monday if slot is not None and slot <= now < slot + SEND_WINDOW else None


def _choose_day(plan: WeeklyPlan, monday: date) -> date | None:
    """The chosen day, or the next open one of that week where it is a holiday."""
    days = [monday + timedelta(days=number) for number in range(plan.day, 7)]
    open_days = (
        day
        for day in days
        if (day == days[0] or day.weekday() in plan.working_days) and day not in holidays_in(plan.holidays, day.year)
    )
    return next(open_days, None)


def note_week(session: Session, plan: WeeklyPlan | None, *, now: datetime) -> int:
    """Puts the week's mails into the outbox when their time has come; gives how many."""
    week = None if plan is None else find_due_week(plan, now)
    return 0 if week is None else post_weekly(session, week=week, now=now)
