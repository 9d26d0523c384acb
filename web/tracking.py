"""The open pixel and the tracked links: they log, and change nothing.

Gateways ask for these by the thousand, so each takes no thread and no transaction of its own: the writer looks up and
logs all that have come meanwhile at once.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session
from starlette.types import Receive, Scope, Send

from models.domain import Event, EventKind, Resource, Tracking
from models.events import record_hits
from models.outcomes import prove_accepted
from models.spots import Spot, find_spots
from models.writer import PATIENCE_SECONDS, WriterBusyError
from web.arrivals import describe_agent, describe_origin, describe_purpose
from web.mails import read_token
from web.pages import link_own_pages, render
from web.site import GivenSite, Site


class QuickRoute(APIRoute):
    """A route whose function is called with its request, site and token, and nothing else is looked at."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer: Response = await self.endpoint(request, request.app.state.site, request.path_params["token"])
        await answer(scope, receive, send)


router = APIRouter(route_class=QuickRoute)

# One transparent point, 43 bytes.
PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


@dataclass(frozen=True, slots=True)
class _Hit:
    """Somebody came by a link, as it would be logged, and how to learn which programmes are tracked."""

    event: Event
    tracking: Callable[[], Mapping[str, Tracking]]


@router.api_route("/o/{token}.gif", methods=["GET", "HEAD"])
async def show_pixel(request: Request, site: GivenSite, token: str) -> Response:
    """The open pixel."""
    await _note_hit(site, request, "open", read_token(site, "o", token).numbers)
    return Response(PIXEL, media_type="image/gif")


@router.api_route("/t/{token}", methods=["GET", "HEAD"])
async def show_trap(request: Request, site: GivenSite, token: str) -> Response:
    """Where the link leads that no person sees: it says what it is there for, in case one did."""
    await _note_hit(site, request, "trap", read_token(site, "t", token).numbers)
    return render(site, "trap.html")


@router.api_route("/l/{token}", methods=["GET", "HEAD"])
async def follow_link(request: Request, site: GivenSite, token: str) -> Response:
    """On to the resource that stood at that place of the mail, wherever config says it is today; nowhere else."""
    mail_id, position = read_token(site, "l", token).numbers
    spot = await _note_hit(site, request, "click", (mail_id, position))
    programme = site.programmes().get(spot.programme)
    item = None if programme is None or spot.item is None else programme.items.get(spot.item)
    if isinstance(item, Resource) and item.url is not None:
        return RedirectResponse(item.url, status_code=302)
    return render(site, "gone.html", status=410, own=link_own_pages(site, spot.enrolment_id, mail_id))


async def _note_hit(site: Site, request: Request, kind: EventKind, numbers: Sequence[int]) -> Spot:
    """Log the hit, take it as proof of a delivery in doubt, and give what its link stands for; 404 for nothing.

    As `note_arrival` does for pages: of a mail that its leader has not agreed to have watched nothing is kept once its
    delivery is certain, and before only that the mail is there.
    """
    mail_id, position = (*numbers, None)[:2]
    event = Event(
        kind=kind,
        at=site.now(),
        mail_id=mail_id,
        position=position,
        method=request.method,
        agent=describe_agent(request),
        origin=describe_origin(request, site.links),
        purpose=describe_purpose(request),
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            spot = await site.database.writer.submit_among(_keep_hits, _Hit(event, site.tracking))
    except TimeoutError:
        raise WriterBusyError("the database takes too long") from None
    if spot is None:
        raise HTTPException(404)
    return spot


def _keep_hits(session: Session, wishes: Sequence[_Hit]) -> Sequence[Spot | None]:
    """Log them; for each what its link stands for."""
    places = [(hit.event.mail_id or 0, hit.event.position) for hit in wishes]
    spots = find_spots(session, places, tracking=wishes[0].tracking())
    logged: list[Event] = []
    for hit, spot in zip(wishes, spots, strict=True):
        if spot is None or (spot.state == "sent" and not spot.watched):
            continue
        if spot.state not in ("sent", "sending"):
            prove_accepted(session, spot.mail_id, now=hit.event.at)
        event = replace(hit.event, enrolment_id=spot.enrolment_id)
        logged.append(event if spot.watched else replace(event, agent="", origin="", purpose=""))
    record_hits(session, logged)
    return spots
