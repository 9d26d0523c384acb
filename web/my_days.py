"""My 100 days: what came and what comes, habits kept, and all there is to read; notes for whoever has a fresh link."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from models.choices import ChoiceError
from models.linked import LinkedMail
from models.own import LONGEST_NOTE, read_habits
from scheduler.calendar import day_number, local_date
from web.fields import say
from web.fresh_links import is_fresh
from web.mails import find_own_mail, find_programme, mark_page, note_arrival, read_token
from web.marks import Mark, check_mark, fulfil_mark
from web.nonces import Subject
from web.notes import list_subjects, read_notebook
from web.outlook import read_outlook
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.progress import draw, measure
from web.shelves import shelve_resources, shelve_tips
from web.site import GivenSite, Site
from web.standing import read_standing
from web.timeline import lay_out_weeks, read_past

router = APIRouter()


@router.api_route("/m/{token}", methods=["GET", "HEAD"])
def show_my_days(request: Request, site: GivenSite, token: str) -> Response:
    """All that came and comes."""
    subject = read_token(site, "m", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
        page = _my_days_page(session, site, subject, mail)
    note_arrival(site, request, mail, kind="page", page="my 100 days")
    return page


@router.post("/m/{token}")
def take_mark(request: Request, site: GivenSite, token: str, mark: Annotated[Mark, Form()]) -> Response:
    """Do what was pressed and show what holds now; the page again, and nothing done, where it makes no sense."""
    subject = read_token(site, "m", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
        past = read_past(session, mail.enrolment)
    problem = done = ""
    try:
        shown_at = check_page(site, subject, mark.nonce)
        if shown_at is None:
            raise ChoiceError(STALE_PAGE)
        text = check_mark(site, subject, past, mark)

        def keep(session: Session) -> str:
            is_new = keep_press(
                session,
                site,
                request,
                kind="mark",
                mail=mail,
                nonce=mark.nonce,
                shown_at=shown_at,
                value=mark.fields(),
                unlogged=f"{mark.about}\n{text}",
            )
            return fulfil_mark(session, site, mail, mark, text=text) if is_new else "This was saved before."

        done = site.write(keep)
    except ChoiceError as error:
        problem = say(error)
    with site.database.reading() as session:
        return _my_days_page(session, site, subject, mail, problem=problem, done=done, unkept=mark if problem else None)


def _my_days_page(
    session: Session,
    site: Site,
    subject: Subject,
    mail: LinkedMail,
    *,
    problem: str = "",
    done: str = "",
    unkept: Mark | None = None,
) -> Response:
    """`unkept`: what was pressed in vain, so that nothing written is lost."""
    enrolment = mail.enrolment
    programme = find_programme(site, enrolment)
    own = link_own_pages(site, enrolment.id, mail.id)
    if programme is None or enrolment.role not in programme.roles:
        return render(site, "gone.html", status=410, own=own)
    past, habits = read_past(session, enrolment), read_habits(session, enrolment.id)
    day = day_number(enrolment.start_date, enrolment.pauses, local_date(enrolment.leader, site.now()))
    measures = measure(programme, enrolment, past.items, day=day, answered=past.answered, checked_in=past.checked_in)
    fresh = is_fresh(site, subject)
    return render(
        site,
        "my_days.html",
        status=400 if problem else 200,
        problem=problem,
        done=done,
        programme=programme.name,
        measures=measures,
        picture=draw(measures),
        standing=read_standing(session, site, enrolment),
        coming=read_outlook(session, site, enrolment),
        tips=shelve_tips(site, enrolment, past.items, habits=habits),
        fresh=fresh,
        notes=read_notebook(session, site, enrolment) if fresh else (),
        subjects=list_subjects(site, enrolment, past.items),
        longest=LONGEST_NOTE,
        unkept=unkept,
        weeks=lay_out_weeks(site, enrolment, past),
        mails=len(past.mails),
        shelves=shelve_resources(programme, site, enrolment, past.items),
        nonce=mark_page(site, subject),
        own=own,
    )
