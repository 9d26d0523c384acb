"""Where enrolments stand, kept as rows; and what was touched since, as the database's triggers note it.

What is touched is read outside of any scope: it is numbers alone, of rows that the scope then narrows. Functions take a
session and never commit.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, get_args

from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from models.among import among
from models.dialects import insert_into
from models.domain import MailState
from models.tables import AttemptRow, EnrolmentRow, MailRow, StandingRow, TouchedRow
from models.transitions import in_state

_MOVING: tuple[tuple[MailState, ...], ...] = (
    ("planned",),
    ("claimed", "sending"),
    ("in_doubt",),
)  # as indexes are
ENDED = ("sent", "failed", "failed_after_doubt", "expired", "cancelled", "suppressed")
REFUSED = {"permanent": "refused_hard", "temporary": "refused_soft"}
_NOTES_EACH = 5  # of an enrolment, or more: a mail that is sent leaves several
Touched = Mapping[int, frozenset[int]]  # notes, and the enrolments that each is about
Figures = Mapping[str, Any]  # the columns of a row
Kept = Any  # a row with COLUMNS, by their names
_NAMES = [column.name for column in StandingRow.__table__.columns]
COLUMNS: tuple[Any, ...] = tuple(getattr(StandingRow, name) for name in _NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What makes a kept row out of date beside a change of its own: the hour, and programmes and settings."""

    now: datetime
    made_from: str


# ---------------------------------------------------------------- what holds no longer


def read_stale(session: Session, stand: Stand) -> set[int]:
    """The enrolments whose kept row does not hold, or that have none."""
    run = session.connection().execute
    touched = {own for _, own in run(_resolve()) if own is not None}
    return touched.union(run(select(StandingRow.enrolment_id).where(_is_outdated(stand))).scalars())


def touch_outdated(session: Session, stand: Stand) -> None:
    """Note those rows that the hour, or other programmes or settings, have put out of date; each once."""
    outdated = _is_outdated(stand)
    session.execute(insert(TouchedRow).from_select(["enrolment_id"], select(StandingRow.enrolment_id).where(outdated)))
    session.execute(update(StandingRow).where(outdated).values(stale_at=None, made_from=stand.made_from))


def read_touched(session: Session, *, most: int) -> Touched:
    """All notes, among the oldest, about some enrolments, the first touched first; notes about nobody any more, too."""
    oldest = select(TouchedRow.id).order_by(TouchedRow.id).limit(_NOTES_EACH * most).scalar_subquery()
    found: dict[int, set[int]] = defaultdict(set)
    for note, own in session.connection().execute(_resolve().where(TouchedRow.id.in_(oldest))):
        found[note].update(() if own is None else (own,))
    chosen: set[int] = set()
    touched: dict[int, frozenset[int]] = {}
    for note, owners in sorted(found.items()):
        if len(chosen | owners) <= most or not chosen:
            chosen |= owners
        if owners <= chosen:
            touched[note] = frozenset(owners)
    return touched


def _resolve() -> Select[int, int | None]:
    return (
        select(TouchedRow.id, _owner())
        .outerjoin(MailRow, MailRow.id == TouchedRow.mail_id)
        .outerjoin(EnrolmentRow, EnrolmentRow.leader_id == TouchedRow.leader_id)
        .distinct()
    )


def _owner() -> ColumnElement[int | None]:
    return func.coalesce(TouchedRow.enrolment_id, MailRow.enrolment_id, EnrolmentRow.id)


def _is_outdated(stand: Stand) -> ColumnElement[bool]:
    return or_(StandingRow.stale_at <= stand.now, StandingRow.made_from != literal(stand.made_from))


# ---------------------------------------------------------------- kept


def keep_standings(session: Session, rows: Mapping[int, Figures], touched: Touched) -> int:
    """Keep these rows, worked out after these notes were read, and take the notes away; gives how many are kept.

    Where somebody else has taken a note of the enrolment meanwhile, theirs may be the newer row: it stays.
    """
    gone = delete(TouchedRow).where(among(TouchedRow.id, touched)).returning(TouchedRow.id)
    taken = set(session.scalars(gone))
    others = {own for note, owners in touched.items() if note not in taken for own in owners}
    there = select(EnrolmentRow.id).where(among(EnrolmentRow.id, rows)).with_for_update(key_share=True)
    kept = [{"enrolment_id": own, **rows[own]} for own in session.scalars(there) if own not in others]
    if kept:
        into = insert_into(session, StandingRow)
        told: dict[str, Any] = {name: into.excluded[name] for name in _NAMES if name != "enrolment_id"}
        session.execute(into.on_conflict_do_update(index_elements=["enrolment_id"], set_=told), kept)
    return len(kept)


def tally_mails(session: Session, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """By enrolment, how many of its mails ended how, and were refused how often: the columns of those names."""
    states = select(MailRow.enrolment_id, MailRow.state, func.count()).where(among(MailRow.enrolment_id, ids))
    refusals = (
        select(MailRow.enrolment_id, AttemptRow.outcome, func.count())
        .join(MailRow, MailRow.id == AttemptRow.mail_id)
        .where(among(MailRow.enrolment_id, ids), AttemptRow.outcome.in_(REFUSED))
    )
    names = {**{state: f"mails_{state}" for state in ENDED}, **REFUSED}
    tallies: dict[int, dict[str, int]] = {own: dict.fromkeys(names.values(), 0) for own in ids}
    ended = states.where(MailRow.state.in_(ENDED)).group_by(MailRow.enrolment_id, MailRow.state)
    for counted in (ended, refusals.group_by(MailRow.enrolment_id, AttemptRow.outcome)):
        for own, what, number in session.execute(counted):
            if own is not None:
                tallies[own][names[what]] = number
    return tallies


def read_kept(session: Session, ids: Sequence[int]) -> dict[int, Kept]:
    """The kept rows of these enrolments, whether they hold or not."""
    found: Iterable[Kept] = session.execute(select(*COLUMNS).where(among(StandingRow.enrolment_id, ids)))
    return {row.enrolment_id: row for row in found}


def count_mails(session: Session, stale: Collection[int]) -> tuple[dict[MailState, int], dict[str, int]]:
    """How many mails are in each state, and how often one was refused for good and for now.

    Those that have ended are summed from the kept rows, save of the stale ones, which are counted, as is what is about
    no enrolment.
    """
    names = [*(f"mails_{state}" for state in ENDED), *REFUSED.values()]
    kept = select(*(func.coalesce(func.sum(getattr(StandingRow, name)), 0) for name in names))
    sums = session.execute(kept.where(StandingRow.enrolment_id.not_in(stale))).one()
    totals = Counter(dict(zip(names, sums, strict=True)))
    for tally in tally_mails(session, stale).values():
        totals.update(tally)
    apart = select(MailRow.state, func.count()).where(MailRow.enrolment_id.is_(None), MailRow.state.in_(ENDED))
    totals.update({f"mails_{state}": number for state, number in session.execute(apart.group_by(MailRow.state))})
    refused = (
        select(AttemptRow.outcome, func.count())
        .join(MailRow, MailRow.id == AttemptRow.mail_id)
        .where(MailRow.enrolment_id.is_(None), AttemptRow.outcome.in_(REFUSED))
    )
    totals.update({REFUSED[how]: number for how, number in session.execute(refused.group_by(AttemptRow.outcome))})
    for states in _MOVING:
        moving = select(MailRow.state, func.count()).where(in_state(*states)).group_by(MailRow.state)
        totals.update({f"mails_{state}": number for state, number in session.execute(moving)})
    every = cast(tuple[MailState, ...], get_args(MailState))
    mails: dict[MailState, int] = {state: totals[f"mails_{state}"] for state in every}
    return mails, {name: totals[name] for name in REFUSED.values()}
