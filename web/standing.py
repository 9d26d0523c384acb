"""What holds for a leader now, said on the preferences page exactly as it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from emails.words import write_date
from models.domain import Enrolment, Leader, Programme, Span
from models.tables import ConsentRow, EnrolmentRow
from scheduler.calendar import WEEKDAYS, day_number, local_date
from web.mails import find_programme
from web.site import Site
from web.wording import PaceWords, describe_pace, find_pace

State = Literal["on", "paused", "left", "stopped", "held", "complete"]


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class WeekDay:
    value: int  # Monday is 0
    name: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that the preferences page shows and offers."""

    programme: str
    state: State
    left_on: str
    facts: tuple[Fact, ...]
    tracking_offered: bool
    tracking: bool
    paces: tuple[PaceWords, ...]
    pace: str
    week: tuple[WeekDay, ...]
    send_at: str
    time_zone: str
    today: str
    hr_sees: tuple[str, ...]
    hr_does_not_see: tuple[str, ...]
    hr_contact: str


def read_standing(session: Session, site: Site, enrolment: Enrolment) -> Standing:
    """What holds for this enrolment, from the store as the session sees it."""
    leader, programme = enrolment.leader, find_programme(site, enrolment)
    today = local_date(leader, site.now())
    left_at = session.scalar(select(EnrolmentRow.left_at).where(EnrolmentRow.id == enrolment.id))
    state = _find_state(enrolment, programme, left=left_at is not None, today=today)
    own_pace = None if programme is None else find_pace(enrolment, programme)
    pace = None if own_pace is None else describe_pace(own_pace)
    left_on = "" if left_at is None else write_date(local_date(leader, left_at))
    seen, unseen = _say_what_hr_sees(site, leader)
    setting = site.tracking().get(enrolment.programme, "off")
    return Standing(
        programme=enrolment.programme if programme is None else programme.name,
        state=state,
        left_on=left_on,
        facts=(
            Fact("E-mails", _say_state(state, enrolment, left_on=left_on, today=today)),
            Fact("How many", "–" if pace is None else f"{pace.title}: {_uncapitalise(pace.says)}"),
            Fact("Days and time", _say_days(leader)),
            Fact("Day 0, your start", write_date(enrolment.start_date)),
            Fact("Opens and clicks", _say_tracking(leader, setting, _read_consent(session, enrolment))),
        ),
        tracking_offered=setting == "ask",
        tracking=leader.tracking,
        paces=() if programme is None else tuple(describe_pace(known) for known in programme.paces.values()),
        pace="" if pace is None else pace.name,
        week=tuple(WeekDay(number, name, number in leader.working_days) for number, name in enumerate(WEEKDAYS)),
        send_at=f"{leader.send_at:%H:%M}",
        time_zone=_name_zone(leader.time_zone),
        today=today.isoformat(),
        hr_sees=seen,
        hr_does_not_see=unseen,
        hr_contact=site.settings.hr_contact or "",
    )


def _find_state(enrolment: Enrolment, programme: Programme | None, *, left: bool, today: date) -> State:
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


def _say_state(state: State, enrolment: Enrolment, *, left_on: str, today: date) -> str:
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


def _say_days(leader: Leader) -> str:
    numbers = sorted(leader.working_days)
    names = [WEEKDAYS[number] for number in numbers]
    if len(names) > 2 and numbers[-1] - numbers[0] == len(names) - 1:
        days = f"{names[0]} to {names[-1]}"
    else:
        days = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{days}, at {leader.send_at:%H:%M} ({_name_zone(leader.time_zone)} time), never on a public holiday"


def _say_tracking(leader: Leader, setting: str, consent: tuple[bool, datetime] | None) -> str:
    if setting == "on":
        return "Recorded, as your organisation has decided"
    if setting == "off" or consent is None:
        return "Not recorded"
    agreed, at = consent
    on = write_date(local_date(leader, at))
    return (
        f"Recorded since you agreed on {on}" if agreed else f"Not recorded since you took your agreement back on {on}"
    )


def _read_consent(session: Session, enrolment: Enrolment) -> tuple[bool, datetime] | None:
    """The leader's newest word on tracking, and when it was said."""
    leader_id = select(EnrolmentRow.leader_id).where(EnrolmentRow.id == enrolment.id).scalar_subquery()
    words = select(ConsentRow.tracking, ConsentRow.at).where(ConsentRow.leader_id == leader_id)
    return session.execute(words.order_by(ConsentRow.id.desc()).limit(1)).one_or_none()


def _say_what_hr_sees(site: Site, leader: Leader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is seen, and what is not."""
    seen = [
        "Your name, e-mail address, organisation, role, cohort and start date",
        "How many e-mails were sent to you, what they brought, and when the next one is planned",
        f"That you answered, that you checked in, and when you last did so{' or read' if leader.tracking else ''}",
        "Whether you paused or left, and problems such as an e-mail that could not be delivered",
    ]
    unseen = ["What you think or write at a check-in"]
    how, opens = "How you answered each question", "How many e-mails you opened, and in how many you followed a link"
    if site.settings.answers_visible_to_admins:
        seen.append(how)
    else:
        unseen.append(f"{how}: that is only counted, over groups of {site.settings.small_group} or more")
    if leader.tracking:
        seen.append(opens)
    else:
        unseen.append("Whether you open e-mails or follow links: that is not recorded")
    return tuple(seen), tuple(unseen)


def _name_zone(zone: str) -> str:
    """Europe/London → London."""
    return zone.rpartition("/")[2].replace("_", " ")


def _uncapitalise(text: str) -> str:
    return text[:1].lower() + text[1:]
