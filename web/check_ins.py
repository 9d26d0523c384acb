"""A check-in: three questions for the leader alone, and one press to say it is done."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy.orm import Session

from models.choices import ChoiceError, choose_pace
from models.domain import CheckIn, Pace
from models.linked import LinkedMail
from models.outbox import drop_planned
from models.own import LONGEST_NOTE, add_note
from models.store import SentMailItem
from web.fields import read_note, say
from web.mails import find_enrolment, find_mail, find_programme, mark_page, note_arrival, read_token
from web.nonces import Subject
from web.outlook import read_next
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.site import GivenSite, Site
from web.telling import find_told
from web.wording import describe_pace, find_lighter, find_pace

NOT_DONE = "nothing was kept; please press one of the buttons once more"

router = APIRouter()


@router.api_route("/c/{token}", methods=["GET", "HEAD"])
def show_check_in(request: Request, site: GivenSite, token: str) -> Response:
    """The check-in's questions and its button."""
    subject = read_token(site, "c", token)
    with site.database.reading() as session:
        mail, line = _find_check_in(session, site, subject)
    note_arrival(site, request, mail, kind="page", position=line.position)
    return _check_in_page(site, subject, mail, line)


@router.post("/c/{token}")
def take_check_in(
    request: Request,
    site: GivenSite,
    token: str,
    done: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    pace: Annotated[str, Form()] = "",
    nonce: Annotated[str, Form()] = "",
) -> Response:
    """Mark the check-in as done, or change the pace, or both; and keep what was written, for its writer alone."""
    subject = read_token(site, "c", token)
    with site.database.reading() as session:
        mail, line = _find_check_in(session, site, subject)
    shown_at = check_page(site, subject, nonce)
    programme = find_programme(site, mail.enrolment)
    paces: Mapping[str, Pace] = {} if programme is None else programme.paces
    try:
        if shown_at is None:
            raise ChoiceError(STALE_PAGE)
        if not (done or pace) or (pace and pace not in paces):
            raise ChoiceError(NOT_DONE)
        written = read_note(text)
    except ChoiceError as error:
        return _check_in_page(site, subject, mail, line, problem=say(error), text=text)

    def keep(session: Session) -> bool:
        is_new = keep_press(
            session,
            site,
            request,
            kind="check_in",
            mail=mail,
            position=line.position,
            nonce=nonce,
            shown_at=shown_at,
            value={**({"done": "yes"} if done else {}), **({"pace": pace} if pace else {})},
            unlogged=written,
        )
        if is_new and pace:
            choose_pace(session, mail.enrolment.id, pace, now=site.now())
        if is_new:
            drop_planned(session, mail.enrolment.id)
        if is_new and written:
            return add_note(session, mail.enrolment.id, written, about=line.item, now=site.now())
        return True

    has_room = site.write(keep)
    with site.database.reading() as session:
        enrolment = find_enrolment(session, site, mail.enrolment.id)
        told = find_told(site, enrolment, line.item)
        return render(
            site,
            "checked_in.html",
            title="The check-in" if told is None else told.title(),
            is_done=bool(done),
            pace_changed=describe_pace(paces[pace]).says if pace else "",
            written=bool(written),
            has_room=has_room,
            coming=read_next(session, site, enrolment),
            nonce=mark_page(site, subject),
            own=link_own_pages(site, enrolment.id, mail.id),
        )


def _find_check_in(session: Session, site: Site, subject: Subject) -> tuple[LinkedMail, SentMailItem]:
    mail_id, position = subject.numbers
    mail = find_mail(session, site, mail_id)
    line = mail.items.get(position)
    if line is None or line.kind != "check-in":
        raise HTTPException(404)
    return mail, line


def _check_in_page(
    site: Site,
    subject: Subject,
    mail: LinkedMail,
    line: SentMailItem,
    *,
    problem: str = "",
    text: str = "",
) -> Response:
    """`text`: as it was sent, so that nothing written is lost."""
    told = find_told(site, mail.enrolment, line.item)
    programme = find_programme(site, mail.enrolment)
    own = link_own_pages(site, mail.enrolment.id, mail.id)
    if programme is None or told is None or not isinstance(told.item, CheckIn):
        return render(site, "gone.html", status=410, own=own)
    pace = find_pace(mail.enrolment, programme)
    lighter = None if pace is None else find_lighter(pace, programme)
    return render(
        site,
        "check_in.html",
        status=400 if problem else 200,
        problem=problem,
        title=told.title(),
        body=told.prose(told.item.body),
        asks=[told.fill(ask) for ask in told.item.asks],
        text=text,
        longest=LONGEST_NOTE,
        pace_now="" if pace is None else describe_pace(pace).says,
        lighter=None if lighter is None else describe_pace(lighter),
        nonce=mark_page(site, subject),
        own=own,
    )
