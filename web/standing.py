"""What holds for a leader now, said on the preferences page exactly as it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from emails.words import write_date
from models.corrections import read_pending
from models.domain import Enrolment
from models.retained import WITHDRAWN_DAYS
from models.tables import EnrolmentRow
from scheduler.calendar import WEEKDAYS, local_date
from scheduler.correcting import list_asked, name_role
from web.facts import State, find_state, name_zone, read_consent, say_days, say_state, say_tracking
from web.mails import find_programme
from web.sight import WhatHrSees, tell_what_hr_sees
from web.site import Site
from web.wording import PaceWords, describe_pace, find_pace


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
    return_days: int  # somebody who left may come back for so long
    erased_on: str  # the last day of it; "": they take part in another programme
    facts: tuple[Fact, ...]
    tracking_offered: bool
    tracking: bool
    paces: tuple[PaceWords, ...]
    pace: str
    week: tuple[WeekDay, ...]
    send_at: str
    time_zone: str
    today: str
    plain: bool
    roles: tuple[tuple[str, str], ...]  # id and name
    role: str
    start_date: str
    asked: tuple[str, ...]  # of HR, and not put right by now
    asked_on: str
    sight: WhatHrSees
    hr_contact: str


def read_standing(session: Session, site: Site, enrolment: Enrolment) -> Standing:
    """What holds for this enrolment, from the store as the session sees it."""
    leader, programme = enrolment.leader, find_programme(site, enrolment)
    today = local_date(leader, site.now())
    left_at = session.scalar(select(EnrolmentRow.left_at).where(EnrolmentRow.id == enrolment.id))
    state = find_state(enrolment, programme, left=left_at is not None, today=today)
    own_pace = None if programme is None else find_pace(enrolment, programme)
    pace = None if own_pace is None else describe_pace(own_pace)
    left_on = "" if left_at is None else write_date(local_date(leader, left_at))
    pending = read_pending(session, enrolment)
    setting = site.tracking().get(enrolment.programme, "off")
    return Standing(
        programme=enrolment.programme if programme is None else programme.name,
        state=state,
        left_on=left_on,
        return_days=WITHDRAWN_DAYS,
        erased_on=_find_erasure(session, enrolment, left_at),
        facts=(
            Fact("E-mails", say_state(state, enrolment, left_on=left_on, today=today)),
            Fact("How many", "–" if pace is None else f"{pace.title}: {_uncapitalise(pace.says)}"),
            Fact("Days and time", say_days(leader)),
            Fact("Form", "Text alone" if leader.plain else "Designed, with the same as plain text"),
            Fact("Your role", name_role(programme, enrolment.role)),
            Fact("Day 0, your start", write_date(enrolment.start_date)),
            Fact("Opens and clicks", say_tracking(leader, setting, read_consent(session, enrolment))),
        ),
        tracking_offered=setting == "ask",
        tracking=leader.tracking,
        paces=() if programme is None else tuple(describe_pace(known) for known in programme.paces.values()),
        pace="" if pace is None else pace.name,
        week=tuple(WeekDay(number, name, number in leader.working_days) for number, name in enumerate(WEEKDAYS)),
        send_at=f"{leader.send_at:%H:%M}",
        time_zone=name_zone(leader.time_zone),
        today=today.isoformat(),
        plain=leader.plain,
        roles=() if programme is None else tuple((role.id, role.name) for role in programme.roles.values()),
        role=enrolment.role,
        start_date=enrolment.start_date.isoformat(),
        asked=() if pending is None else list_asked(pending, enrolment, programme),
        asked_on="" if pending is None else write_date(local_date(leader, pending.at)),
        sight=tell_what_hr_sees(site.settings, watched=leader.tracking),
        hr_contact=site.settings.hr_contact or "",
    )


def _find_erasure(session: Session, enrolment: Enrolment, left_at: datetime | None) -> str:
    """The day up to which somebody who left can come back, where nothing else keeps them on record."""
    others = select(EnrolmentRow.leader_id).where(EnrolmentRow.id == enrolment.id).scalar_subquery()
    going_on = select(EnrolmentRow.id).where(
        EnrolmentRow.leader_id == others, EnrolmentRow.left_at.is_(None), EnrolmentRow.withdrawn_at.is_(None)
    )
    if left_at is None or session.scalar(going_on.limit(1)) is not None:
        return ""
    return write_date(local_date(enrolment.leader, left_at + timedelta(days=WITHDRAWN_DAYS)))


def _uncapitalise(text: str) -> str:
    return text[:1].lower() + text[1:]
