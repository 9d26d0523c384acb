"""My 100 days: what came and what comes, habits kept, and all there is to read; one press marks a tip as a habit."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from models.own import drop_habit, keep_habit, read_habits
from scheduler.calendar import day_number, local_date
from web.mails import LinkedMail, find_own_mail, find_programme, mark_page, note_arrival, read_token
from web.nonces import Subject
from web.outlook import read_outlook
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.progress import draw, measure
from web.shelves import shelve_resources, shelve_tips
from web.site import GivenSite, Site
from web.standing import read_standing
from web.timeline import lay_out_weeks, read_past

NO_SUCH_TIP = "Nothing was kept: that is no tip that came to you. Please use one of the buttons."

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
def take_mark(
    request: Request,
    site: GivenSite,
    token: str,
    keep: Annotated[str, Form()] = "",
    drop: Annotated[str, Form()] = "",
    nonce: Annotated[str, Form()] = "",
) -> Response:
    """Mark a tip as a habit, or take the mark back."""
    subject = read_token(site, "m", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
        tips = {item.item for item in read_past(session, mail.enrolment).items if item.kind == "tip"}
    shown_at = check_page(site, subject, nonce)
    tip = keep or drop
    problem = STALE_PAGE if shown_at is None else "" if tip in tips else NO_SUCH_TIP

    def mark(session: Session) -> None:
        value = {"habit": tip, "kept": "yes" if keep else "no"}
        if not keep_press(session, site, request, kind="mark", mail=mail, nonce=nonce, shown_at=shown_at, value=value):
            return
        if keep:
            keep_habit(session, mail.enrolment.id, tip, now=site.now())
        else:
            drop_habit(session, mail.enrolment.id, tip)

    if not problem:
        site.write(mark)
    with site.database.reading() as session:
        done = "" if problem else "Kept as a habit." if keep else "No longer marked as a habit."
        return _my_days_page(session, site, subject, mail, problem=problem, done=done)


def _my_days_page(
    session: Session, site: Site, subject: Subject, mail: LinkedMail, *, problem: str = "", done: str = ""
) -> Response:
    enrolment = mail.enrolment
    programme = find_programme(site, enrolment)
    own = link_own_pages(site, enrolment.id, mail.id)
    if programme is None or enrolment.role not in programme.roles:
        return render(site, "gone.html", status=410, own=own)
    past, habits = read_past(session, enrolment), read_habits(session, enrolment.id)
    day = day_number(enrolment.start_date, enrolment.pauses, local_date(enrolment.leader, site.now()))
    measures = measure(programme, enrolment, past.items, day=day, answered=past.answered, checked_in=past.checked_in)
    standing = read_standing(session, site, enrolment)
    return render(
        site,
        "my_days.html",
        status=400 if problem else 200,
        problem=problem,
        done=done,
        programme=programme.name,
        measures=measures,
        picture=draw(measures),
        standing=standing,
        coming=read_outlook(session, site, enrolment),
        tips=shelve_tips(site, enrolment, past.items, habits=habits),
        weeks=lay_out_weeks(site, enrolment, past),
        mails=len(past.mails),
        shelves=shelve_resources(programme, site, enrolment, past.items),
        nonce=mark_page(session, site, subject, mail_id=mail.id),
        own=own,
    )
