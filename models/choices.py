"""What a leader decides alone: pace, days, hour, form, pauses, leaving, tracking. It stays apart from config, and wins.

HR can pause and withdraw a leader on the admin pages, too: who did what is told apart, and each undoes their own.

Each choice that changes something is audited and lets the next nudge be planned afresh; each says whether it did change
something. An enrolment stands for the leader whose link was used. Functions take a session and never commit.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.changes import Actor, Effect, clear_planned, local_date, write_audit
from models.domain import Notice, NoticeName
from models.notices import post_notice, take_back_notices
from models.tables import ConsentRow, EnrolmentRow, LeaderRow, PauseRow

LONGEST_PAUSE = timedelta(days=366)


class ChoiceError(Exception):
    """The choice makes no sense; the message says why, in words for the leader."""


@dataclass(frozen=True, slots=True)
class _Chooser:
    enrolment: EnrolmentRow
    leader: LeaderRow


# ---------------------------------------------------------------- pace, days, hour


def choose_pace(session: Session, enrolment_id: int, pace: str | None, *, now: datetime) -> bool:
    """Take this pace of the programme's; None: as config says."""
    chooser = _lock(session, enrolment_id)
    before = chooser.enrolment.chosen_pace
    chooser.enrolment.chosen_pace = pace
    return _note(session, chooser, "pace_chosen", before, pace, now=now)


def choose_days(session: Session, enrolment_id: int, days: Collection[int] | None, *, now: datetime) -> bool:
    """Mail on these weekdays only (Monday is 0), in every programme of the leader's; None: as config says."""
    if days is not None and (not days or not set(days) <= set(range(7))):
        raise ChoiceError("choose at least one day of the week")
    chooser = _lock(session, enrolment_id)
    before, after = chooser.leader.chosen_working_days, None if days is None else sorted(set(days))
    chooser.leader.chosen_working_days = after
    return _note(session, chooser, "days_chosen", before, after, now=now, everywhere=True)


def choose_send_at(session: Session, enrolment_id: int, send_at: time | None, *, now: datetime) -> bool:
    """Mail at this local time, in every programme of the leader's; None: as config says."""
    chooser = _lock(session, enrolment_id)
    before, after = chooser.leader.chosen_send_at, None if send_at is None else f"{send_at:%H:%M}"
    chooser.leader.chosen_send_at = after
    return _note(session, chooser, "send_at_chosen", before, after, now=now, everywhere=True)


def choose_format(session: Session, enrolment_id: int, *, plain: bool, now: datetime) -> bool:
    """Mail as plain text without any HTML, in every programme of the leader's; else both, as usual."""
    chooser = _lock(session, enrolment_id)
    before, after = chooser.leader.chosen_format, "plain" if plain else None
    chooser.leader.chosen_format = after
    return _note(session, chooser, "format_chosen", before, after, now=now, effect="keep")


# ---------------------------------------------------------------- pauses


def pause(
    session: Session,
    enrolment_id: int,
    *,
    now: datetime,
    until: date | None = None,
    actor: Actor = "leader",
    account: str | None = None,
) -> bool:
    """Pause from today to `until`, that day included; None: until resumed. A pause of the same actor's is changed."""
    chooser = _lock(session, enrolment_id)
    today = local_date(now, chooser.leader.time_zone)
    check_last_day(until, today=today)
    own = next((row for row in _read_current(session, enrolment_id, today) if row.by == actor), None)
    before = None if own is None else _say_pause(own)
    if own is None:
        own = PauseRow(enrolment_id=enrolment_id, first=today, last=until, by=actor, created_at=now)
        session.add(own)
    own.last = until
    if not _note(
        session, chooser, "paused", before, _say_pause(own), now=now, actor=actor, effect="cancel", account=account
    ):
        return False
    take_back_notices(session, enrolment_id, "paused")
    end = {} if until is None else {"until": f"{until}"}
    _confirm(session, chooser, "paused", end, now=now, actor=actor)
    return True


def check_last_day(until: date | None, *, today: date) -> None:
    """Raises ChoiceError for a day that no pause can end on."""
    if until is not None and until < today:
        raise ChoiceError(f"{until.isoformat()} is past; choose today or a later day")
    if until is not None and until > today + LONGEST_PAUSE:
        raise ChoiceError("choose a last day within the next year, or none")


def resume(
    session: Session,
    enrolment_id: int,
    *,
    now: datetime,
    actor: Actor = "leader",
    account: str | None = None,
    by_mail: bool = False,
) -> bool:
    """End every pause of the enrolment's, whoever began it: the count of days goes on today."""
    chooser = _lock(session, enrolment_id)
    today = local_date(now, chooser.leader.time_zone)
    current = _read_current(session, enrolment_id, today)
    before = [_say_pause(row) for row in current]
    for row in current:
        end_pause(session, row, today=today)
    take_back_notices(session, enrolment_id, "paused")
    if before and (by_mail or actor != "leader"):  # on their own page they see it
        _confirm(session, chooser, "resumed", {}, now=now, actor=actor)
    return _note(session, chooser, "resumed", before or None, None, now=now, actor=actor, account=account)


def end_pause(session: Session, row: PauseRow, *, today: date) -> None:
    """Let a pause end yesterday; one that began today never was."""
    if row.first >= today:
        session.delete(row)
    else:
        row.last = today - timedelta(days=1)


def _read_current(session: Session, enrolment_id: int, today: date) -> tuple[PauseRow, ...]:
    rows = session.scalars(select(PauseRow).where(PauseRow.enrolment_id == enrolment_id).order_by(PauseRow.id))
    return tuple(row for row in rows if row.last is None or row.last >= today)


def _say_pause(row: PauseRow) -> dict[str, str | None]:
    return {
        "first": row.first.isoformat(),
        "last": None if row.last is None else row.last.isoformat(),
        "by": row.by,
    }


# ---------------------------------------------------------------- leaving, tracking


def leave(session: Session, enrolment_id: int, *, now: datetime, why: str = "") -> bool:
    """Send nothing more; only the leader undoes it. `why`: the reason, if one was given."""
    chooser = _lock(session, enrolment_id)
    if chooser.enrolment.left_at is not None:
        return False
    chooser.enrolment.left_at = now
    _confirm(session, chooser, "left", {}, now=now)
    return _note(session, chooser, "left", None, _say_end(now, why), now=now, effect="cancel")


def return_(session: Session, enrolment_id: int, *, now: datetime, by_mail: bool = False) -> bool:
    """Undo a leaving."""
    chooser = _lock(session, enrolment_id)
    left_at = chooser.enrolment.left_at
    if left_at is None:
        return False
    chooser.enrolment.left_at = None
    take_back_notices(session, enrolment_id, "left")
    if by_mail:
        _confirm(session, chooser, "returned", {}, now=now)
    return _note(session, chooser, "returned", left_at.isoformat(), None, now=now)


def withdraw(session: Session, enrolment_id: int, *, now: datetime, account: str, why: str = "") -> bool:
    """End the programme for a leader, on HR's word: send nothing more, not even that. A leaving of theirs stands."""
    chooser = _lock(session, enrolment_id)
    if chooser.enrolment.withdrawn_at is not None:
        return False
    chooser.enrolment.withdrawn_at = now
    said = _say_end(now, why)
    return _note(session, chooser, "withdrawn", None, said, now=now, actor="admin", effect="cancel", account=account)


def reinstate(session: Session, enrolment_id: int, *, now: datetime, account: str) -> bool:
    """Undo a withdrawal of HR's; a leaving stands. Raises ChoiceError where config withdrew the leader."""
    chooser = _lock(session, enrolment_id)
    if chooser.enrolment.config_status == "withdrawn":
        raise ChoiceError(f"{chooser.enrolment.source} says withdrawn; change that there")
    withdrawn_at = chooser.enrolment.withdrawn_at
    if withdrawn_at is None:
        return False
    chooser.enrolment.withdrawn_at = None
    before = withdrawn_at.isoformat()
    return _note(session, chooser, "returned", before, None, now=now, actor="admin", account=account)


def _say_end(now: datetime, why: str) -> str:
    return f"{now.isoformat()}: {why}" if why else now.isoformat()


def add_consent(session: Session, enrolment_id: int, *, tracking: bool, how: str, now: datetime) -> bool:
    """Record that the leader agreed to tracking, or took it back, and by what page; the newest word counts.

    It changes nothing else, so what is planned stays planned.
    """
    chooser = _lock(session, enrolment_id)
    of_leader = select(ConsentRow.tracking).where(ConsentRow.leader_id == chooser.leader.id)
    before = session.scalar(of_leader.order_by(ConsentRow.id.desc()).limit(1))
    if before == tracking:
        return False
    session.add(ConsentRow(leader_id=chooser.leader.id, at=now, tracking=tracking, how=how))
    take_back_notices(session, enrolment_id, "consent_given", "consent_withdrawn")
    on = local_date(now, chooser.leader.time_zone)
    says = "consent_given" if tracking else "consent_withdrawn"
    _confirm(session, chooser, says, {"on": f"{on}"}, now=now)
    return _note(session, chooser, "tracking_chosen", before, tracking, now=now, effect="keep")


# ---------------------------------------------------------------- shared


def _confirm(
    session: Session,
    chooser: _Chooser,
    says: NoticeName,
    values: Mapping[str, str],
    *,
    now: datetime,
    actor: Actor = "leader",
) -> None:
    """Tell the leader by mail what was chosen: somebody else may have pressed a link, or written in their name."""
    notice = Notice(says=says, values=values if actor == "leader" else {**values, "by": actor})
    post_notice(session, notice, recipient=chooser.leader.email, enrolment_id=chooser.enrolment.id, now=now)


def _lock(session: Session, enrolment_id: int) -> _Chooser:
    """The enrolment and its leader, whose choices wait for each other; SQLite's writers do anyway.

    The enrolment is read after the lock is held: what was read before may be out of date.
    """
    of_enrolment = select(EnrolmentRow.leader_id).where(EnrolmentRow.id == enrolment_id).scalar_subquery()
    locked = select(LeaderRow).where(LeaderRow.id == of_enrolment).with_for_update(key_share=True)
    leader = session.scalar(locked.execution_options(populate_existing=True))
    enrolment = session.get(EnrolmentRow, enrolment_id, populate_existing=True)
    if leader is None or enrolment is None:
        raise ChoiceError("this enrolment is no longer kept")
    return _Chooser(enrolment, leader)


def _note(
    session: Session,
    chooser: _Chooser,
    action: str,
    before: Any,
    after: Any,
    *,
    now: datetime,
    actor: Actor = "leader",
    effect: Effect = "replan",
    everywhere: bool = False,
    account: str | None = None,
) -> bool:
    """Audit a choice and clear what was planned without it; False, and nothing done, where it changes nothing."""
    if before == after:
        return False
    write_audit(
        session,
        leader_key=chooser.leader.key,
        programme=chooser.enrolment.programme,
        actor=actor,
        action=action,
        before={"value": before},
        after={"value": after},
        now=now,
        account=account,
    )
    session.flush()
    of_leader = select(EnrolmentRow.id).where(EnrolmentRow.leader_id == chooser.leader.id)
    for enrolment_id in session.scalars(of_leader) if everywhere else (chooser.enrolment.id,):
        clear_planned(session, enrolment_id, effect, now=now, why=f"{action.replace('_', ' ')} by the {actor}")
    return True
