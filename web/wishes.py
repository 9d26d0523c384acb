"""What a leader can press on the preferences page, and what each press does."""

from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from emails.words import write_date
from models import choices
from models.choices import ChoiceError
from models.domain import Enrolment
from web.asking_hr import ask_hr
from web.fields import read_date, read_time
from web.mails import find_programme
from web.site import Site
from web.wording import LEAVING, describe_pace

_HOW = "preferences page"


class Wish(BaseModel):
    """The fields of a preferences form as they came."""

    model_config = ConfigDict(frozen=True)

    nonce: str = ""
    action: str = ""
    until: str = ""
    pace: str = ""
    days: tuple[str, ...] = ()
    send_at: str = ""
    tracking: str = ""
    format: str = ""
    role: str = ""
    start_date: str = ""
    why: str = ""

    def fields(self) -> dict[str, str]:
        """What was filled in, for the log."""
        said: dict[str, str] = {**self.model_dump(exclude={"nonce", "days"}), "days": ",".join(self.days)}
        return {name: text[:80] for name, text in said.items() if text}


def fulfil(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    """Do what was pressed, and say what holds now. Raises ChoiceError, with nothing done, where it makes no sense."""
    act = _ACTIONS.get(wish.action)
    if act is None:
        raise ChoiceError("that is not something this page can do; please use one of its buttons")
    return act(session, site, enrolment, wish)


def _pause(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    until = read_date(wish.until.strip())
    choices.pause(session, enrolment.id, until=until, now=site.now())
    return "Paused until you end the pause." if until is None else f"Paused up to and including {write_date(until)}."


def _resume(session: Session, site: Site, enrolment: Enrolment, _: Wish) -> str:
    choices.resume(session, enrolment.id, now=site.now())
    return "The pause is over: your days count on from today."


def _leave(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    if wish.why and wish.why not in LEAVING:
        raise ChoiceError("choose a reason from the list, or none")
    choices.leave(session, enrolment.id, why=wish.why, now=site.now())
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
    send_at = read_time(wish.send_at.strip())
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


def _choose_format(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    if wish.format not in ("plain", "both"):
        raise ChoiceError("choose one of the two forms")
    plain = wish.format == "plain"
    choices.choose_format(session, enrolment.id, plain=plain, now=site.now())
    return "Saved. From the next e-mail on you get text alone." if plain else "Saved: designed, as usual."


def _correct(session: Session, site: Site, enrolment: Enrolment, wish: Wish) -> str:
    start = read_date(wish.start_date.strip(), example="the start date like 2027-01-11")
    return ask_hr(session, site, enrolment, role=wish.role, start_date=start)


_ACTIONS: Mapping[str, Callable[[Session, Site, Enrolment, Wish], str]] = {
    "pause": _pause,
    "resume": _resume,
    "leave": _leave,
    "return": _return,
    "pace": _choose_pace,
    "days": _choose_days,
    "tracking": _choose_tracking,
    "format": _choose_format,
    "correct": _correct,
}
