"""The open pixel and the tracked links: they log, and change nothing."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.domain import Resource
from web.mails import find_mail, find_programme, note_arrival, read_token
from web.pages import link_own_pages, render
from web.site import GivenSite

router = APIRouter()

# One transparent point, 43 bytes.
PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


@router.api_route("/o/{token}.gif", methods=["GET", "HEAD"])
def show_pixel(request: Request, site: GivenSite, token: str) -> Response:
    """The open pixel."""
    subject = read_token(site, "o", token)
    with site.database.reading() as session:
        mail = find_mail(session, site, subject.numbers[0])
    note_arrival(site, request, mail, kind="open")
    return Response(PIXEL, media_type="image/gif")


@router.api_route("/t/{token}", methods=["GET", "HEAD"])
def show_trap(request: Request, site: GivenSite, token: str) -> Response:
    """Where the link leads that no person sees: it says what it is there for, in case one did."""
    subject = read_token(site, "t", token)
    with site.database.reading() as session:
        mail = find_mail(session, site, subject.numbers[0])
    note_arrival(site, request, mail, kind="trap")
    return render(site, "trap.html")


@router.api_route("/l/{token}", methods=["GET", "HEAD"])
def follow_link(request: Request, site: GivenSite, token: str) -> Response:
    """On to the resource that stood at that place of the mail, wherever config says it is today; nowhere else."""
    mail_id, position = read_token(site, "l", token).numbers
    with site.database.reading() as session:
        mail = find_mail(session, site, mail_id)
    line = mail.items.get(position)
    if line is None or line.kind != "resource":
        raise HTTPException(404)
    note_arrival(site, request, mail, kind="click", position=position)
    programme = find_programme(site, mail.enrolment)
    item = None if programme is None else programme.items.get(line.item)
    if isinstance(item, Resource) and item.url is not None:
        return RedirectResponse(item.url, status_code=302)
    return render(site, "gone.html", status=410, own=link_own_pages(site, mail.enrolment.id, mail.id))
