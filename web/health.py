"""Whether the service does its work, for whoever watches it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from emails.addresses import mask_addresses
from models.failures import DatabaseError
from models.standing_problems import CONFIG_PROBLEMS
from models.store import get_state
from scheduler.clock_guard import PROBLEM as CLOCK_PROBLEM
from scheduler.receiving import WAITING
from scheduler.tick import LAST_TICK
from web.site import GivenSite, Site

MISSED_TICKS = 3
WRITER_SECONDS = 5

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`problems` need a person; the service works on through those of its config."""

    database: Literal["reachable", "unreachable"]
    last_tick_at: datetime | None
    config_problems: tuple[str, ...]
    faults: tuple[str, ...]
    replies_waiting_since: str | None = None  # their mailbox cannot be read; mail goes out all the same


@router.api_route("/healthz", methods=["GET", "HEAD"])
def show_health(site: GivenSite) -> Response:
    """200 where the database answers and ticks come; 503 with the faults where not."""
    health = read_health(site)
    content = {
        "status": "failing" if health.faults else "ok",
        "faults": health.faults,
        "database": health.database,
        "last_tick_at": None if health.last_tick_at is None else f"{health.last_tick_at:%Y-%m-%dT%H:%M:%SZ}",
        "config_problems": health.config_problems,
        "replies_waiting_since": health.replies_waiting_since,
    }
    return JSONResponse(content, status_code=503 if health.faults else 200)


def read_health(site: Site) -> Health:
    """What can be seen of the service from here."""
    try:
        with site.database.reading() as session:
            ticked, problems = get_state(session, LAST_TICK), get_state(session, CONFIG_PROBLEMS) or ""
            clock_problem = get_state(session, CLOCK_PROBLEM)
            waiting = get_state(session, WAITING)
        writes = site.database.writer.answers_within(WRITER_SECONDS)
    except DatabaseError:
        fault = "the database cannot be reached; the log says why"
        return Health(database="unreachable", last_tick_at=None, config_problems=(), faults=(fault,))
    last_tick_at = None if ticked is None else datetime.fromisoformat(ticked)
    return Health(
        database="reachable",
        last_tick_at=last_tick_at,
        config_problems=tuple(map(mask_addresses, problems.splitlines())),  # anybody may ask here
        faults=(
            *_find_late_tick(site, last_tick_at),
            *([clock_problem] if clock_problem else []),
            *([] if writes else [f"nothing could be written for {WRITER_SECONDS} s: what readers press is not taken"]),
        ),
        replies_waiting_since=waiting if site.settings.replies else None,
    )


def _find_late_tick(site: Site, last_tick_at: datetime | None) -> tuple[str, ...]:
    patience = MISSED_TICKS * timedelta(seconds=site.settings.tick_seconds)
    if last_tick_at is None:
        return ("there has been no tick yet",)
    if site.now() - last_tick_at > patience:
        return (f"the last tick is more than {MISSED_TICKS} intervals of {site.settings.tick_seconds} s ago",)
    return ()
