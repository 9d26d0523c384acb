"""The week's mail to accounts, wired: when it leaves, by the settings, and what it says, by the reports."""

from dataclasses import replace
from datetime import datetime

from config.reading.calendar_fields import WEEKDAYS
from config.settings import Settings
from emails.compose import Composed, Composer
from models.accounts import read_accounts
from models.database import Database
from models.standing_problems import CONFIG_PROBLEMS
from models.store import get_state
from reports.kept import bring_up_to_date
from reports.report import ReportContext
from reports.week import read_week
from scheduler.live_config import LiveConfig
from scheduler.weekly import WeeklyPlan

_FRESHENED = 200  # rows brought up to date for one mail; ticks do the rest


def plan_weekly(settings: Settings) -> WeeklyPlan | None:
    """When accounts are written to about the week; None for never."""
    if settings.weekly_digest == "off":
        return None
    return WeeklyPlan(
        day=WEEKDAYS.index(settings.weekly_digest),
        time_zone=settings.time_zone,
        send_at=settings.send_at,
        holidays=settings.holidays,
        working_days=settings.working_days,
    )


def compose_week(
    database: Database,
    composer: Composer,
    config: LiveConfig,
    settings: Settings,
    account: str,
    *,
    mail_id: int,
    posted_at: datetime,
    now: datetime,
) -> Composed | None:
    """The week's mail to the account of that address; None where there is none any more, or nothing waits."""
    reading = config.current
    context = ReportContext(
        programmes=reading.programmes, tracking=reading.tracking, small_group=settings.small_group, now=now
    )
    bring_up_to_date(database, context, most=_FRESHENED)
    with database.reading() as session:
        found = next((one for one in read_accounts(session) if one.email == account), None)
        problems = tuple((get_state(session, CONFIG_PROBLEMS) or "").splitlines())
        week = (
            None
            if found is None or found.role == "viewer"
            else read_week(session, found, replace(context, problems=problems))
        )
    if week is None or week.is_empty:
        return None
    return composer.compose_week(week, recipient=account, mail_id=mail_id, posted_at=posted_at, now=now)
