"""Enrolments brought in line with what their sources say.

One transaction for all sources: a wrong row changes nothing. A source speaks only of its own enrolments; what leaders
chose themselves is never touched; nothing is deleted because a row is missing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.changes import clear_planned, find_planned, local_date, write_audit
from models.choices import end_pause
from models.differences import (
    Difference,
    Step,
    What,
    enrolment_fields,
    explain_difference,
    find_difference,
    for_audit,
    leader_fields,
)
from models.domain import RosterEntry
from models.happenings import Happening, note_happenings
from models.matching import Known, Match, RosterError, match_entries, read_known
from models.tables import EnrolmentRow, LeaderRow, PauseRow
from models.turns import take_turn

__all__ = ["Change", "RosterError", "bring_in_entry", "hold_enrolment", "sync_roster", "sync_rosters"]

TOLD_MOVE_DAYS = 7  # a start date that moves further is mentioned in the next mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a sync did to one enrolment; `detail` says it in plain words."""

    leader_key: str
    programme: str
    name: str
    what: What
    detail: str
    enrolment_id: int


@dataclass(frozen=True, slots=True)
class _Made:
    """A step taken, with the rows it was taken on."""

    leader: LeaderRow
    enrolment: EnrolmentRow
    step: Step


def sync_roster(session: Session, entries: Sequence[RosterEntry], *, source: str, now: datetime) -> tuple[Change, ...]:
    """Bring the enrolments of one source in line with its entries; see `sync_rosters`."""
    return sync_rosters(session, {source: entries}, now=now)


def sync_rosters(
    session: Session, rosters: Mapping[str, Sequence[RosterEntry]], *, now: datetime
) -> tuple[Change, ...]:
    """Bring the enrolments of these sources in line with their entries, and say what changed, leader by leader.

    A row may move from one of the sources to another. An enrolment of theirs that no row speaks of is held. The same
    rosters again change nothing. For a dry run, roll back. Raises RosterError with every problem; nothing is changed.
    """
    take_turn(session.connection(), "roster")
    known = read_known(session)
    matches = match_entries(session, rosters, known)
    return _bring_all(session, known, matches, missing_from=set(rosters), actor="config", now=now)


def bring_in_entry(
    session: Session, entry: RosterEntry, *, source: str, actor: str, now: datetime
) -> tuple[Change, ...]:
    """Enrol one leader as the entry says, or bring the leader in line with it; what else the source says stays.

    By the rules of `sync_rosters`. `actor`: who is named in the audit. Raises RosterError; nothing is changed.
    """
    take_turn(session.connection(), "roster")
    known = read_known(session, about=entry)
    matches = match_entries(session, {source: (entry,)}, known)
    return _bring_all(session, known, matches, missing_from=set(), actor=actor, now=now)


def hold_enrolment(session: Session, enrolment_id: int, *, actor: str, now: datetime) -> bool:
    """Hold an enrolment as where its row disappears; False where it is held already, or no longer kept."""
    take_turn(session.connection(), "roster")
    row = session.get(EnrolmentRow, enrolment_id, populate_existing=True)
    leader = None if row is None else session.get(LeaderRow, row.leader_id)
    if row is None or leader is None or row.held_at is not None:
        return False
    row.held_at = now
    detail = f"{row.source} holds it: nothing is sent, the days count on, nothing is deleted"
    made = _Made(leader, row, Step("held", detail, {"held_at": (None, now)}, "cancel"))
    session.flush()
    with session.no_autoflush:
        _record(session, made, planned=find_planned(session, {row.id}), actor=actor, now=now)
    return True


def _bring_all(
    session: Session, known: Known, matches: Sequence[Match], *, missing_from: set[str], actor: str, now: datetime
) -> tuple[Change, ...]:
    """Do what the matches ask for, and hold what none of them speaks of in the sources `missing_from`."""
    _drop_doubles(session, matches)
    leaders = [_bring_leader(session, match, now=now) for match in matches]
    session.flush()  # new leaders get their ids
    made = [
        *_hold_missing(known, matches, sources=missing_from, now=now),
        *(
            step
            for match, (leader, difference) in zip(matches, leaders, strict=True)
            for step in _bring_enrolments(session, known, match, leader, difference, now=now)
        ),
    ]
    session.flush()  # new enrolments get theirs
    made.sort(key=lambda step: (step.leader.key, step.enrolment.programme))  # steps of one enrolment keep their order
    new = [step.enrolment.id for step in made if step.step.what == "enrolled"]
    note_happenings(session, [Happening(kind="enrolled", at=now, enrolment_id=number) for number in new])
    planned = find_planned(session, {step.enrolment.id for step in made})
    with session.no_autoflush:  # the audit goes in at once
        return tuple(_record(session, step, planned=planned, actor=actor, now=now) for step in made)


# ---------------------------------------------------------------- leaders


def _drop_doubles(session: Session, matches: Sequence[Match]) -> None:
    """Whoever was enrolled afresh before HR named the earlier address gives way to the history."""
    doubles = [match.double.id for match in matches if match.double is not None]
    if doubles:
        session.execute(delete(LeaderRow).where(LeaderRow.id.in_(doubles)))


def _bring_leader(session: Session, match: Match, *, now: datetime) -> tuple[LeaderRow | None, Difference]:
    """The leader's row as the entry says, and what changed in it; None where nobody is to be enrolled."""
    fields = leader_fields(match.entry.leader, source=match.source)
    if match.leader is not None:
        difference = find_difference(match.leader, fields)
        _apply(match.leader, difference)
        return match.leader, difference
    if not _is_enrolling(match.entry) or not match.entry.programmes:
        return None, {}
    row = LeaderRow(**fields, created_at=now)
    session.add(row)
    return row, {}


def _is_enrolling(entry: RosterEntry) -> bool:
    """Whether the entry may start an enrolment: a withdrawn one would bring an erased leader back."""
    return entry.status != "withdrawn"


def _apply(row: LeaderRow | EnrolmentRow, difference: Difference) -> None:
    for name, (_, after) in difference.items():
        setattr(row, name, after)


# ---------------------------------------------------------------- enrolments


def _hold_missing(known: Known, matches: Sequence[Match], *, sources: set[str], now: datetime) -> Iterator[_Made]:
    """Hold the sources' enrolments that no entry speaks of."""
    named = {
        (match.leader.id, programme)
        for match in matches
        if match.leader is not None
        for programme in match.entry.programmes
    }
    doubles = {match.double.id for match in matches if match.double is not None}
    present = {match.leader.id for match in matches if match.leader is not None and match.source in sources}
    for leader in known.leaders:
        for row in () if leader.id in doubles else known.enrolments.get(leader.id, ()):
            if row.source in sources and row.held_at is None and (leader.id, row.programme) not in named:
                row.held_at = now
                gone = "no longer names this programme" if leader.id in present else "no longer has the row"
                detail = f"{row.source} {gone}: nothing is sent, the days count on, nothing is deleted"
                yield _Made(leader, row, Step("held", detail, {"held_at": (None, now)}, "cancel"))


def _bring_enrolments(
    session: Session, known: Known, match: Match, leader: LeaderRow | None, changed: Difference, *, now: datetime
) -> Iterator[_Made]:
    """Enrol the leader in each programme of the entry, or bring the enrolment there in line with it."""
    if leader is None:
        return
    kept = {row.programme: row for row in known.enrolments.get(leader.id, ())}
    fields = enrolment_fields(match.entry, source=match.source)
    for programme in dict.fromkeys(match.entry.programmes):
        row = kept.get(programme)
        if row is not None:
            difference = find_difference(row, fields)
            _apply(row, difference)
            replaces = match.double is not None
            for step in explain_difference(difference, changed, match.entry, replaces=replaces):
                _note_move(row, step, now=now)
                _follow_status(session, leader, row, step, now=now)
                yield _Made(leader, row, step)
        elif _is_enrolling(match.entry):
            yield _enrol(session, leader, programme, match.entry, source=match.source, now=now)


def _enrol(
    session: Session, leader: LeaderRow, programme: str, entry: RosterEntry, *, source: str, now: datetime
) -> _Made:
    today = local_date(now, leader.time_zone)
    fields = enrolment_fields(entry, source=source)
    row = EnrolmentRow(**fields, leader_id=leader.id, programme=programme, enrolled_on=today, created_at=now)
    session.add(row)
    detail = f"starts {entry.start_date} as {entry.role}"
    if entry.status == "paused":
        session.flush()
        session.add(PauseRow(enrolment_id=row.id, first=today, last=None, by="config", created_at=now))
        detail += ", paused until status is active"
    difference = {name: (None, value) for name, value in fields.items() if name != "held_at"}
    return _Made(leader, row, Step("enrolled", detail, difference, "keep"))


def _note_move(row: EnrolmentRow, step: Step, *, now: datetime) -> None:
    """Keep when the start date moved so far that the leader is told."""
    before, after = step.fields.get("start_date", (row.start_date, row.start_date))
    if abs((after - before).days) > TOLD_MOVE_DAYS:
        row.moved_at = now


def _follow_status(session: Session, leader: LeaderRow, row: EnrolmentRow, step: Step, *, now: datetime) -> None:
    """Begin a pause when config says paused, end it when it no longer does; note since when it says withdrawn."""
    before, after = step.fields.get("config_status", (None, None))
    if after == "withdrawn":
        row.withdrawn_at = row.withdrawn_at or now
    elif before == "withdrawn":
        row.withdrawn_at = None
    today = local_date(now, leader.time_zone)
    if after == "paused":
        session.add(PauseRow(enrolment_id=row.id, first=today, last=None, by="config", created_at=now))
    elif before == "paused":
        begun = select(PauseRow).where(
            PauseRow.enrolment_id == row.id, PauseRow.by == "config", PauseRow.last.is_(None)
        )
        for pause in session.scalars(begun):
            end_pause(session, pause, today=today)


# ---------------------------------------------------------------- what is left behind


def _record(session: Session, made: _Made, *, planned: Collection[int], actor: str, now: datetime) -> Change:
    leader, enrolment, step = made.leader, made.enrolment, made.step
    before, after = for_audit(step.fields)
    write_audit(
        session,
        leader_key=leader.key,
        programme=enrolment.programme,
        actor=actor,
        action=step.what,
        before=before,
        after=after,
        now=now,
    )
    if enrolment.id in planned:
        clear_planned(session, enrolment.id, step.effect, now=now, why=step.detail)
    return Change(
        leader_key=leader.key,
        programme=enrolment.programme,
        name=leader.name,
        what=step.what,
        detail=step.detail,
        enrolment_id=enrolment.id,
    )
