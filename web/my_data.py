"""My data: all that is kept, to take away, and its erasure. It opens with a fresh link only, mailed to the leader."""

import logging
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.linked import LinkedMail
from models.tables import EnrolmentRow, LeaderRow
from scheduler.erasing import ErasingError, UnfinishedError, erase
from scheduler.receipts import KEPT
from web.export.package import build_export
from web.fresh_links import MY_DATA, is_fresh, send_fresh_link
from web.mails import find_own_mail, mark_page, note_arrival, read_token
from web.nonces import Subject
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.site import GivenSite, Site

OVER = "Nothing was done: this link’s time is over. Ask for another with the button below."
NO_PRESS = "Nothing was done. Please press one of the buttons."
LEAVING_NOW = "Nothing was erased yet: an e-mail to you is leaving at this very moment. Please press again in a minute."
_ACTIONS = ("send", "download", "erase", "erase-now")
_log = logging.getLogger(__name__)

router = APIRouter()


@router.api_route("/d/{token}", methods=["GET", "HEAD"])
def show_my_data(request: Request, site: GivenSite, token: str) -> Response:
    """What can be done with one's data; after half an hour, how to get another link."""
    subject = read_token(site, "d", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
    note_arrival(site, request, mail, kind="page", page="my data")
    return _my_data_page(site, subject, mail)


@router.post("/d/{token}")
def take_press(
    request: Request,
    site: GivenSite,
    token: str,
    action: Annotated[str, Form()] = "",
    nonce: Annotated[str, Form()] = "",
) -> Response:
    """Hand over the data, ask whether erasing is meant, erase, or mail another link."""
    subject = read_token(site, "d", token)
    with site.database.reading() as session:
        mail = find_own_mail(session, site, subject)
    shown_at = check_page(site, subject, nonce)
    problem = NO_PRESS if action not in _ACTIONS else STALE_PAGE if shown_at is None else ""
    if not problem and action != "send" and not is_fresh(site, subject):
        problem = OVER
    if problem:
        return _my_data_page(site, subject, mail, problem=problem)
    if action == "erase":
        return _confirm_page(site, subject, mail)
    if action == "erase-now":
        return _erase(site, subject, mail)

    def keep(session: Session) -> str:
        value = {"action": action, "page": "my data"}
        keep_press(session, site, request, kind="choice", mail=mail, nonce=nonce, shown_at=shown_at, value=value)
        return send_fresh_link(session, site, mail, MY_DATA) if action == "send" else ""

    done = site.write(keep)
    if action != "download":
        return _my_data_page(site, subject, mail, done=done)
    with site.database.reading() as session:
        octets = build_export(session, site, _find_leader(session, mail))
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"'}
    return Response(octets, media_type="application/zip", headers=headers)


# ---------------------------------------------------------------- erasing


def _erase(site: Site, subject: Subject, mail: LinkedMail) -> Response:
    """Erase whoever's link it is, and show the receipt: the last page there is for them."""
    if site.erasing is None:
        raise HTTPException(404)
    with site.database.reading() as session:
        leader_id = _find_leader(session, mail).id
    try:
        receipt = erase(site.erasing, leader_id, by="leader", now=site.now())
    except UnfinishedError as error:
        _log.error("%s", error)  # gone from the tables; the ticks do the rest
        receipt = error.receipt
    except ErasingError:
        with site.database.reading() as session:
            mail = find_own_mail(session, site, subject)
        return _my_data_page(site, subject, mail, problem=LEAVING_NOW)
    return render(
        site,
        "erased.html",
        heading=receipt.heading,
        counts=receipt.counts,
        kept=KEPT,
        hr_contact=site.settings.hr_contact or "",
    )


def _find_leader(session: Session, mail: LinkedMail) -> LeaderRow:
    theirs = select(LeaderRow).join(EnrolmentRow, EnrolmentRow.leader_id == LeaderRow.id)
    leader = session.scalar(theirs.where(EnrolmentRow.id == mail.enrolment.id))
    if leader is None:
        raise HTTPException(404)
    return leader


# ---------------------------------------------------------------- pages


def _my_data_page(site: Site, subject: Subject, mail: LinkedMail, *, problem: str = "", done: str = "") -> Response:
    return render(
        site,
        "my_data.html",
        status=400 if problem else 200,
        problem=problem,
        done=done,
        fresh=is_fresh(site, subject),
        can_erase=site.erasing is not None,
        nonce=mark_page(site, subject),
        own=link_own_pages(site, mail.enrolment.id, mail.id),
    )


def _confirm_page(site: Site, subject: Subject, mail: LinkedMail) -> Response:
    return render(
        site,
        "erase.html",
        nonce=mark_page(site, subject),
        audit_months=site.settings.retain_audit_months,
        back=site.links.url("d", *subject.numbers),
        own=link_own_pages(site, mail.enrolment.id, mail.id),
    )
