"""What comes next for a leader, in words: the planner's own answer as of now."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from emails.words import count, write_date
from models.domain import CLOSING, WELCOME, Enrolment, ItemKind, PlannedItem, PlannedNudge
from scheduler.calendar import WEEKDAYS
from scheduler.deciding import PlanningError, decide, forecast, read_brief_cases, read_cases
from scheduler.planning import next_nudge
from web.site import Site
from web.telling import find_told

_KINDS: dict[ItemKind, str] = {"tip": "A tip", "resource": "To read", "check-in": "Check-in"}


@dataclass(frozen=True, slots=True)
class ComingMail:
    """A mail that is planned: when, and what it brings."""

    when: str
    brings: tuple[str, ...]


def read_next(session: Session, site: Site, enrolment: Enrolment) -> ComingMail | None:
    """The next mail, decided on what is known now; None where none is to come."""
    try:
        case = read_brief_cases(session, (enrolment,), now=site.now())[enrolment.id]
        nudge = decide(next_nudge, case, programmes=site.programmes(), now=site.now())
    except PlanningError:
        return None
    return None if nudge is None else _tell(site, enrolment, nudge)


def read_outlook(session: Session, site: Site, enrolment: Enrolment) -> tuple[ComingMail, ...]:
    """All that remains, laid out as if no question were answered from now on."""
    if enrolment.stopped:
        return ()
    try:
        case = read_cases(session, (enrolment,))[enrolment.id]
        plan = forecast(case, programmes=site.programmes(), now=site.now())
    except PlanningError:
        return ()
    return tuple(_tell(site, enrolment, nudge) for nudge in plan.nudges)


def write_when(instant: datetime, time_zone: str) -> str:
    """An instant as a leader reads it: Tuesday 19 January 2027, about 08:30."""
    local = instant.astimezone(ZoneInfo(time_zone))
    return f"{WEEKDAYS[local.weekday()]} {write_date(local.date())}, about {local:%H:%M}"


def _tell(site: Site, enrolment: Enrolment, nudge: PlannedNudge) -> ComingMail:
    new = [item for item in nudge.items if item.placed != "prompt"]
    asked = len(nudge.items) - len(new)
    brings = [_name(site, enrolment, item) for item in new]
    if asked:
        brings.append(f"{count(asked, 'question', 'questions').capitalize()} about what you have met")
    return ComingMail(write_when(nudge.slot, enrolment.leader.time_zone), tuple(brings))


def _name(site: Site, enrolment: Enrolment, item: PlannedItem) -> str:
    if item.item == WELCOME:
        return "The welcome"
    if item.item == CLOSING:
        return "The closing summary"
    kind = _KINDS.get(item.kind, "")
    title = name_item(site, enrolment, item.item, late=item.late)
    return f"{kind}: {title}" if kind else title


def name_item(site: Site, enrolment: Enrolment, item: str, *, late: bool = False) -> str:
    """An item's title as the leader reads it; its id where config no longer has it."""
    told = find_told(site, enrolment, item)
    return item.replace("-", " ") if told is None else told.title(late=late)
