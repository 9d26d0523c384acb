"""Enrolments: made, listed, read, changed, held."""

import json
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.api_keys import ApiKey
from models.api_requests import Fulfilled, find_fulfilled, keep_fulfilled
from models.domain import API
from models.roster import hold_enrolment
from models.scope import narrowed
from models.tables import EnrolmentRow, LeaderRow
from models.turns import take_turn
from web.api.documents import EnrolmentPage, EnrolmentRead, describe_row, show_enrolment, write_row
from web.api.enrolling import Wish, bring_in, check_claims, name_actor, read_wish
from web.api.keys import ReadKey, WriteKey, scope_of, seen_by
from web.api.problems import UNKNOWN, ApiError, FieldNote
from web.site import GivenSite, Site

MOST = 200  # in one page
ENROLLED = select(EnrolmentRow, LeaderRow).join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The enrolment's number.")]
Cursor = Annotated[str, Query(pattern="^[0-9]{1,9}$", description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many.")]
Document = Annotated[dict[str, Any], Body()]
Name = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Any text new to each enrolment: sent again within 24 hours, the same is not enrolled twice.",
    ),
]

router = APIRouter(tags=["enrolments"])


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


ROW = _takes(describe_row(change=False))
CHANGE = _takes(describe_row(change=True))


def find_enrolment(session: Session, key: ApiKey, number: int) -> tuple[EnrolmentRow, LeaderRow]:
    """The enrolment with its leader. Raises ApiError 404 where there is none, or none that the key may see."""
    with narrowed(session, scope_of(key)):
        found = session.execute(ENROLLED.where(EnrolmentRow.id == number)).first()
    if found is None:
        raise UNKNOWN
    return found[0], found[1]


def _show(site: Site, key: ApiKey, number: int, *, warnings: list[FieldNote] | None = None) -> EnrolmentRead:
    with site.database.reading() as session:
        row, leader = find_enrolment(session, key, number)
        return show_enrolment(row, leader, warnings=warnings)


# ---------------------------------------------------------------- reading


@router.get("/enrolments")
def list_enrolments(site: GivenSite, key: ReadKey, cursor: Cursor = "0", limit: Limit = 50) -> EnrolmentPage:
    """The enrolments that the key may see, whoever made them, by their numbers."""
    page = ENROLLED.where(EnrolmentRow.id > int(cursor)).order_by(EnrolmentRow.id).limit(limit + 1)
    with seen_by(key, site) as session:
        shown = [show_enrolment(row, leader) for row, leader in session.execute(page)]
    more = str(shown[limit - 1].enrolment) if len(shown) > limit else None
    return EnrolmentPage(enrolments=shown[:limit], next=more)


@router.get("/enrolments/{number}")
def read_enrolment(site: GivenSite, key: ReadKey, number: Number) -> EnrolmentRead:
    """One enrolment."""
    return _show(site, key, number)


# ---------------------------------------------------------------- making


@router.post("/enrolments", status_code=201, openapi_extra=ROW)
def enrol(
    response: Response, site: GivenSite, key: WriteKey, document: Document, idempotency_key: Name = None
) -> EnrolmentRead:
    """Enrol a leader in a programme, by the rules of a row of leaders.yaml.

    An enrolment that was held goes on. The first mail leaves on the next working day at the earliest.
    """
    wish = read_wish(site, key, document)
    if wish.entry.status == "withdrawn":
        note = FieldNote(field="status", message="nobody is enrolled as withdrawn; leave the person out")
        raise ApiError(422, "the enrolment is not right", errors=[note])
    name = None if idempotency_key is None else site.links.fingerprint(f"api request\n{idempotency_key}")
    content = site.links.fingerprint(f"api document\n{json.dumps(document, sort_keys=True)}")

    def keep(session: Session) -> int:
        take_turn(session.connection(), "roster")  # so that of two at once the second sees the first
        earlier = None if name is None else find_fulfilled(session, key.id, name, now=site.now())
        if earlier is not None:
            if earlier.content != content:
                raise ApiError(422, "this Idempotency-Key came with another document before; take a new one")
            return earlier.enrolment
        number = _enrol(session, site, key, wish)
        if name is not None:
            keep_fulfilled(session, key.id, name, Fulfilled(content=content, enrolment=number), now=site.now())
        return number

    made = _show(site, key, site.write(keep), warnings=wish.warnings)
    response.headers["Location"] = f"{site.settings.public_url}/api/v1/enrolments/{made.enrolment}"
    return made


def _enrol(session: Session, site: Site, key: ApiKey, wish: Wish) -> int:
    check_claims(session, site, key, wish.entry)
    bring_in(session, site, key, wish.entry)
    theirs = select(EnrolmentRow.id).join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
    (programme,) = wish.entry.programmes
    return session.scalars(
        theirs.where(LeaderRow.key == wish.entry.leader.key, EnrolmentRow.programme == programme)
    ).one()


# ---------------------------------------------------------------- changing


@router.patch("/enrolments/{number}", openapi_extra=CHANGE)
def change_enrolment(site: GivenSite, key: WriteKey, number: Number, document: Document) -> EnrolmentRead:
    """Change what is sent, leave what is not; null puts a field back to what holds without it.

    `status` pauses, withdraws, and goes on. A held enrolment goes on with any change. What concerns the person (name,
    address, organisation, calendar) changes in all their programmes.
    """

    def keep(session: Session) -> list[FieldNote]:
        row, leader = find_enrolment(session, key, number)
        _refuse_file(row)
        shown = show_enrolment(row, leader)
        wanted = {**write_row(shown), **document}
        wish = read_wish(site, key, {name: value for name, value in wanted.items() if value is not None})
        _refuse_another(shown, wish)
        if wish.entry.leader.email != shown.email:  # the history comes along
            entry = replace(wish.entry, formerly=tuple({*wish.entry.formerly, shown.email} - {wish.entry.leader.email}))
            wish = replace(wish, entry=entry)
        check_claims(session, site, key, wish.entry, own=leader.id)
        bring_in(session, site, key, wish.entry)
        return wish.warnings

    return _show(site, key, number, warnings=site.write(keep))


@router.delete("/enrolments/{number}")
def hold(site: GivenSite, key: WriteKey, number: Number) -> EnrolmentRead:
    """Hold an enrolment, as where a row disappears from leaders.yaml: nothing is sent, and nothing is deleted."""

    def keep(session: Session) -> None:
        row, _ = find_enrolment(session, key, number)
        _refuse_file(row)
        hold_enrolment(session, row.id, actor=name_actor(key), now=site.now())

    site.write(keep)
    return _show(site, key, number)


def _refuse_file(row: EnrolmentRow) -> None:
    if row.source != API:
        raise ApiError(409, f"this enrolment is kept in {row.source}; change it there")


def _refuse_another(shown: EnrolmentRead, wish: Wish) -> None:
    """One who has an id keeps it, and an enrolment its programme: else they would be somebody else, or another one."""
    notes: list[FieldNote] = []
    if wish.entry.programmes != (shown.programme,):
        notes.append(FieldNote(field="programme", message="cannot change; hold this enrolment and make another"))
    if shown.id is not None and wish.entry.leader.key != shown.id:
        notes.append(FieldNote(field="id", message="cannot change; it says who this is"))
    if notes:
        raise ApiError(422, "the change is not right", errors=notes)
