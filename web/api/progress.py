"""How far each enrolment has come: the rows of `report leaders`, a page at a time."""

from dataclasses import dataclass, fields
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select

from models.tables import EnrolmentRow
from reports.kept import read_each
from reports.progress import LeaderProgress
from reports.report import ReportContext
from web.api.enrolments import Cursor, Limit
from web.api.keys import ProgressKey, seen_by
from web.site import GivenSite

router = APIRouter(tags=["progress"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRow(LeaderProgress):
    """A row of `report leaders`, and which enrolment it is of."""

    enrolment: int


class ProgressPage(BaseModel):
    """Some of the rows, by the numbers of their enrolments."""

    as_of: datetime
    rows: list[ProgressRow]
    next: str | None = Field(description="The `cursor` of the next page; null at the end.")


@router.get("/progress")
def list_progress(site: GivenSite, key: ProgressKey, cursor: Cursor = "0", limit: Limit = 50) -> ProgressPage:
    """What `report leaders --json` says of each enrolment that the key may see; how questions were answered is not in
    it."""
    context = ReportContext(
        programmes=site.programmes(), tracking=site.tracking(), small_group=site.settings.small_group, now=site.now()
    )
    page = select(EnrolmentRow.id).where(EnrolmentRow.id > int(cursor)).order_by(EnrolmentRow.id).limit(limit + 1)
    with seen_by(key, site) as session:
        ids = list(session.scalars(page))
        told = read_each(session, context, ids[:limit])
    rows = [
        ProgressRow(**{field.name: getattr(row, field.name) for field in fields(row)}, enrolment=number)
        for number, row in told.items()
    ]
    return ProgressPage(as_of=context.now, rows=rows, next=str(ids[limit - 1]) if len(ids) > limit else None)
