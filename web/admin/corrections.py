"""What leaders ask HR to put right, each with a button that does it and one that does not."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Response
from sqlalchemy.orm import Session

from config.problems import ConfigError
from models.corrections import Correction, read_correction, read_corrections
from models.domain import Enrolment
from scheduler.correcting import list_asked
from scheduler.enrolling import NotInForceError
from scheduler.granting import decline, grant
from web.admin.desk import Desk, KeepingDesk, LookingDesk
from web.admin.proposing import get_registry, say_broken, say_unfinished
from web.admin.wording import say_instant
from web.site import GivenSite

_DONE = {
    "granted": "Put right, in the leaders’ file and in force. The leader is told by mail.",
    "declined": "Declined: nothing has changed. The leader is told by mail.",
    "nothing": "Nothing has changed: this was settled before, or the leader asks for something else by now.",
}

router = APIRouter(prefix="/admin/corrections")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request."""

    enrolment_id: int
    name: str
    email: str
    programme: str
    since: str
    asked_at: str  # as the press brings it back
    asks: tuple[str, ...]


@router.api_route("", methods=["GET", "HEAD"])
def show_corrections(desk: LookingDesk, done: str = "") -> Response:
    """All that is asked for."""
    if not desk.may("hr"):
        raise HTTPException(403)
    return _page(desk, done=_DONE.get(done, ""))


@router.post("/{enrolment_id}")
def settle(
    desk: KeepingDesk,
    site: GivenSite,
    enrolment_id: int,
    verdict: Annotated[Literal["apply", "decline"], Form()],
    asked_at: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Grant or decline what was asked for then."""
    registry = get_registry(site.registry)
    with desk.reading() as session:
        enrolment = desk.find_enrolment(session, enrolment_id)
        correction = read_correction(session, enrolment.id)
    if correction is None or correction.at.isoformat() != asked_at:
        return desk.send_to("/admin/corrections?done=nothing")
    if verdict == "decline":
        decline(registry, enrolment, correction, account=desk.account.email, now=desk.now)
        return desk.send_to("/admin/corrections?done=declined")
    try:
        grant(registry, enrolment, correction, account=desk.account.email, now=desk.now)
    except ConfigError as error:
        return _page(desk, problem=say_broken(desk, error)[0])
    except NotInForceError as error:
        return _page(desk, problem=say_unfinished(desk, error))
    return desk.send_to("/admin/corrections?done=granted")


def read_asked(desk: Desk, session: Session) -> list[tuple[Enrolment, Correction]]:
    """The requests that wait, as far as the account may see them; the oldest first."""
    corrections = read_corrections(session)
    enrolments = desk.find_enrolments(session, tuple(corrections)) if corrections else ()
    pairs = [(enrolment, corrections[enrolment.id]) for enrolment in enrolments]
    return sorted((pair for pair in pairs if not pair[1].is_made(pair[0])), key=lambda pair: (pair[1].at, pair[0].id))


def _page(desk: Desk, *, problem: str = "", done: str = "") -> Response:
    with desk.reading() as session:
        asked = read_asked(desk, session)
    return desk.render(
        "corrections.html",
        status=409 if problem else 200,
        problem=problem,
        done=done,
        asked=[_tell(desk, enrolment, correction) for enrolment, correction in asked],
    )


def _tell(desk: Desk, enrolment: Enrolment, correction: Correction) -> Asked:
    programme = desk.programmes.get(enrolment.programme)
    return Asked(
        enrolment_id=enrolment.id,
        name=enrolment.leader.name,
        email=enrolment.leader.email,
        programme=enrolment.programme if programme is None else programme.name,
        since=say_instant(correction.at),
        asked_at=correction.at.isoformat(),
        asks=list_asked(correction, enrolment, programme),
    )
