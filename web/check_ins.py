"""A check-in: three questions for the leader alone, and one press to say it is done."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy.orm import Session

from models.choices import choose_pace
from models.domain import CheckIn, Enrolment, Pace
from models.outbox import drop_planned
from models.store import SentMailItem
from web.mails import LinkedMail, find_mail, find_programme, mark_page, note_arrival, read_token
from web.nonces import Subject
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.site import GivenSite, Site
from web.telling import find_told
from web.wording import describe_pace, find_pace

NOT_DONE = "Nothing was kept. Please press the button once more."
NO_SUCH_PACE = "Nothing was kept: there is no such choice. Please choose one from the list."

router = APIRouter()


@router.api_route("/c/{token}", methods=["GET", "HEAD"])
def show_check_in(request: Request, site: GivenSite, token: str) -> Response:
    """The check-in's questions and its button."""
    subject = read_token(site, "c", token)
    with site.database.reading() as session:
        mail, line = _find_check_in(session, site, subject)
        page = _check_in_page(session, site, subject, mail, line)
    note_arrival(site, request, mail, kind="page", position=line.position)
    return page


@router.post("/c/{token}")
def take_check_in(
    request: Request,
    site: GivenSite,
    token: str,
    done: Annotated[str, Form()] = "",
    pace: Annotated[str, Form()] = "",
    nonce: Annotated[str, Form()] = "",
) -> Response:
    """Mark the check-in as done and change the pace where one was chosen."""
    subject = read_token(site, "c", token)
    with site.database.reading() as session:
        mail, line = _find_check_in(session, site, subject)
        shown_at = check_page(site, subject, nonce)
        paces = _read_paces(site, mail.enrolment)
        problem = NOT_DONE if not done else NO_SUCH_PACE if pace and pace not in paces else ""
        if problem or shown_at is None:
            return _check_in_page(session, site, subject, mail, line, problem=problem or STALE_PAGE)

    def keep(session: Session) -> None:
        is_new = keep_press(
            session,
            site,
            request,
            kind="check_in",
            mail=mail,
            position=line.position,
            nonce=nonce,
            shown_at=shown_at,
            value={"done": "yes", **({"pace": pace} if pace else {})},
        )
        if is_new and pace:
            choose_pace(session, mail.enrolment.id, pace, now=site.now())
        if is_new:
            drop_planned(session, mail.enrolment.id)

    site.write(keep)
    told = find_told(site, mail.enrolment, line.item)
    return render(
        site,
        "checked_in.html",
        title="The check-in" if told is None else told.fill(told.item.title),
        pace_changed=describe_pace(paces[pace]).says if pace else "",
        own=link_own_pages(site, mail.enrolment.id, mail.id),
    )


def _find_check_in(session: Session, site: Site, subject: Subject) -> tuple[LinkedMail, SentMailItem]:
    mail_id, position = subject.numbers
    mail = find_mail(session, site, mail_id)
    line = mail.items.get(position)
    if line is None or line.kind != "check-in":
        raise HTTPException(404)
    return mail, line


def _read_paces(site: Site, enrolment: Enrolment) -> Mapping[str, Pace]:
    programme = find_programme(site, enrolment)
    return {} if programme is None else programme.paces


def _check_in_page(
    session: Session, site: Site, subject: Subject, mail: LinkedMail, line: SentMailItem, *, problem: str = ""
) -> Response:
    told = find_told(site, mail.enrolment, line.item)
    programme = find_programme(site, mail.enrolment)
    own = link_own_pages(site, mail.enrolment.id, mail.id)
    if programme is None or told is None or not isinstance(told.item, CheckIn):
        return render(site, "gone.html", status=410, own=own)
    pace = find_pace(mail.enrolment, programme)
    return render(
        site,
        "check_in.html",
        status=400 if problem else 200,
        problem=problem,
        title=told.fill(told.item.title),
        body=told.prose(told.item.body),
        asks=[told.fill(ask) for ask in told.item.asks],
        paces=[describe_pace(other) for other in programme.paces.values() if other != pace],
        pace_now="" if pace is None else describe_pace(pace).says,
        nonce=mark_page(session, site, subject, mail_id=mail.id),
        own=own,
    )
