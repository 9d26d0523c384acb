"""What holds for a leader now, in words."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from emails.words import write_date
from models.domain import Enrolment, Leader, Programme, Span
from models.tables import ConsentRow, EnrolmentRow
from scheduler.calendar import WEEKDAYS, day_number, local_date

State = Literal["on", "paused", "left", "stopped", "held", "complete"]


def find_state(enrolment: Enrolment, programme: Programme | None, *, left: bool, today: date) -> State:
    if left:
        return "left"
    if enrolment.stopped == "held":
        return "held"
    if enrolment.stopped is not None:
        return "stopped"
    last_day = 103 if programme is None else programme.closing_last_day
    if day_number(enrolment.start_date, enrolment.pauses, today) > last_day:
        return "complete"
    return "on" if _current_pause(enrolment, today) is None else "paused"


def say_state(state: State, enrolment: Enrolment, *, left_on: str, today: date) -> str:
    if state == "paused":
        pause = _current_pause(enrolment, today)
        return "Paused until you end the pause" if pause is None or pause.last is None else _say_pause(pause.last)
    return {
        "on": "On",
        "left": f"Off: you left on {left_on}",
        "stopped": "Off: your programme's organisers have ended them",
        "held": "On hold: your programme's organisers are sorting something out",
        "complete": "Off: the programme has come to its end",
    }[state]


def _say_pause(last: date) -> str:
    return f"Paused up to and including {write_date(last)}"


def _current_pause(enrolment: Enrolment, today: date) -> Span | None:
    return next((pause for pause in enrolment.pauses if today in pause), None)


def say_days(leader: Leader) -> str:
    numbers = sorted(leader.working_days)
    names = [WEEKDAYS[number] for number in numbers]
    if len(names) > 2 and numbers[-1] - numbers[0] == len(names) - 1:
        days = f"{names[0]} to {names[-1]}"
    else:
        days = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{days}, at {leader.send_at:%H:%M} ({name_zone(leader.time_zone)} time), never on a public holiday"


def say_tracking(leader: Leader, setting: str, consent: tuple[bool, datetime] | None) -> str:
    if setting == "on":
        return "Recorded, as your organisation has decided"
    if setting == "off" or consent is None:
        return "Not recorded"
    agreed, at = consent
    on = write_date(local_date(leader, at))
    return (
        f"Recorded since you agreed on {on}" if agreed else f"Not recorded since you took your agreement back on {on}"
    )


def read_consent(session: Session, enrolment: Enrolment) -> tuple[bool, datetime] | None:
    """The leader's newest word on tracking, and when it was said."""
    leader_id = select(EnrolmentRow.leader_id).where(EnrolmentRow.id == enrolment.id).scalar_subquery()
    words = select(ConsentRow.tracking, ConsentRow.at).where(ConsentRow.leader_id == leader_id)
    return session.execute(words.order_by(ConsentRow.id.desc()).limit(1)).one_or_none()


def name_zone(zone: str) -> str:
    """Europe/London → London."""
    return zone.rpartition("/")[2].replace("_", " ")
