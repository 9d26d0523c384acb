"""One leader: what was sent and what came back as far as HR may know, what comes next and why, and what can be done."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.choices import ChoiceError, pause, reinstate, resume, withdraw
from models.corrections import read_pending
from models.domain import Enrolment, Plan
from models.doubts import read_doubts
from models.retained import WITHDRAWN_DAYS
from models.tables import EnrolmentRow
from reports.leader import read_leader
from scheduler.deciding import PlanningError, forecast, read_cases
from web.admin.desk import Desk, KeepingDesk, LookingDesk
from web.admin.wording import name_item, say_instant, say_placed
from web.fields import read_date, read_note, say

_LONGEST_WHY = 200
_DONE = {
    "paused": "Paused. The leader is told by mail.",
    "resumed": "The pause has ended: the count of days goes on today. The leader is told by mail.",
    "withdrawn": "Withdrawn: nothing more is sent. No mail goes out about it, so tell them.",
    "returned": "The withdrawal is taken back. Nobody is told of it by mail.",
    "nothing": "That was so already; nothing has changed.",
}

router = APIRouter(prefix="/admin/leaders/{enrolment_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A mail that is to come."""

    day: int
    when: str
    brings: tuple[str, ...]
    why: str


@router.api_route("", methods=["GET", "HEAD"])
def show_leader(desk: LookingDesk, enrolment_id: int, done: str = "") -> Response:
    """The 100 days of one leader; `done`: what was pressed just before."""
    return _page(desk, enrolment_id, done=_DONE.get(done, ""))


@router.post("/pause")
def pause_leader(desk: KeepingDesk, enrolment_id: int, until: Annotated[str, Form()] = "") -> Response:
    """Let the count of days stand still, from today; the leader is told by mail."""

    def act(session: Session) -> bool:
        last = read_date(until)
        return pause(session, enrolment_id, now=desk.now, until=last, actor="admin", account=desk.account.email)

    return _act(desk, enrolment_id, act, done="paused", field="until")


@router.post("/resume")
def resume_leader(desk: KeepingDesk, enrolment_id: int) -> Response:
    """End every pause of the enrolment's."""

    def act(session: Session) -> bool:
        return resume(session, enrolment_id, now=desk.now, actor="admin", account=desk.account.email)

    return _act(desk, enrolment_id, act, done="resumed")


@router.post("/withdraw")
def withdraw_leader(
    desk: KeepingDesk,
    enrolment_id: int,
    why: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Send nothing more, once it was said that this is meant."""
    with desk.reading() as session:
        enrolment = desk.find_enrolment(session, enrolment_id)
    if sure != "yes":
        return desk.render("withdraw.html", enrolment=enrolment, enrolment_id=enrolment_id)

    def act(session: Session) -> bool:
        reason = " ".join(read_note(why).split())[:_LONGEST_WHY]
        return withdraw(session, enrolment_id, now=desk.now, account=desk.account.email, why=reason)

    return _act(desk, enrolment_id, act, done="withdrawn")


@router.post("/reinstate")
def reinstate_leader(desk: KeepingDesk, enrolment_id: int) -> Response:
    """Take a withdrawal of HR's back."""

    def act(session: Session) -> bool:
        return reinstate(session, enrolment_id, now=desk.now, account=desk.account.email)

    return _act(desk, enrolment_id, act, done="returned")


def _act(desk: Desk, enrolment_id: int, act: Callable[[Session], bool], *, done: str, field: str = "") -> Response:
    """Do it, if the account sees this leader, and show what holds now."""

    def work(session: Session) -> bool:
        desk.find_enrolment(session, enrolment_id)
        return act(session)

    try:
        changed = desk.write(work)
    except ChoiceError as error:
        return _page(desk, enrolment_id, problem=say(error), field=field)
    return desk.send_to(f"/admin/leaders/{enrolment_id}?done={done if changed else 'nothing'}")


def _page(desk: Desk, enrolment_id: int, *, problem: str = "", field: str = "", done: str = "") -> Response:
    with desk.reading() as session:
        enrolment = desk.find_enrolment(session, enrolment_id)
        leader_id = session.scalar(select(EnrolmentRow.leader_id).where(EnrolmentRow.id == enrolment_id))
    with desk.reading(leader_id=leader_id) as session:
        context = replace(desk.report_context(session), email=enrolment.leader.email)
        report = read_leader(session, context)
        plan = _foresee(session, desk, enrolment)
        asks = read_pending(session, enrolment) is not None
        doubts = [doubt for doubt in read_doubts(session) if doubt.enrolment_id == enrolment_id]
    progress = next((row for row in report.progress if row.programme == enrolment.programme), None)
    if progress is None:
        raise HTTPException(404)
    programme = desk.programmes.get(enrolment.programme)
    holds = tuple(hold for hold in report.holds if hold.programme == enrolment.programme)
    withdrawn = next((hold for hold in holds if hold.why == "withdrawn"), None)
    return desk.render(
        "leader.html",
        status=400 if problem else 200,
        problem=problem,
        field=field,
        done=done,
        enrolment=enrolment,
        enrolment_id=enrolment_id,
        doubts=doubts,
        row=progress,
        programme=enrolment.programme if programme is None else programme.name,
        role=desk.name_roles().get(enrolment.role, enrolment.role),
        report=report,
        mails=tuple(story for story in report.rows if story.programme == enrolment.programme),
        holds=holds,
        withdrawn=withdrawn,
        erased_after=None if withdrawn is None else withdrawn.since + timedelta(days=WITHDRAWN_DAYS),
        asks=asks,
        has_left=any(hold.why == "left" for hold in holds),
        coming=() if plan is None else tuple(_tell_coming(desk, enrolment, plan)),
        missing=() if plan is None else plan.unplaced,
        name_item=partial(name_item, programme),
        say_instant=partial(say_instant, time_zone=enrolment.leader.time_zone),
        today=desk.now.date().isoformat(),
    )


def _foresee(session: Session, desk: Desk, enrolment: Enrolment) -> Plan | None:
    if enrolment.stopped:
        return None
    try:
        case = read_cases(session, (enrolment,))[enrolment.id]
        return forecast(case, programmes=desk.programmes, now=desk.now)
    except PlanningError:
        return None


def _tell_coming(desk: Desk, enrolment: Enrolment, plan: Plan) -> list[Coming]:
    programme = desk.programmes.get(enrolment.programme)
    return [
        Coming(
            day=nudge.day,
            when=say_instant(nudge.slot, enrolment.leader.time_zone),
            brings=tuple(say_placed(item.placed, name_item(programme, item.item)) for item in nudge.items),
            why=nudge.why,
        )
        for nudge in plan.nudges
    ]
