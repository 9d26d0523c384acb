"""What is kept, read back as values: enrolments, what was sent to them, small facts of the installation.

Functions take a session and never commit; rows stay inside.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, SQLColumnExpression, delete, func, select
from sqlalchemy.orm import Session, aliased

from models.among import among
from models.dialects import insert_into
from models.domain import (
    API,
    Enrolment,
    ItemKind,
    KeptCounts,
    Leader,
    MailState,
    PlacedAs,
    QuestionKind,
    Span,
    Tracking,
)
from models.tables import OPEN_STATES, ConsentRow, EnrolmentRow, LeaderRow, MailItemRow, MailRow, PauseRow, StateRow

_Asked = QuestionKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMailItem:
    """One item of a mail, at its position there."""

    position: int
    item: str
    kind: ItemKind
    placed: PlacedAs
    question: QuestionKind | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A nudge that went out, or may have: then its state is `in_doubt`."""

    id: int
    enrolment_id: int
    ordinal: int
    state: MailState
    tracked: bool
    subject: str
    slot: datetime
    local_date: date
    day: int
    why: str
    ended_at: datetime | None  # when it was sent, or when the doubt arose
    items: tuple[SentMailItem, ...]


# ---------------------------------------------------------------- enrolments


def read_enrolments(
    session: Session, *, tracking: Mapping[str, Tracking], ids: Collection[int] | None = None
) -> tuple[Enrolment, ...]:
    """These enrolments, or all, in the order of their ids, with the leaders' own choices applied; three queries.

    `tracking` is the setting in effect for each programme; in one it does not name nobody is tracked. Pauses come in
    order and apart from each other.
    """
    rows = select(EnrolmentRow, LeaderRow).join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
    found = session.execute(rows.where(*_only(EnrolmentRow.id, ids)).order_by(EnrolmentRow.id)).all()
    pauses, agreed = _read_pauses(session, ids), read_agreed(session, ids)
    return tuple(
        _enrolment(
            row, leader, pauses=pauses[row.id], tracked=is_tracked(tracking.get(row.programme), leader.id in agreed)
        )
        for row, leader in found
    )


def find_enrolment_ids(session: Session, email: str) -> tuple[int, ...]:
    """The enrolments of the leaders who have this address now, whatever its case."""
    own = select(EnrolmentRow.id).join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
    return tuple(
        session.scalars(own.where(func.lower(LeaderRow.email) == email.strip().lower()).order_by(EnrolmentRow.id))
    )


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same days as spans that neither overlap nor touch, in order."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.first):
        before = merged[-1] if merged else None
        if before is None or (before.last is not None and span.first > before.last + timedelta(days=1)):
            merged.append(span)
        elif before.last is not None and (span.last is None or span.last > before.last):
            merged[-1] = Span(first=before.first, last=span.last)
    return tuple(merged)


def _enrolment(row: EnrolmentRow, leader: LeaderRow, *, pauses: Iterable[Span], tracked: bool) -> Enrolment:
    return Enrolment(
        id=row.id,
        leader=_leader(leader, tracked=tracked),
        programme=row.programme,
        role=row.role,
        start_date=row.start_date,
        enrolled_on=row.enrolled_on,
        cohort=row.cohort,
        pace=row.chosen_pace or row.pace,
        skip=tuple(row.skip),
        pauses=merge_spans(pauses),
        moved_at=row.moved_at,
        stopped=_stopped(row),
        by_api=row.source == API,
        kept_counts=None if row.kept_counts is None else KeptCounts(**row.kept_counts),
    )


def _leader(row: LeaderRow, *, tracked: bool) -> Leader:
    days = row.working_days if row.chosen_working_days is None else row.chosen_working_days
    return Leader(
        key=row.key,
        email=row.email,
        name=row.name,
        organisation=row.organisation,
        time_zone=row.time_zone,
        holidays=row.holidays,
        working_days=tuple(days),
        send_at=time.fromisoformat(row.chosen_send_at or row.send_at),
        away=tuple(_span(first, last) for first, last in row.away),
        assistant_reads=row.assistant_reads,
        tracking=tracked,
        plain=row.chosen_format == "plain",
    )


def _span(first: str, last: str | None) -> Span:
    return Span(first=date.fromisoformat(first), last=None if last is None else date.fromisoformat(last))


def is_withdrawn(row: EnrolmentRow) -> bool:
    """Whether the leader has left, or HR has ended it: in config or on the admin pages."""
    return row.left_at is not None or row.withdrawn_at is not None or row.config_status == "withdrawn"


def _stopped(row: EnrolmentRow) -> Literal["held", "withdrawn"] | None:
    if is_withdrawn(row):
        return "withdrawn"
    return "held" if row.held_at is not None else None


def is_tracked(setting: Tracking | None, agreed: bool) -> bool:
    return setting == "on" or (setting == "ask" and agreed)


def _read_pauses(session: Session, ids: Collection[int] | None) -> dict[int, list[Span]]:
    rows = select(PauseRow.enrolment_id, PauseRow.first, PauseRow.last)
    found: dict[int, list[Span]] = defaultdict(list)
    for enrolment_id, first, last in session.execute(rows.where(*_only(PauseRow.enrolment_id, ids))):
        found[enrolment_id].append(Span(first=first, last=last))
    return found


def read_agreed(session: Session, ids: Collection[int] | None) -> set[int]:
    """Leaders whose newest word on tracking is yes."""
    newest = select(func.max(ConsentRow.id)).group_by(ConsentRow.leader_id)
    if ids is not None:
        newest = newest.where(
            ConsentRow.leader_id.in_(select(EnrolmentRow.leader_id).where(*_only(EnrolmentRow.id, ids)))
        )
    agreed = select(ConsentRow.leader_id).where(ConsentRow.id.in_(newest), ConsentRow.tracking)
    return set(session.scalars(agreed))


def read_kin(session: Session, enrolment_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The other enrolments of each enrolment's leader, oldest first; an enrolment that is the only one is left out."""
    other = aliased(EnrolmentRow)
    joined = (
        select(EnrolmentRow.id, other.id)
        .join(other, other.leader_id == EnrolmentRow.leader_id)
        .where(among(EnrolmentRow.id, enrolment_ids), other.id != EnrolmentRow.id)
        .order_by(other.id)
    )
    kin: dict[int, tuple[int, ...]] = {}
    for own, another in session.execute(joined):
        kin[own] = (*kin.get(own, ()), another)
    return kin


# ---------------------------------------------------------------- what was sent


def read_sent(session: Session, enrolment_ids: Collection[int]) -> tuple[SentMail, ...]:
    """The nudges that went to these enrolments, or may have, by enrolment and ordinal; two queries."""
    return _read_sent(session, among(MailRow.enrolment_id, enrolment_ids))


def read_sent_mails(session: Session, mail_ids: Collection[int]) -> tuple[SentMail, ...]:
    """Those of these mails that are nudges and went out, or may have; two queries."""
    return _read_sent(session, among(MailRow.id, mail_ids))


def _read_sent(session: Session, which: ColumnElement[bool]) -> tuple[SentMail, ...]:
    gone = (MailRow.kind == "nudge", MailRow.state.in_(("sent", "in_doubt")), which)
    items: dict[int, list[SentMailItem]] = defaultdict(list)
    lines = (
        select(
            MailItemRow.mail_id,
            MailItemRow.position,
            MailItemRow.item,
            MailItemRow.kind,
            MailItemRow.placed,
            MailItemRow.question,
            MailItemRow.late,
        )
        .join(MailRow, MailRow.id == MailItemRow.mail_id)
        .where(*gone)
        .order_by(MailItemRow.mail_id, MailItemRow.position)
    )
    for mail_id, *line in session.execute(lines):
        items[mail_id].append(_sent_item(*line))
    mails = select(
        MailRow.id,
        MailRow.enrolment_id,
        MailRow.ordinal,
        MailRow.state,
        MailRow.tracked,
        MailRow.subject,
        MailRow.slot,
        MailRow.local_date,
        MailRow.day,
        MailRow.why,
        MailRow.ended_at,
    ).where(*gone)
    return tuple(
        SentMail(
            id=row.id,
            enrolment_id=cast(int, row.enrolment_id),
            ordinal=cast(int, row.ordinal),
            state=cast(MailState, row.state),
            tracked=row.tracked,
            subject=row.subject or "",
            slot=row.slot,
            local_date=cast(date, row.local_date),
            day=cast(int, row.day),
            why=row.why,
            ended_at=row.ended_at,
            items=tuple(items[row.id]),
        )
        for row in session.execute(mails.order_by(MailRow.enrolment_id, MailRow.ordinal))
    )


@lru_cache(maxsize=8192)  # the same few lines stand in mail after mail
def _sent_item(position: int, item: str, kind: str, placed: str, question: str | None, late: bool) -> SentMailItem:
    return SentMailItem(
        position=position,
        item=item,
        kind=cast(ItemKind, kind),
        placed=cast(PlacedAs, placed),
        question=cast(_Asked, question),
        late=late,
    )


def read_last_ordinals(session: Session, enrolment_ids: Collection[int]) -> dict[int, int]:
    """The highest number of each enrolment's nudges that may have been received; without one it is left out."""
    last = (
        select(MailRow.enrolment_id, func.max(MailRow.ordinal))
        .where(
            MailRow.kind == "nudge",
            MailRow.state.not_in(OPEN_STATES),
            MailRow.ordinal.is_not(None),
            among(MailRow.enrolment_id, enrolment_ids),
        )
        .group_by(MailRow.enrolment_id)
    )
    return {cast(int, enrolment_id): cast(int, ordinal) for enrolment_id, ordinal in session.execute(last)}


# ---------------------------------------------------------------- small facts of the installation


def get_state(session: Session, key: str) -> str | None:
    """The value kept under this key, or None."""
    return session.scalar(select(StateRow.value).where(StateRow.key == key))


def set_state(session: Session, key: str, value: str | None) -> None:
    """Keep a value under this key in place of any other; None forgets it."""
    if value is None:
        session.execute(delete(StateRow).where(StateRow.key == key))
        return
    kept = insert_into(session, StateRow).values(key=key, value=value)
    session.execute(kept.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def _only(column: SQLColumnExpression[Any], ids: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    """The condition for these numbers; none for all."""
    return () if ids is None else (among(column, ids),)
