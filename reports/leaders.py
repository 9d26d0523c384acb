"""The report `leaders`: how far each enrolment has come, what came back, and what a person should look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import EnrolmentRow, LeaderRow
from reports.kept import read_each, read_stale_ids
from reports.progress import LeaderProgress
from reports.report import Cell, Column, Muted, Report, ReportContext, Sheet

NOT_TRACKED = Muted("not tracked")
NOTHING = Muted("–")
_AT_ONCE = 500  # enrolments in memory together, where rows are streamed


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadersReport:
    as_of: datetime
    rows: tuple[LeaderProgress, ...]


# ---------------------------------------------------------------- reading


def read_leaders(session: Session, context: ReportContext) -> LeadersReport:
    """Every enrolment by the leader's name."""
    return LeadersReport(as_of=context.now, rows=tuple(stream_leaders(session, context)))


def stream_leaders(session: Session, context: ReportContext) -> Iterator[LeaderProgress]:
    """The same rows in the same order, a portion in memory at a time."""
    who = select(EnrolmentRow.id, LeaderRow.name, LeaderRow.email, EnrolmentRow.programme)
    people = session.execute(who.join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)).all()
    ordered = [row[0] for row in sorted(people, key=lambda row: (row[1].casefold(), row[2], row[3]))]
    del people
    stale = read_stale_ids(session, context)
    for first in range(0, len(ordered), _AT_ONCE):
        ids = ordered[first : first + _AT_ONCE]
        rows = read_each(session, context, ids, stale=stale)
        yield from (rows[own] for own in ids)


# ---------------------------------------------------------------- laying out


def lay_out_leaders(report: LeadersReport) -> Sheet:
    """A line each; the problems stand below, where there is room for them."""
    several = len({row.programme for row in report.rows}) > 1
    return Sheet(
        title=f"Leaders on {report.as_of:%d %B %Y, %H:%M} UTC; dates are in UTC",
        columns=(
            Column("Leader"),
            Column("Role"),
            *((Column("Programme"),) if several else ()),
            Column("Status"),
            *(Column(title, numeric=True) for title in ("Day", "Sent", "Opened", "Engaged", "Met", "Check-\nins")),
            *(Column(title, numeric=True) for title in ("Last\nactive", "Next\nmail")),
        ),
        rows=tuple(_cells(row, several=several) for row in report.rows),
        notes=(
            *(() if report.rows else ("Nobody is enrolled.",)),
            *(f"{row.name} <{row.email}>: {problem}" for row in report.rows for problem in row.problems),
        ),
    )


def _cells(row: LeaderProgress, *, several: bool) -> tuple[Cell, ...]:
    return (
        row.name,
        row.role.replace("-", " "),
        *((row.programme,) if several else ()),
        row.status,
        row.day,
        row.sent,
        NOT_TRACKED if row.opened is None else row.opened,
        row.engaged,
        f"{row.items_met} of {'?' if row.items_total is None else row.items_total}",
        row.check_ins_done,
        NOTHING if row.last_activity is None else f"{row.last_activity:%d %b}",
        NOTHING if row.next_slot is None else f"{row.next_slot:%d %b}",
    )


LEADERS = Report(
    name="leaders",
    summary="How far each leader has come, what came back, what to look at.",
    read=read_leaders,
    lay_out=lay_out_leaders,
    stream=stream_leaders,
)
