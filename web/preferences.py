"""The preferences page: what holds now, and one press to change it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from models.choices import ChoiceError
from models.linked import LinkedMail
from web.fields import say
from web.fresh_links import MY_DATA, send_fresh_link
from web.mails import find_enrolment, find_own_mail, mark_page, note_arrival, read_token
from web.nonces import Subject
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.site import GivenSite, Site
from web.standing import read_standing
from web.wishes import Wish, fulfil
from web.wording import LEAVING

# Where on the page a wish was written down.
_FIELDS = {
    "pause": "#until",
    "pace": "#pace",
    "days": "#days",
    "format": "#format",
    "correct": "#role",
    "leave": "#why",
}

ASK_FOR_DATA = "my-data"

router = APIRouter()


@router.api_route("/p/{token}", methods=["GET", "HEAD"])
def show_preferences(request: Request, site: GivenSite, token: str) -> Response:
    """What holds now, and the buttons that change it."""
    subject = read_token(site, "p", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
        page = _preferences_page(session, site, subject, mail)
    note_arrival(site, request, mail, kind="page", page="preferences")
    return page


@router.post("/p/{token}")
def take_wish(request: Request, site: GivenSite, token: str, wish: Annotated[Wish, Form()]) -> Response:
    """Do what was pressed and show what holds now; the page again, and nothing done, where it makes no sense."""
    subject = read_token(site, "p", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
    problem = done = ""
    try:
        done = _act(site, request, subject, mail, wish=wish)
    except ChoiceError as error:
        problem = say(error)
    with site.database.reading() as session:
        return _preferences_page(session, site, subject, mail, wish=wish, problem=problem, done=done)


def _act(site: Site, request: Request, subject: Subject, mail: LinkedMail, *, wish: Wish) -> str:
    """Keep the press and do what it asks, both or neither. Raises ChoiceError."""
    shown_at = check_page(site, subject, wish.nonce)
    if shown_at is None:
        raise ChoiceError(STALE_PAGE)

    def keep(session: Session) -> str:
        fields = wish.fields()
        is_new = keep_press(
            session, site, request, kind="choice", mail=mail, nonce=wish.nonce, shown_at=shown_at, value=fields
        )
        if not is_new:
            return "This was saved before."
        if wish.action == ASK_FOR_DATA:
            return send_fresh_link(session, site, mail, MY_DATA)
        return fulfil(session, site, mail.enrolment, wish)

    return site.write(keep)


def _preferences_page(
    session: Session,
    site: Site,
    subject: Subject,
    mail: LinkedMail,
    *,
    wish: Wish | None = None,
    problem: str = "",
    done: str = "",
) -> Response:
    """`wish`: what was pressed, so that a problem is shown where it lies."""
    return render(
        site,
        "preferences.html",
        status=400 if problem else 200,
        problem=problem,
        problem_with=wish.action if wish else "",
        problem_at=_FIELDS.get(wish.action, "") if wish else "",
        done=done,
        leaving=LEAVING,
        view=read_standing(session, site, find_enrolment(session, site, mail.enrolment.id)),
        nonce=mark_page(site, subject),
        own=link_own_pages(site, mail.enrolment.id, mail.id),
    )
