"""What a leader asks HR to put right: role or start date. It is kept and told to HR; HR changes config, or not."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from models.choices import ChoiceError
from models.corrections import Correction, ask_correction, count_since
from models.domain import Enrolment, Notice
from models.notices import post_notice, take_back_notices
from scheduler.calendar import local_date
from scheduler.correcting import list_asked
from web.mails import find_programme
from web.site import Site

MOST_A_DAY = 3  # requests, so that nobody fills HR's mailbox by a leader's link
FARTHEST = timedelta(days=366)  # that a start date may lie from today


def ask_hr(session: Session, site: Site, enrolment: Enrolment, *, role: str, start_date: date | None) -> str:
    """Keep the request, and say what happens now. Raises ChoiceError for one that makes no sense."""
    programme = find_programme(site, enrolment)
    if programme is None or (role and role not in programme.roles):
        raise ChoiceError("choose your role from the list")
    today = local_date(enrolment.leader, site.now())
    if start_date is not None and abs(start_date - today) > FARTHEST:
        raise ChoiceError("choose a start date within a year of today")
    correction = Correction(
        at=site.now(),
        role=role if role != enrolment.role else None,
        start_date=start_date if start_date != enrolment.start_date else None,
    )
    asks = list_asked(correction, enrolment, programme)
    if not asks:
        raise ChoiceError("that is what HR has already; change what is wrong, then press the button")
    if count_since(session, enrolment.id, site.now() - timedelta(days=1)) >= MOST_A_DAY:
        raise ChoiceError("you have asked several times today; HR has the last of it, so please wait for an answer")
    if ask_correction(session, enrolment, correction) and site.settings.hr_contact:
        take_back_notices(session, enrolment.id, "correction")
        notice = Notice(says="correction", values={"on": f"{today}", "asks": "\n".join(asks)})
        recipient = site.settings.hr_contact
        post_notice(session, notice, recipient=recipient, enrolment_id=enrolment.id, now=site.now())
        return "HR is asked by e-mail. Nothing changes until they have looked at it."
    return "Your request is kept where HR sees it. Nothing changes until they have looked at it."
