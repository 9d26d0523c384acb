"""Leaving by one click, as mail programs do it (RFC 8058), and by hand on the same address."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from models.choices import leave
from models.linked import LinkedMail
from models.retained import WITHDRAWN_DAYS
from web.mails import find_enrolment, find_own_mail, find_programme, note_arrival, read_token
from web.pages import link_own_pages, render
from web.presses import keep_press
from web.site import GivenSite, Site

ONE_CLICK = "one-click"

router = APIRouter()


@router.api_route("/u/{token}", methods=["GET", "HEAD"])
def show_leaving(request: Request, site: GivenSite, token: str) -> Response:
    """A page with the button that mail programs press by themselves."""
    subject = read_token(site, "u", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
        page = _leaving_page(session, site, mail)
    note_arrival(site, request, mail, kind="page", page="unsubscribe")
    return page


@router.post("/u/{token}")
def take_leave(
    request: Request,
    site: GivenSite,
    token: str,
    one_click: Annotated[str, Form(alias="List-Unsubscribe")] = "",
) -> Response:
    """Leave at once, as RFC 8058 asks: no cookie, no second page, as often as it is sent."""
    subject = read_token(site, "u", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
        if one_click.strip().lower() != ONE_CLICK:
            return _leaving_page(session, site, mail, problem="Nothing was changed. Please press the button.")

    def keep(session: Session) -> None:
        value = {"action": "leave", "how": ONE_CLICK}
        keep_press(session, site, request, kind="choice", mail=mail, nonce=None, shown_at=None, value=value)
        leave(session, mail.enrolment.id, now=site.now())

    site.write(keep)
    with site.database.reading() as session:
        return _leaving_page(session, site, mail)


def _leaving_page(session: Session, site: Site, mail: LinkedMail, *, problem: str = "") -> Response:
    enrolment = find_enrolment(session, site, mail.enrolment.id)
    programme = find_programme(site, enrolment)
    return render(
        site,
        "unsubscribe.html",
        status=400 if problem else 200,
        return_days=WITHDRAWN_DAYS,
        problem=problem,
        left=enrolment.stopped == "withdrawn",
        programme=enrolment.programme if programme is None else programme.name,
        preferences_url=site.links.url("p", enrolment.id, mail.id),
        own=link_own_pages(site, enrolment.id, mail.id),
    )
