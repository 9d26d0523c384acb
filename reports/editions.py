"""Figures of answers and recall, told once a week: worked out at its turn, kept, and the same whenever one looks.

Such figures change at the turn of a week alone (see suppression.py), so they are worked out once for everybody and once
for each set of organisations that an account sees. What is not kept is worked out where it is read. What is kept stays
as it was told, also when somebody is erased: a figure that changed then would tell of them.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.database import Database
from models.dialects import insert_into
from models.scope import Scope, name_scope, narrowed
from models.tables import EditionRow, MailRow
from models.transitions import in_state, is_nudge
from reports.report import SUPPRESSED, ReportContext
from reports.weeks import WEEK, last_turn, list_weeks, week_of

Figures = Mapping[str, Any]  # as in JSON; a suppressed figure is the word


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some figures of an edition, by one way of working them out for the turn into a week."""

    name: str
    work_out: Callable[[Session, ReportContext, date], Figures]
    looks_back: bool = False  # reports tell of past weeks, too


# ---------------------------------------------------------------- read


def read_part(session: Session, context: ReportContext, part: Part, week: date) -> Figures:
    """The figures of the turn into the week of this Monday."""
    kept = _read_kept(session, context, part, (week,))
    return kept[week] if week in kept else _as_kept(part.work_out(session, context, week))


def read_weeks(session: Session, context: ReportContext, part: Part) -> dict[date, Figures]:
    """The figures of every turn of a week since the first mail, in order."""
    weeks = list_told(session, context)
    kept = _read_kept(session, context, part, weeks)
    return {week: kept[week] if week in kept else _as_kept(part.work_out(session, context, week)) for week in weeks}


def list_told(session: Session, context: ReportContext) -> tuple[date, ...]:
    """The Mondays of those turns."""
    sent = select(MailRow.local_date, MailRow.ended_at).where(is_nudge(), in_state("sent"))
    first = session.execute(sent.where(MailRow.local_date.is_not(None)).order_by(MailRow.local_date).limit(1)).first()
    if first is None or first.ended_at is None:
        return ()
    return tuple(list_weeks(week_of(first.ended_at) + WEEK, last_turn(context.now).date()))


def tell(figure: Any) -> Any:
    """A figure as the report's, from as it is kept."""
    return SUPPRESSED if figure == SUPPRESSED.value else figure


def _read_kept(session: Session, context: ReportContext, part: Part, weeks: Sequence[date]) -> dict[date, Figures]:
    scope = name_scope(session)
    if scope is None or not weeks:
        return {}
    rows = select(EditionRow.week, EditionRow.figures).where(*_are_kept(scope, context, part, weeks))
    return {week: json.loads(figures) for week, figures in session.execute(rows)}


def _are_kept(scope: str, context: ReportContext, part: Part, weeks: Sequence[date]) -> tuple[ColumnElement[bool], ...]:
    """Figures that were suppressed by another setting do not count as kept."""
    return (
        EditionRow.scope == scope,
        EditionRow.name == part.name,
        EditionRow.small_group == context.small_group,
        EditionRow.week.in_(weeks),
    )


def _write(figures: Figures) -> str:
    return json.dumps(figures, default=lambda figure: figure.value)


def _as_kept(figures: Figures) -> Figures:
    return json.loads(_write(figures))


# ---------------------------------------------------------------- kept


def keep_editions(
    database: Database,
    context: ReportContext,
    parts: Collection[Part],
    organisations: Collection[tuple[str, ...]],
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Works out and keeps what is not kept of the last turn, and of one past week; gives how many parts that were.

    `organisations`: the sets that accounts see; an empty one sees everybody.
    """
    done = 0
    for seen in sorted({(), *organisations}):
        with database.reading() as session, narrowed(session, Scope(organisations=seen or None)):
            scope = name_scope(session) or ""
            missing = _list_missing(session, context, parts, scope)
        for part, week in missing:
            if stopping():
                return done
            with database.reading() as session, narrowed(session, Scope(organisations=seen or None)):
                figures = _write(part.work_out(session, context, week))
            with database.sessions.begin() as session:
                _keep(session, context, part, week, scope=scope, figures=figures)
            done += 1
    return done


def _list_missing(
    session: Session, context: ReportContext, parts: Collection[Part], scope: str
) -> list[tuple[Part, date]]:
    weeks = list_told(session, context)
    missing: list[tuple[Part, date]] = []
    for part in parts if weeks else ():
        wanted = [week for week in weeks if part.looks_back or week == weeks[-1]]
        kept = set(session.scalars(select(EditionRow.week).where(*_are_kept(scope, context, part, wanted))))
        missing += [(part, week) for week in wanted if week not in kept and week == weeks[-1]]
        missing += [(part, week) for week in reversed(wanted) if week not in kept and week != weeks[-1]][:1]
    return missing


def _keep(session: Session, context: ReportContext, part: Part, week: date, *, scope: str, figures: str) -> None:
    """What is kept by the same setting stays: somebody else was quicker."""
    into = insert_into(session, EditionRow).values(
        scope=scope,
        week=week,
        name=part.name,
        small_group=context.small_group,
        figures=figures,
        made_at=context.now,
    )
    told = {name: into.excluded[name] for name in ("small_group", "figures", "made_at")}
    other = EditionRow.small_group != context.small_group
    session.execute(into.on_conflict_do_update(index_elements=["scope", "week", "name"], set_=told, where=other))
