"""The rows of the report `leaders`, kept so that pages can search, sort and count them: a projection of the log.

A row that does not hold any more is worked out anew where it is read. Ticks bring the kept rows up to date, a portion
at a time, so there are few of those.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, Programme
from models.standings import (
    Figures,
    Kept,
    Stand,
    keep_standings,
    read_kept,
    read_stale,
    read_touched,
    tally_mails,
    touch_outdated,
)
from models.tables import StandingRow
from reports.progress import LeaderProgress, work_out
from reports.report import ReportContext
from scheduler.calendar import local_date

AT_ONCE = 100  # rows worked out together, between two writes
MOST_WORKED_OUT = 200  # rows where something is counted: beyond, kept ones count as they are
Given = TypeVar("Given")
Write = Callable[[Callable[[Session], Given]], Given]
_SAME = tuple(field.name for field in fields(LeaderProgress) if field.name not in ("day", "problems"))


# ---------------------------------------------------------------- read


def read_each(
    session: Session, context: ReportContext, ids: Collection[int], *, stale: Set[int] | None = None
) -> dict[int, LeaderProgress]:
    """The row of each of these enrolments, in the order of their numbers: the kept one, if it holds.

    `stale`: those that do not hold, where that has been read already.
    """
    if stale is None:
        stale = read_stale_ids(session, context)
    kept = read_kept(session, [own for own in ids if own not in stale])
    rows = {own: tell(row, context.now) for own, row in kept.items()}
    other = [own for own in ids if own not in kept]
    for first in range(0, len(other), AT_ONCE):
        fresh = work_out(session, context, other[first : first + AT_ONCE])
        rows |= {enrolment.id: row for enrolment, row in fresh}
        session.expunge_all()
    return dict(sorted(rows.items()))


def work_out_stale(session: Session, context: ReportContext) -> tuple[set[int], dict[int, LeaderProgress]]:
    """For who counts kept rows: those that are not to count, and the rows to count in their place, worked out now.

    Where very many are out of date, as when all mail of a morning has just left, those that are kept count as they are.
    """
    stale = read_stale_ids(session, context)
    if len(stale) > MOST_WORKED_OUT:
        return set(), {}
    return stale, {enrolment.id: row for enrolment, row in work_out(session, context, stale)}


def read_stale_ids(session: Session, context: ReportContext) -> set[int]:
    """The enrolments, of whomever, whose kept row does not hold."""
    return read_stale(session, find_stand(context))


def read_needy(session: Session, *, now: datetime, most: int) -> dict[int, LeaderProgress]:
    """Who has the most that a person should look at; of those alike, who was last heard of the longest ago."""
    ordered = (
        select(StandingRow.enrolment_id)
        .where(StandingRow.problem_count > 0)
        .order_by(StandingRow.problem_count.desc(), StandingRow.last_activity.asc().nulls_first(), StandingRow.about)
    )
    ids = list(session.scalars(ordered.limit(most)))
    kept = read_kept(session, ids)
    return {own: tell(kept[own], now) for own in ids}


def tell(row: Kept, now: datetime) -> LeaderProgress:
    """The kept row as the report's."""
    today = now.astimezone(ZoneInfo(row.time_zone)).date()
    day = today.toordinal() - row.day_zero if row.stands_at is None else row.stands_at
    return LeaderProgress(**{name: getattr(row, name) for name in _SAME}, day=day, problems=tuple(row.problems))


def find_stand(context: ReportContext) -> Stand:
    """What kept rows have to have been made from to hold."""
    told = sorted((name, _shape(one), context.tracking.get(name)) for name, one in context.programmes.items())
    return Stand(now=context.now, made_from=blake2b(repr(told).encode(), digest_size=16).hexdigest())


def _shape(programme: Programme) -> tuple[Any, ...]:
    """As much of a programme as a row depends on."""
    roles = sorted((role.id, role.item_ids) for role in programme.roles.values())
    return (programme.closing_last_day, roles, sorted((item.id, item.kind) for item in programme.items.values()))


# ---------------------------------------------------------------- kept


def bring_up_to_date(
    database: Database,
    context: ReportContext,
    *,
    most: int | None = None,
    write: Write[Any] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Works out what does not hold and keeps it, the oldest change first, or no more than `most`; gives how many.

    Any number of processes may do this at once.
    """
    stand = find_stand(context)
    write = write or _writing(database)
    with database.reading() as session:
        stale = read_stale(session, stand)
    if not stale:
        return 0
    write(lambda session: touch_outdated(session, stand))
    done = 0
    while (most is None or done < most) and not stopping():
        with database.reading() as session:
            touched = read_touched(session, most=AT_ONCE if most is None else min(AT_ONCE, most - done))
            rows = _make_rows(session, context, {own for owners in touched.values() for own in owners}, stand)
        if not touched:
            break
        write(lambda session, rows=rows, touched=touched: keep_standings(session, rows, touched))
        done += max(len(rows), 1)
    return done


def _writing(database: Database) -> Write[Any]:
    def write(work: Callable[[Session], Given]) -> Given:
        with database.sessions.begin() as session:
            return work(session)

    return write


def _make_rows(session: Session, context: ReportContext, ids: Collection[int], stand: Stand) -> Mapping[int, Figures]:
    tallies = tally_mails(session, ids)
    return {
        enrolment.id: {**_figures(enrolment, row, context), **tallies[enrolment.id], "made_from": stand.made_from}
        for enrolment, row in work_out(session, context, ids)
    }


def _figures(enrolment: Enrolment, row: LeaderProgress, context: ReportContext) -> Figures:
    leader = enrolment.leader
    today = local_date(leader, context.now)
    stands = any(today in pause for pause in enrolment.pauses)
    changes = sorted(day for day in _list_changes(enrolment, row, context, today) if day > today)
    return {
        **{name: getattr(row, name) for name in _SAME},
        "about": f"{row.name.casefold()}\n{row.email.casefold()}",
        "time_zone": leader.time_zone,
        "day_zero": today.toordinal() - row.day,
        "stands_at": row.day if stands else None,
        "stale_at": _begin(changes[0], leader.time_zone) if changes else None,
        "problem_count": len(row.problems),
        "problems": list(row.problems),
    }


def _list_changes(enrolment: Enrolment, row: LeaderProgress, context: ReportContext, today: date) -> Iterator[date]:
    """The days on which the row becomes another by the calendar alone; past ones among them."""
    for pause in enrolment.pauses:
        yield pause.first
        if pause.last is not None:
            yield pause.last + timedelta(days=1)
    programme = context.programmes.get(enrolment.programme)
    if programme is not None:
        yield today + timedelta(days=programme.closing_last_day + 1 - row.day)


def _begin(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
