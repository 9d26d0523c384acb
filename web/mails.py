"""The mail that a link stands in, and what is noted when somebody comes by one."""

from collections.abc import Mapping

from fastapi import HTTPException, Request
from sqlalchemy.orm import Session

from emails.links import Purpose
from models.domain import Enrolment, Event, EventKind, Programme
from models.events import record_event
from models.linked import LinkedMail, prove_delivery, read_linked_mail, read_own_mail
from models.store import read_enrolments
from web.arrivals import describe_agent, describe_origin, describe_purpose
from web.nonces import Subject, make_nonce
from web.site import Site

# How many numbers a token holds: two, unless it says otherwise here. A third is the end of a fresh link.
_NUMBERS: Mapping[Purpose, tuple[int, ...]] = {"o": (1,), "t": (1,), "m": (2, 3), "d": (3,)}


def read_token(site: Site, purpose: Purpose, token: str) -> Subject:
    """What a token stands for; 404 for one that is not ours."""
    numbers = site.links.read(purpose, token)
    if numbers is None or len(numbers) not in _NUMBERS.get(purpose, (2,)):
        raise HTTPException(404)
    return Subject(purpose, numbers)


def find_mail(session: Session, site: Site, mail_id: int) -> LinkedMail:
    """The mail with this number; 404 where there is none any more."""
    mail = read_linked_mail(session, mail_id, tracking=site.tracking())
    if mail is None:
        raise HTTPException(404)
    return mail


def find_own_mail(session: Session, site: Site, subject: Subject) -> LinkedMail:
    """The mail that a link to preferences or to leaving stands in; 404 where its enrolment is no longer kept.

    Such a link is honoured even where the mail itself is gone.
    """
    enrolment_id, mail_id = subject.numbers[:2]
    mail = read_own_mail(session, enrolment_id, mail_id, tracking=site.tracking())
    if mail is None:
        raise HTTPException(404)
    return mail


def find_enrolment(session: Session, site: Site, enrolment_id: int) -> Enrolment:
    """The enrolment with this number; 404 where there is none any more."""
    found = read_enrolments(session, tracking=site.tracking(), ids=[enrolment_id])
    if not found:
        raise HTTPException(404)
    return found[0]


def find_programme(site: Site, enrolment: Enrolment) -> Programme | None:
    """The enrolment's programme as config has it today, if it has it."""
    return site.programmes().get(enrolment.programme)


def note_arrival(
    site: Site,
    request: Request,
    mail: LinkedMail,
    *,
    kind: EventKind,
    position: int | None = None,
    page: str = "",
) -> None:
    """Log that somebody came by a link of this mail, and take it as proof of a delivery in doubt.

    Of a mail that its leader has not agreed to have watched nothing is kept once its delivery is certain, and before
    only that the mail is there.
    """
    if not mail.watched and mail.state == "sent":
        return
    event = Event(
        kind=kind,
        at=site.now(),
        mail_id=mail.id or None,
        enrolment_id=mail.enrolment.id,
        position=position,
        method=request.method,
        agent=describe_agent(request) if mail.watched else "",
        origin=describe_origin(request, site.links) if mail.watched else "",
        purpose=describe_purpose(request) if mail.watched else "",
        value={"page": page} if page else {},
    )

    def keep(session: Session) -> None:
        prove_delivery(session, mail, now=site.now())
        record_event(session, event)

    site.write(keep)


def mark_page(site: Site, subject: Subject) -> str:
    """The mark for a page that is shown now."""
    return make_nonce(site.links, subject, shown_at=site.now(), token=site.new_token())
