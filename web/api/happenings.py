"""What came back from leaders, as it came: that something was answered, and that a check-in was done.

How somebody answered is there only where the setting allows it; what they wrote never is, nor what they opened.
"""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select

from models.tables import EventRow
from web.api.enrolments import Cursor, Limit
from web.api.keys import EventsKey, seen_by
from web.site import GivenSite

router = APIRouter(tags=["events"])


class EventRead(BaseModel):
    """Something that a leader did."""

    event: int
    at: datetime
    enrolment: int
    kind: Literal["answered", "checked_in"]
    answer: Literal["using", "nearly", "forgot"] | None = Field(
        default=None, description="Only where `answers_visible_to_admins` is true."
    )


class EventPage(BaseModel):
    """Some of the events, in the order in which they came."""

    events: list[EventRead]
    next: str | None = Field(description="The `cursor` of the next page; null at the end.")


@router.get("/events")
def list_events(site: GivenSite, key: EventsKey, cursor: Cursor = "0", limit: Limit = 50) -> EventPage:
    """What the leaders that the key may see did. Ask again with the last event's number as cursor for what is new."""
    page = (
        select(EventRow)
        .where(EventRow.kind.in_(("answer", "check_in")), EventRow.enrolment_id.is_not(None), EventRow.id > int(cursor))
        .order_by(EventRow.id)
        .limit(limit + 1)
    )
    visible = site.settings.answers_visible_to_admins
    with seen_by(key, site) as session:
        found = [
            EventRead(
                event=row.id,
                at=row.at,
                enrolment=row.enrolment_id or 0,
                kind="answered" if row.kind == "answer" else "checked_in",
                answer=row.value.get("answer") if visible and row.kind == "answer" else None,
            )
            for row in session.scalars(page)
        ]
    return EventPage(events=found[:limit], next=str(found[limit - 1].event) if len(found) > limit else None)
