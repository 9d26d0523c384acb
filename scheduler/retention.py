"""What goes by itself: answers some months after a programme, old lines of the audit, people who have been withdrawn.

Once a day. What it removes is overwritten on the disk as everything deleted is; a person is erased as by `erase`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from models.api_requests import forget_requests
from models.database import Database, empty_log
from models.deliveries import remove_deliveries
from models.domain import Enrolment, Programme, Tracking
from models.failures import DatabaseError
from models.retained import (
    WITHDRAWN_DAYS,
    date_withdrawals,
    find_answered,
    find_withdrawn_leaders,
    keep_counts,
    remove_answers,
    remove_audit,
    remove_incoming,
)
from models.store import get_state, read_enrolments, set_state
from scheduler.calendar import day_number, local_date
from scheduler.erasing import Erasing, ErasingError, erase
from scheduler.returns import count_returns, read_returns

RETAINED_ON = "retained_on"  # the date of the last pass
_USUAL_LAST_DAY = 100  # of a programme that is no longer in config
_AT_ONCE = 200  # enrolments in one transaction
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long is kept what need not be kept for ever."""

    events_days: int = 90  # after a programme's last day; of mail that came in, after it came
    audit_months: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What a pass did; `problems` are lines for a person."""

    erased: int = 0
    enrolments: int = 0  # of which answers were removed
    audit_lines: int = 0
    incoming: int = 0  # mails that came in, of which it is forgotten that they did
    problems: tuple[str, ...] = ()


def keep_within(
    database: Database,
    retention: Retention,
    *,
    erasing: Erasing | None,
    programmes: Mapping[str, Programme],
    tracking: Mapping[str, Tracking],
    now: datetime,
) -> Retained:
    """Does what is due, unless it has been done today. Without `erasing` nobody is erased."""
    today = now.date()
    with database.reading() as session:
        if get_state(session, RETAINED_ON) == f"{today}":
            return Retained()
    erased, problems = (0, ()) if erasing is None else _erase_withdrawn(erasing, now=now)
    enrolments = _remove_spent_answers(database, retention, programmes=programmes, tracking=tracking, now=now)
    with database.sessions.begin() as session:
        forget_requests(session, now=now)
        remove_deliveries(session, now=now)
        lines = remove_audit(session, before=go_back(now, months=retention.audit_months))
        incoming = remove_incoming(session, before=now - timedelta(days=retention.events_days))
        if not problems:
            set_state(session, RETAINED_ON, f"{today}")
    if enrolments or lines or incoming:
        empty_log(database)
        _log.info(
            "removed as old: answers of %d enrolments, lines of the audit: %d, notes of mail that came in: %d",
            enrolments,
            lines,
            incoming,
        )
    return Retained(erased=erased, enrolments=enrolments, audit_lines=lines, incoming=incoming, problems=problems)


def go_back(instant: datetime, *, months: int) -> datetime:
    """So many calendar months before; where that month is too short, its last day."""
    whole = instant.year * 12 + instant.month - 1 - months
    year, month = divmod(whole, 12)
    for day in range(instant.day, 27, -1):
        try:
            return instant.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return instant.replace(year=year, month=month + 1)


# ---------------------------------------------------------------- people who have been withdrawn


def _erase_withdrawn(erasing: Erasing, *, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Erases whoever left, or was withdrawn, long enough ago in all their programmes."""
    with erasing.database.sessions.begin() as session:
        date_withdrawals(session, now=now)
        due = find_withdrawn_leaders(session, before=now - timedelta(days=WITHDRAWN_DAYS))
    erased = 0
    problems: list[str] = []
    for leader_id in due:
        try:
            receipt = erase(erasing, leader_id, by="system", now=now)
        except (ErasingError, DatabaseError) as error:
            problems.append(f"somebody withdrawn over {WITHDRAWN_DAYS} days ago could not be erased: {error}")
            continue
        erased += 1
        _log.info("erased somebody who was withdrawn over %d days ago: receipt %s", WITHDRAWN_DAYS, receipt.number)
    return erased, tuple(dict.fromkeys(problems))


# ---------------------------------------------------------------- answers


def _remove_spent_answers(
    database: Database,
    retention: Retention,
    *,
    programmes: Mapping[str, Programme],
    tracking: Mapping[str, Tracking],
    now: datetime,
) -> int:
    with database.reading() as session:
        # no programme ends before its enrolments began
        candidates = find_answered(session, started_by=now.date() - timedelta(days=retention.events_days - 1))
    removed = 0
    for first in range(0, len(candidates), _AT_ONCE):
        with database.sessions.begin() as session:
            enrolments = read_enrolments(session, tracking=tracking, ids=candidates[first : first + _AT_ONCE])
            spent = [one for one in enrolments if _is_spent(one, retention, programmes, now)]
            removed += _remove_answers(session, spent)
    return removed


def _is_spent(enrolment: Enrolment, retention: Retention, programmes: Mapping[str, Programme], now: datetime) -> bool:
    """Whether the programme ended so long ago; days in a pause do not count."""
    programme = programmes.get(enrolment.programme)
    last_day = _USUAL_LAST_DAY if programme is None else programme.last_day
    today: date = local_date(enrolment.leader, now)
    return day_number(enrolment.start_date, enrolment.pauses, today) > last_day + retention.events_days


def _remove_answers(session: Session, spent: list[Enrolment]) -> int:
    """Removes what came back, and keeps the counts of it where they are not kept yet."""
    returned = read_returns(session, spent)
    for enrolment in spent:
        if enrolment.kept_counts is None:
            keep_counts(session, enrolment.id, count_returns(enrolment, returned.get(enrolment.id, [])))
    remove_answers(session, [enrolment.id for enrolment in spent])
    return len(spent)
