"""What happened, in the order in which it did: enrolled, sent, answered, checked in, completed.

How somebody answered is there only where the setting allows it; what they wrote never is, nor what they opened.
"""

from datetime import datetime
from typing import Literal, cast

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select

from models.happenings import HappeningKind, is_settled
from models.tables import EventRow, HappeningRow, MailRow
from web.api.enrolments import Cursor, Limit
from web.api.keys import EventsKey, seen_by
from web.site import GivenSite

router = APIRouter(tags=["events"])


class EventRead(BaseModel):
    """Something that happened to an enrolment."""

    event: int
    at: datetime
    enrolment: int
    kind: HappeningKind
    day: int | None = Field(default=None, description="Of `sent` and `completed`: the day of the programme.")
    answer: Literal["using", "nearly", "forgot"] | None = Field(
        default=None, description="Only where `answers_visible_to_admins` is true."
    )


class EventPage(BaseModel):
    """Some of the events, in the order in which they came."""

    events: list[EventRead]
    next: str | None = Field(description="The `cursor` of the next page; null at the end.")


@router.get("/events")
def list_events(site: GivenSite, key: EventsKey, cursor: Cursor = "0", limit: Limit = 50) -> EventPage:
    """What happened to the leaders that the key may see. Ask again with the last event's number as cursor for what is
    new."""
    visible = site.settings.answers_visible_to_admins
    with seen_by(key, site) as session:
        page = (
            select(HappeningRow, MailRow.day, EventRow.value)
            .outerjoin(MailRow, MailRow.id == HappeningRow.mail)
            .outerjoin(EventRow, EventRow.id == HappeningRow.event)
            .where(HappeningRow.id > int(cursor), is_settled(session))
            .order_by(HappeningRow.id)
            .limit(limit + 1)
        )
        found = [
            EventRead(
                event=row.id,
                at=row.at,
                enrolment=row.enrolment_id,
                kind=cast(HappeningKind, row.kind),
                day=day,
                answer=(value or {}).get("answer") if visible and row.kind == "answered" else None,
            )
            for row, day, value in session.execute(page)
        ]
    return EventPage(events=found[:limit], next=str(found[limit - 1].event) if len(found) > limit else None)
