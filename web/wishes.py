"""What a leader can press on the preferences page, and what each press does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from emails.words import write_date
from models import choices
from models.choices import ChoiceError
from models.domain import Enrolment
from scheduler.calendar import local_date
from web.mails import find_programme
from web.site import Site
from web.wording import describe_pace

LONGEST_PAUSE = timedelta(days=366)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2})(:00)?")
_HOW = "preferences page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The fields of a preferences form as they came."""

    action: str
    until: str = ""
    pace: str = ""
    days: tuple[str, ...] = ()
    send_at: str = ""
    tracking: str = ""

    def fields(self) -> dict[str, str]:
        """What was filled in, for the log."""
        said = {
            "action": self.action,
            "until": self.until,
            "pace": self.pace,
            "days": ",".join(self.days),
            "send_at": self.send_at,
            "tracking": self.tracking,
        }
        return {name: text[:40] for name, text in said.items() if text}


def fulfil(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    """Do what was pressed, and say what holds now. Raises ChoiceError, with nothing done, where it makes no sense."""
    act = _ACTIONS.get(wish.action)
    if act is None:
        raise ChoiceError("that is not something this page can do; please use one of its buttons")
    return act(session, site, enrolment, wish)


def _pause(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    until = _read_date(wish.until.strip())
    if until is not None and until > local_date(enrolment.leader, site.now()) + LONGEST_PAUSE:
        raise ChoiceError("choose a last day within the next year, or none")
    choices.pause(session, enrolment.id, until=until, now=site.now())
    return "Paused until you end the pause." if until is None else f"Paused up to and including {write_date(until)}."


def _resume(session: Session, site: Site, enrolment: Enrolment, _: Wish) -> str:
    choices.resume(session, enrolment.id, now=site.now())
    return "The pause is over: your days count on from today."


def _leave(session: Session, site: Site, enrolment: Enrolment, _: Wish) -> str:
    choices.leave(session, enrolment.id, now=site.now())
    return "You have left. No more e-mails of this programme will be sent to you."


def _return(session: Session, site: Site, enrolment: Enrolment, _: Wish) -> str:
    choices.return_(session, enrolment.id, now=site.now())
    return "Welcome back. What still fits into your 100 days will be sent to you."


def _choose_pace(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    programme = find_programme(site, enrolment)
    pace = None if programme is None else programme.paces.get(wish.pace)
    if pace is None:
        raise ChoiceError("choose how many e-mails from the list")
    choices.choose_pace(session, enrolment.id, pace.name, now=site.now())
    return f"Saved. {describe_pace(pace).says}"


def _choose_days(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    if not set(wish.days) <= set("0123456"):
        raise ChoiceError("choose the days from the list")
    send_at = _read_time(wish.send_at.strip())
    choices.choose_days(session, enrolment.id, [int(day) for day in wish.days], now=site.now())
    choices.choose_send_at(session, enrolment.id, send_at, now=site.now())
    return "Saved: the days and the time of day."


def _choose_tracking(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    if site.tracking().get(enrolment.programme) != "ask":
        raise ChoiceError("in this programme there is nothing to agree to or to take back")
    if wish.tracking not in ("on", "off"):
        raise ChoiceError("say whether opens and clicks may be recorded; please use the button")
    agreed = wish.tracking == "on"
    choices.add_consent(session, enrolment.id, tracking=agreed, how=_HOW, now=site.now())
    if agreed:
        return "Thank you. Opens and clicks are recorded from the next e-mail on."
    return "Opens and clicks are no longer recorded."


_ACTIONS: Mapping[str, Callable[[Session, Site, Enrolment, Wish], str]] = {
    "pause": _pause,
    "resume": _resume,
    "leave": _leave,
    "return": _return,
    "pace": _choose_pace,
    "days": _choose_days,
    "tracking": _choose_tracking,
}


def _read_date(text: str) -> date | None:
    """A date as a browser sends it; None for an empty field."""
    if not text:
        return None
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ChoiceError("write the last day like 2027-02-26, or leave it empty")


def _read_time(text: str) -> time:
    """A time of day as a browser sends it."""
    written = _TIME.fullmatch(text)
    try:
        if written:
            return time.fromisoformat(written.group(1))
    except ValueError:
        pass
    raise ChoiceError("write the time of day like 08:30")
