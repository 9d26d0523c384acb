"""Every route of the admin pages: who gets in, with what mark, and that somebody else's is as unknown as nothing.

The table names them all, so that a new route has to be thought of here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from models.corrections import Correction, ask_correction
from models.savings import SavedRow, Saving, write_receipt
from models.tables import AttemptRow, AuditRow
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.admin import Visitor, enter, find_mark, visit
from tests.integration.web.enrolling import OTHER, OWN, Office
from tests.integration.web.scene import SENT_AT
from web.app import ADMIN_ROOMS

Role = Literal["anybody", "viewer", "hr", "admin"]
# Who may at least, and what the address is about, if it is about somebody.
ROUTES: dict[tuple[str, str], Role] = {
    ("GET", "/admin/sign-in"): "anybody",
    ("POST", "/admin/sign-in"): "anybody",
    ("POST", "/admin/sign-out"): "anybody",
    ("GET", "/admin/signed-out"): "anybody",
    ("GET", "/admin/password/{link}"): "anybody",
    ("POST", "/admin/password/{link}"): "anybody",
    ("GET", "/admin"): "viewer",
    ("GET", "/admin/leaders"): "viewer",
    ("GET", "/admin/leaders/{enrolment_id}"): "viewer",
    ("POST", "/admin/leaders/{enrolment_id}/export"): "viewer",
    ("POST", "/admin/leaders/{enrolment_id}/pause"): "hr",
    ("POST", "/admin/leaders/{enrolment_id}/resume"): "hr",
    ("POST", "/admin/leaders/{enrolment_id}/withdraw"): "hr",
    ("POST", "/admin/leaders/{enrolment_id}/reinstate"): "hr",
    ("GET", "/admin/leaders/many"): "viewer",
    ("POST", "/admin/leaders/many"): "hr",
    ("GET", "/admin/starters/new"): "hr",
    ("POST", "/admin/starters/new"): "hr",
    ("GET", "/admin/starters/upload"): "hr",
    ("POST", "/admin/starters/upload"): "hr",
    ("POST", "/admin/starters/sheet"): "hr",
    ("GET", "/admin/starters/saved/{number}"): "hr",
    ("POST", "/admin/starters/saved/{number}/undo"): "hr",
    ("GET", "/admin/corrections"): "hr",
    ("POST", "/admin/corrections/{enrolment_id}"): "hr",
    ("GET", "/admin/config"): "viewer",
    ("GET", "/admin/delivery"): "viewer",
    ("POST", "/admin/delivery/{mail_id}"): "hr",
    ("GET", "/admin/items"): "viewer",
    ("GET", "/admin/programme"): "viewer",
    ("GET", "/admin/rehearsal/{programme}/{role}/{file:path}"): "viewer",
    ("GET", "/admin/reports"): "viewer",
    ("GET", "/admin/reports/{name}"): "viewer",
    ("POST", "/admin/reports/{name}"): "viewer",
    ("GET", "/admin/audit"): "admin",
}
GUARDED = {route: role for route, role in ROUTES.items() if role != "anybody"}
OTHERS_TOO = {
    "link": "nothing",
    "name": "cohorts",
    "programme": "first-100-days",
    "role": "chair",
    "file:path": "index.html",
}  # of nobody in particular
ABOUT_SOMEBODY = [route for route in ROUTES if re.search(r"{(enrolment_id|mail_id|number)}", route[1])]
QUERY = {"/admin/leaders/many": "?action=pause"}
FIELDS = {
    "/admin/corrections/{enrolment_id}": {"verdict": "apply", "asked_at": SENT_AT.isoformat()},
    "/admin/delivery/{mail_id}": {"verdict": "drop"},
}
MISSING = 99_999


@dataclass(frozen=True)
class Stranger:
    """A leader of another organisation, and all that there is to be found of them."""

    enrolment_id: int
    mail_id: int
    number: int


@pytest.fixture
def stranger(office: Office) -> Stranger:
    with office.scene.database.sessions.begin() as session:
        leader = build_leader(key="kim@example.org", email="kim@example.org", organisation=OTHER)
        enrolment = keep_enrolment(session, build_enrolment(leader=leader))
        correction = Correction(at=SENT_AT, role="chair", start_date=None)
        assert ask_correction(session, enrolment, correction)
        row = SavedRow(key="kim@example.org", programme="x", action="row_added", before={}, after={}, says="")
        write_receipt(session, Saving(name="one", account=None, at=SENT_AT, rows=(row,)), now=SENT_AT)
    doubt = office.scene.add_mail(enrolment_id=enrolment.id, ordinal=1, state="in_doubt", ended_at=SENT_AT)
    with office.scene.database.sessions.begin() as session:
        session.add(AttemptRow(mail_id=doubt, at=SENT_AT, outcome="in_doubt", detail="timed out"))
    with office.scene.database.reading() as session:
        number = session.scalars(select(AuditRow.id).where(AuditRow.action == "row_added")).one()
    return Stranger(enrolment.id, doubt, number)


def fill(path: str, number: Callable[[str], int]) -> str:
    """The path with every place in it filled."""
    return re.sub(r"{([\w:]+)}", lambda found: OTHERS_TOO.get(found[1]) or str(number(found[1])), path)


def ask(visitor: Visitor, method: str, path: str, **fields: Any) -> Any:
    return visitor.get(path + QUERY.get(path, "")) if method == "GET" else visitor.post(path, **fields)


def missing(_: str) -> int:
    return MISSING


def list_routes() -> Iterator[tuple[str, str]]:
    for room in ADMIN_ROOMS:
        for route in room.router.routes:
            assert isinstance(route, APIRoute)
            yield from ((str(method), route.path) for method in (route.methods or set()) if method != "HEAD")


def test_every_route_has_a_line_in_the_table() -> None:
    assert set(list_routes()) == set(ROUTES)


def test_nobody_gets_anywhere_without_signing_in(office: Office, stranger: Stranger) -> None:
    visitor = visit(office.scene)
    for method, path in GUARDED:
        pages = [ask(visitor, method, fill(path, number)) for number in (missing, vars(stranger).__getitem__)]
        for page in pages:
            assert (path, page.status_code, page.text) == (path, 303, "")
            assert page.headers["location"].startswith("/admin/sign-in")
    before = office.scene.tables()
    for method, path in GUARDED:
        ask(visitor, method, fill(path, vars(stranger).__getitem__), mark="x", sure="yes", verdict="sent")
    assert office.scene.tables() == before


@pytest.mark.parametrize(("role", "may"), [("viewer", {"viewer"}), ("hr", {"viewer", "hr"})])
def test_a_role_gets_as_far_as_it_may_and_no_farther(
    office: Office, stranger: Stranger, role: Any, may: set[str]
) -> None:
    visitor = enter(office.scene, role=role)
    mark = find_mark(visitor.get("/admin"))
    for (method, path), least in GUARDED.items():
        if least in may and method == "POST":
            continue  # what a press does is told where the page is
        page = ask(visitor, method, fill(path, vars(stranger).__getitem__), mark=mark, sure="yes")
        assert (path, page.status_code) == (path, 200 if least in may else 403)


def test_a_press_that_comes_from_no_page_of_ours_is_refused(office: Office, stranger: Stranger) -> None:
    visitor = enter(office.scene)
    other = find_mark(enter(office.scene, "eve@example.org").get("/admin"))
    before = office.scene.tables(without=("accounts",))
    for method, path in ROUTES:
        if method == "POST":
            for fields in ({}, {"mark": ""}, {"mark": "x"}, {"mark": other}):
                answer = ask(visitor, method, fill(path, vars(stranger).__getitem__), sure="yes", **fields)
                assert (path, answer.status_code) == (path, 403)
    assert office.scene.tables(without=("accounts",)) == before


def test_somebody_elses_is_as_unknown_as_what_there_is_not(office: Office, stranger: Stranger) -> None:
    visitor = enter(office.scene, role="admin", organisations=(OWN,))
    everybody = enter(office.scene, "all@example.org", role="admin")
    mark = find_mark(visitor.get("/admin"))
    before = office.scene.tables()
    assert len(ABOUT_SOMEBODY) == 10
    for method, path in ABOUT_SOMEBODY:
        theirs = fill(path, vars(stranger).__getitem__)
        if method == "GET":
            assert everybody.get(theirs).status_code == 200  # so that there is something to hide
        fields = {"mark": mark, "sure": "yes", **FIELDS.get(path, {})}
        answers = [ask(visitor, method, one, **fields) for one in (theirs, fill(path, missing))]
        assert [(path, answer.status_code) for answer in answers] == [(path, 404)] * 2
        assert answers[0].content == answers[1].content
        assert dict(answers[0].headers) == dict(answers[1].headers)
    assert office.scene.tables() == before
