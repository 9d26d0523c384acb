"""A plan as an iCalendar file (RFC 5545), for the leader's own calendar or an assistant's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from icalendar import TRANSP, Calendar, Event

from models.domain import Enrolment, PlannedItem, PlannedNudge, Programme

_PRODUCT = "-//First100//plan//EN"
_LASTS = timedelta(minutes=10)
_ROUND = timedelta(days=366)  # of clock changes told before the first event and after the last


def write_diary(
    programme: Programme, enrolment: Enrolment, nudges: Sequence[PlannedNudge], *, stamp: datetime
) -> bytes:
    """The nudges as events at the leader's local time; `stamp` says as of when. The same plan gives the same bytes.

    An item keeps its event's identity when it moves, so that a later file replaces an earlier one in most calendars.
    """
    calendar = Calendar.new(
        prodid=_PRODUCT,
        method="PUBLISH",
        name=f"{programme.name}: {enrolment.leader.name}",
        uid=_identify(enrolment, "all"),
        subcomponents=[_write_event(programme, enrolment, nudge, stamp) for nudge in nudges],
    )
    if nudges:
        first, last = nudges[0].local_date, nudges[-1].local_date
        calendar.add_missing_timezones(first_date=first - _ROUND, last_date=last + _ROUND)
    return calendar.to_ical()


def describe(programme: Programme, item: PlannedItem) -> str:
    """An item of a nudge in one line."""
    title = programme.items[item.item].title
    if item.placed == "prompt":
        return f"A question about “{title}” ({item.question})"
    return f"Along with it: {title}" if item.placed == "with" else title


def _write_event(programme: Programme, enrolment: Enrolment, nudge: PlannedNudge, stamp: datetime) -> Event:
    begins = nudge.slot.astimezone(ZoneInfo(enrolment.leader.time_zone))
    lead = next((item for item in nudge.items if item.placed not in ("with", "prompt")), None)
    what = "questions" if lead is None else programme.items[lead.item].title
    lines = [
        f"Day {nudge.day}. {nudge.why}",
        "",
        *(describe(programme, item) for item in nudge.items if item is not lead),
    ]
    return Event.new(
        uid=_identify(enrolment, lead.item if lead else nudge.local_date.isoformat()),
        stamp=stamp,
        start=begins,
        end=(nudge.slot + _LASTS).astimezone(begins.tzinfo),
        summary=f"{programme.name}: {what}",
        description="\n".join(lines).strip(),
        transparency=TRANSP.TRANSPARENT,
    )


def _identify(enrolment: Enrolment, what: str) -> str:
    """A name for the event that gives nobody's address away."""
    facts = (enrolment.leader.key, enrolment.programme, what)
    return f"{sha256(repr(facts).encode()).hexdigest()[:32]}@first100"
