"""What was sent in a month, by the leaders' own dates: kept of the time before the last turn, counted since."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.domain import CLOSING
from models.tables import EnrolmentRow, MailItemRow, MailRow
from models.transitions import in_state, is_nudge
from reports.editions import Figures, Part, list_told, read_part
from reports.report import ReportContext
from reports.weeks import WEEK, last_turn


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfMail:
    """`people` got mail, `ended` got the closing summary; so many mails, and of these so many check-ins."""

    people: int = 0
    ended: int = 0
    sent: int = 0
    check_ins: int = 0


def read_months(session: Session, context: ReportContext, months: Iterable[date]) -> dict[date, MonthOfMail]:
    """The months of these first days, up to now."""
    week = last_turn(context.now).date()
    told = read_part(session, context, MONTHS, week)
    return {month: _bring_up_to_now(session, month, told.get(f"{month:%Y-%m}", {}), week) for month in months}


def _bring_up_to_now(session: Session, month: date, told: Mapping[str, int], week: date) -> MonthOfMail:
    kept = MonthOfMail(**told)
    following = begin_following(month)
    if following <= week:
        return kept
    since = _count(session, max(month, week), following)
    return MonthOfMail(
        people=_count_people(session, month, following),
        ended=kept.ended + since.ended,
        sent=kept.sent + since.sent,
        check_ins=kept.check_ins + since.check_ins,
    )


def work_out_months(session: Session, context: ReportContext, week: date) -> Figures:
    """Every month since the first mail, each as far as it had come by the turn."""
    told = list_told(session, context)
    month = (told[0] - WEEK).replace(day=1) if told else week
    months: dict[str, dict[str, int]] = {}
    while month < week:
        following = begin_following(month)
        months[f"{month:%Y-%m}"] = asdict(_count(session, month, min(following, week)))
        month = following
    return months


MONTHS = Part(name="months", work_out=work_out_months)


def begin_following(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def _count(session: Session, first: date, until: date) -> MonthOfMail:
    sent = _sent(first, until)
    carrying = select(func.count(MailRow.id.distinct())).join(MailItemRow, MailItemRow.mail_id == MailRow.id)
    ended = select(func.count(EnrolmentRow.leader_id.distinct())).join(MailRow, MailRow.enrolment_id == EnrolmentRow.id)
    closing = ended.join(MailItemRow, MailItemRow.mail_id == MailRow.id).where(*sent, MailItemRow.item == CLOSING)
    return MonthOfMail(
        people=_count_people(session, first, until),
        ended=session.scalar(closing) or 0,
        sent=session.scalar(select(func.count()).select_from(MailRow).where(*sent)) or 0,
        check_ins=session.scalar(carrying.where(*sent, MailItemRow.kind == "check-in")) or 0,
    )


def _count_people(session: Session, first: date, until: date) -> int:
    mailed = select(MailRow.enrolment_id).where(*_sent(first, until))
    return session.scalar(select(func.count(EnrolmentRow.leader_id.distinct())).where(EnrolmentRow.id.in_(mailed))) or 0


def _sent(first: date, until: date) -> tuple[ColumnElement[bool], ...]:
    return (is_nudge(), in_state("sent"), MailRow.local_date >= first, MailRow.local_date < until)
