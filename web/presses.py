"""A pressed button: whether the page it stood on was ours, and the event that is kept of it."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import Request
from sqlalchemy.orm import Session

from models.domain import Event, EventKind
from models.linked import LinkedMail
from scheduler.hearing import hear
from web.arrivals import describe_agent, describe_origin
from web.nonces import Subject, name_press, read_nonce
from web.site import Site

STALE_PAGE = "That page was too old, or not one of ours, so nothing was kept. Please press once more."


def check_page(site: Site, subject: Subject, nonce: str) -> datetime | None:
    """When the page was shown that a button was pressed on; None for a page that is not ours."""
    return read_nonce(site.links, subject, nonce)


def keep_press(
    session: Session,
    site: Site,
    request: Request,
    *,
    kind: EventKind,
    mail: LinkedMail,
    position: int | None = None,
    nonce: str | None,
    shown_at: datetime | None,
    value: Mapping[str, str],
    unlogged: str = "",
) -> bool:
    """Log the press and what it says of remembering; False for one that is in the log already.

    `nonce` None: it may come again and again. `unlogged`: what else was sent and tells it from another press; the log
    does not hold it.
    """
    fields = [f"{name}={said}" for name, said in sorted(value.items())]
    event = Event(
        kind=kind,
        at=site.now(),
        mail_id=mail.id or None,
        enrolment_id=mail.enrolment.id,
        position=position,
        method="POST",
        agent=describe_agent(request) if mail.watched else "",
        origin=describe_origin(request, site.links) if mail.watched else "",
        nonce=None if nonce is None else name_press(site.links, nonce, *fields, unlogged),
        shown_at=shown_at,
        value=value,
    )
    return hear(session, event, mail, now=site.now())
