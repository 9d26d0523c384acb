"""What an enrolment brings: the plan of one there is, and of one to be, which is then not made."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain import Enrolment, History, RosterEntry
from models.matching import select_claimants
from models.store import read_enrolments, read_sent
from models.tables import EnrolmentRow
from reports.plan import build_plan_document, lay_out
from scheduler.calendar import local_date
from scheduler.deciding import Case, PlanningError, forecast, read_cases
from web.api.enrolling import check_claims, read_wish
from web.api.enrolments import ROW, Document, Number, find_enrolment
from web.api.keys import ReadKey, seen_by
from web.api.problems import ApiError
from web.site import GivenSite, Site

router = APIRouter(tags=["plans"])


class PlannedItem(BaseModel):
    """What a mail brings or asks about."""

    item: str
    kind: str
    as_: str = Field(alias="as", description="new, with, prompt, check-in or message.")
    question: str | None


class PlannedMail(BaseModel):
    """A mail, sent or to come."""

    day: int
    slot: str
    local: str
    state: str
    items: list[PlannedItem]
    why: str


class NotComing(BaseModel):
    """What no rule leaves room for."""

    item: str
    why: str


class PlanRead(BaseModel):
    """The document of `plan --json`."""

    leader: str
    programme: str
    role: str
    start_date: str
    nudges: list[PlannedMail]
    assumes: str
    not_coming: list[NotComing]


@router.get("/enrolments/{number}/plan")
def read_plan(site: GivenSite, key: ReadKey, number: Number) -> PlanRead:
    """What was sent and what is to come, each with its reason."""
    with seen_by(key, site) as session:
        row, _ = find_enrolment(session, key, number)
        (enrolment,) = read_enrolments(session, tracking=site.tracking(), ids=[row.id])
        case = read_cases(session, (enrolment,))[enrolment.id]
        return _plan(session, site, case)


@router.post("/plan-previews", openapi_extra=ROW)
def preview_plan(site: GivenSite, key: ReadKey, document: Document) -> PlanRead:
    """What an enrolment would bring if it were made now: the same checks, the same plan, and nothing is kept."""
    entry = read_wish(site, key, document).entry
    with site.database.reading() as session:
        check_claims(session, site, key, entry)
        others = _read_others(session, site, entry)
        return _plan(session, site, Case(enrolment=_imagine(site, entry), history=History(), kin=others))


def _read_others(session: Session, site: Site, entry: RosterEntry) -> tuple[Case, ...]:
    """The leader's enrolments in other programmes, with which this one would have to share the days."""
    theirs = select(EnrolmentRow.id).where(EnrolmentRow.leader_id.in_(select_claimants(entry)))
    ids = session.scalars(theirs.where(EnrolmentRow.programme.not_in(entry.programmes))).all()
    return tuple(read_cases(session, read_enrolments(session, tracking=site.tracking(), ids=ids)).values())


def _imagine(site: Site, entry: RosterEntry) -> Enrolment:
    """The enrolment that would be made."""
    (programme,) = entry.programmes
    return Enrolment(
        id=0,
        leader=entry.leader,
        programme=programme,
        role=entry.role,
        start_date=entry.start_date,
        enrolled_on=local_date(entry.leader, site.now()),
        cohort=entry.cohort or f"{entry.start_date:%Y-%m}",
        pace=entry.pace,
        skip=entry.skip,
    )


def _plan(session: Session, site: Site, case: Case) -> PlanRead:
    try:
        ahead = forecast(case, programmes=site.programmes(), now=site.now())
    except PlanningError as error:
        raise ApiError(409, str(error)) from error
    sent = read_sent(session, (case.enrolment.id,))
    document: dict[str, Any] = build_plan_document(case.enrolment, ahead, lay_out(sent, ahead))
    return PlanRead.model_validate(document)
