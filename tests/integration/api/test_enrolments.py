"""Enrolments made, changed and held by the API: by the rules of leaders.yaml, and apart from it."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from models.api_requests import forget_requests
from models.matching import RosterError
from models.tables import ApiRequestRow, AuditRow, EnrolmentRow
from scheduler.erasing import erase
from tests.builders import build_entry
from tests.integration.api.conftest import ROW, Office


def test_what_is_enrolled_can_be_read_and_written_again(office: Office) -> None:
    key = office.key()
    made = office.enrol(key, id="ESR-1", away=["2027-02-15..2027-02-19"], working_days=["mon", "thu"], pace="light")

    assert office.get(f"/enrolments/{made['enrolment']}", key).json() == made
    assert made | ROW == made
    assert (made["source"], made["stopped"], made["cohort"]) == ("api", None, "2027-01")
    assert (made["away"], made["working_days"], made["id"]) == (["2027-02-15..2027-02-19"], ["mon", "thu"], "ESR-1")
    row = {
        name: made[name] for name in made if name not in ("enrolment", "source", "stopped", "enrolled_on", "warnings")
    }
    assert office.send("PATCH", f"/enrolments/{made['enrolment']}", key, row).json() == made


def test_what_is_wrong_is_told_field_by_field_in_the_words_of_check(office: Office) -> None:
    row = {**ROW, "role": "chief-exec", "start_date": "11/01/2027", "skip": ["nothing"], "nme": "Sam"}
    answer = office.send("POST", "/enrolments", office.key(), row)
    fields = {one["field"]: one["message"] for one in answer.json()["errors"]}

    assert answer.status_code == 422
    assert set(fields) == {"start_date", "nme"}
    assert fields["start_date"].endswith("write 2027-01-11")
    assert "did you mean" in fields["nme"] or "known" in fields["nme"]

    wrong = office.send("POST", "/enrolments", office.key(), {**ROW, "role": "chief-exec", "programme": "none"}).json()
    assert {one["field"] for one in wrong["errors"]} == {"programme"}
    wrong = office.send("POST", "/enrolments", office.key(), {**ROW, "role": "chief-exec", "skip": ["none"]}).json()
    assert {one["field"] for one in wrong["errors"]} == {"role", "skip/0"}
    missing = office.send("POST", "/enrolments", office.key(), {"email": "sam@example.org"}).json()
    assert {one["field"] for one in missing["errors"]} == {"name", "role", "organisation", "start_date"}
    assert office.get("/enrolments", office.key()).json()["enrolments"] == []


def test_what_is_doubtful_is_done_and_said(office: Office) -> None:
    (warning,) = office.enrol(office.key(), start_date="2028-01-10")["warnings"]

    assert warning["field"] == "start_date"
    assert "is the year right?" in warning["message"]


def test_a_sync_of_files_leaves_what_came_by_the_api(office: Office) -> None:
    key = office.key()
    made = office.enrol(key)
    assert [change.what for change in office.sync(build_entry(email="file@example.org"))] == ["enrolled"]
    assert [change.what for change in office.sync()] == ["held"]

    assert office.get(f"/enrolments/{made['enrolment']}", key).json() == made


def test_one_who_stands_in_a_file_is_not_enrolled_by_the_api_too(office: Office) -> None:
    entry = build_entry()
    office.sync(entry)
    row = {**ROW, "email": entry.leader.email, "organisation": entry.leader.organisation}
    answer = office.send("POST", "/enrolments", office.key(), row)

    assert answer.status_code == 409
    assert answer.json()["detail"].endswith("is enrolled by leaders.yaml already; take it out of leaders.yaml first")


def test_one_who_came_by_the_api_is_not_enrolled_by_a_file_too(office: Office) -> None:
    office.enrol(office.key())
    entry = build_entry()
    leader = replace(entry.leader, email=ROW["email"], key=ROW["email"])

    with pytest.raises(RosterError, match="is enrolled by api already; take it out of api first"):
        office.sync(replace(entry, leader=leader))


def test_what_a_file_keeps_is_seen_and_not_changed(office: Office) -> None:
    office.sync(build_entry())
    key = office.key()
    (shown,) = office.get("/enrolments", key).json()["enrolments"]
    path = f"/enrolments/{shown['enrolment']}"

    assert shown["source"] == "leaders.yaml"
    assert office.send("PATCH", path, key, {"name": "Another"}).status_code == 409
    assert office.send("DELETE", path, key).status_code == 409
    assert office.get(path, key).json() == shown


def test_a_second_enrolment_in_the_same_programme_is_refused_and_named(office: Office) -> None:
    key = office.key()
    made = office.enrol(key)
    answer = office.send("POST", "/enrolments", key, ROW)

    assert (answer.status_code, answer.json()["enrolment"]) == (409, made["enrolment"])


def test_the_same_request_sent_twice_enrols_once(office: Office) -> None:
    key = {**office.key(), "idempotency-key": "starter 17"}
    first, second = (office.send("POST", "/enrolments", key, ROW) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    another = office.send("POST", "/enrolments", key, {**ROW, "email": "another@example.org"})
    assert another.status_code == 422
    other_key = {**office.key(), "idempotency-key": "starter 17"}
    assert office.send("POST", "/enrolments", other_key, ROW).status_code == 409
    office.wait(hours=25)
    assert office.send("POST", "/enrolments", key, ROW).status_code == 409


def test_a_refused_request_may_be_put_right_under_the_same_name(office: Office) -> None:
    key = {**office.key(), "idempotency-key": "starter 17"}
    assert office.send("POST", "/enrolments", key, {**ROW, "role": "none"}).status_code == 422

    assert office.send("POST", "/enrolments", key, ROW).status_code == 201


def test_a_changed_start_date_takes_the_cohort_along(office: Office) -> None:
    key = office.key()
    path = f"/enrolments/{office.enrol(key)['enrolment']}"
    changed = office.send("PATCH", path, key, {"start_date": "2027-02-01"}).json()

    assert (changed["start_date"], changed["cohort"], changed["name"]) == ("2027-02-01", "2027-02", "Sam Sample")


def test_a_changed_address_keeps_the_enrolment(office: Office) -> None:
    key = office.key()
    made = office.enrol(key)
    changed = office.send("PATCH", f"/enrolments/{made['enrolment']}", key, {"email": "sam.new@example.org"}).json()

    assert changed == made | {"email": "sam.new@example.org"}
    assert len(office.get("/enrolments", key).json()["enrolments"]) == 1


def test_an_address_of_somebody_elses_is_refused(office: Office) -> None:
    key = office.key()
    made = office.enrol(key)
    office.enrol(key, email="other@example.org")
    path = f"/enrolments/{made['enrolment']}"

    assert office.send("PATCH", path, key, {"email": "other@example.org"}).status_code == 409
    assert office.get(path, key).json() == made


@pytest.mark.parametrize("change", [{"id": "ESR-2"}, {"id": None}, {"programme": "another"}])
def test_who_this_is_cannot_be_changed(office: Office, change: dict[str, object]) -> None:
    key = office.key()
    made = office.enrol(key, id="ESR-1")
    answer = office.send("PATCH", f"/enrolments/{made['enrolment']}", key, change)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == list(change)


def test_null_puts_a_field_back(office: Office) -> None:
    key = office.key()
    made = office.enrol(key, pace="light", time_zone="Europe/Paris")
    path = f"/enrolments/{made['enrolment']}"
    changed = office.send("PATCH", path, key, {"pace": None, "time_zone": None}).json()
    assert (changed["pace"], changed["time_zone"]) == (None, "Europe/London")

    assert office.send("PATCH", path, key, {"name": None}).status_code == 422


def test_an_enrolment_is_withdrawn_and_comes_back(office: Office) -> None:
    key = office.key()
    path = f"/enrolments/{office.enrol(key)['enrolment']}"
    assert office.send("PATCH", path, key, {"status": "withdrawn"}).json()["stopped"] == "withdrawn"

    assert office.send("PATCH", path, key, {"status": "active"}).json()["stopped"] is None


def test_an_enrolment_is_held_once_and_goes_on_with_a_change(office: Office) -> None:
    key = office.key()
    path = f"/enrolments/{office.enrol(key)['enrolment']}"
    for _ in range(2):
        assert office.send("DELETE", path, key).json()["stopped"] == "held"
    assert office.send("PATCH", path, key, {}).json()["stopped"] is None
    with office.database.reading() as session:
        lines = session.execute(select(AuditRow.actor, AuditRow.action).order_by(AuditRow.id)).all()

    assert [action for _, action in lines] == ["enrolled", "held", "returned"]
    assert {actor.partition(":")[0] for actor, _ in lines} == {"api"}


def test_a_held_enrolment_comes_back_when_enrolled_again(office: Office) -> None:
    key = office.key()
    made = office.enrol(key)
    office.send("DELETE", f"/enrolments/{made['enrolment']}", key)

    assert office.enrol(key) == made


def test_pages_hold_everybody_once(office: Office) -> None:
    key = office.key()
    for number in range(5):
        office.enrol(key, email=f"leader-{number}@example.org")
    found: list[str] = []
    page = office.get("/enrolments?limit=2", key).json()
    while True:
        found += [one["email"] for one in page["enrolments"]]
        if page["next"] is None:
            break
        page = office.get(f"/enrolments?limit=2&cursor={page['next']}", key).json()

    assert found == [f"leader-{number}@example.org" for number in range(5)]


def test_half_a_character_is_refused(office: Office) -> None:
    answer = office.client.post(
        "/api/v1/enrolments",
        headers={**office.key(), "content-type": "application/json"},
        content=b'{"name": "\\ud800"}',
    )

    assert answer.status_code == 422


def test_one_who_was_erased_is_not_enrolled_again(office: Office) -> None:
    key = office.key()
    number = office.enrol(key)["enrolment"]
    assert office.site.erasing is not None
    with office.database.reading() as session:
        leader_id = session.scalar(select(EnrolmentRow.leader_id).where(EnrolmentRow.id == number))
    assert leader_id is not None
    receipt = erase(office.site.erasing, leader_id, by="admin", now=office.now)
    answer = office.send("POST", "/enrolments", key, ROW)

    assert answer.status_code == 409
    assert receipt.number in answer.json()["detail"]
    assert office.get(f"/enrolments/{number}", key).status_code == 404


def test_a_request_of_one_who_was_erased_since_enrols_nobody(office: Office) -> None:
    key = {**office.key(), "idempotency-key": "starter 17"}
    office.enrol(key)
    assert office.site.erasing is not None
    with office.database.reading() as session:
        (leader_id,) = session.scalars(select(EnrolmentRow.leader_id))
    erase(office.site.erasing, leader_id, by="admin", now=office.now)

    assert office.send("POST", "/enrolments", key, ROW).status_code == 404


def test_a_body_that_is_too_large_is_refused(office: Office) -> None:
    def send(headers: dict[str, str], **body: Any) -> httpx2.Response:
        return office.client.post("/api/v1/enrolments", headers={**office.key(), **headers}, **body)

    known = send({}, json={**ROW, "name": "x" * 20_000})
    unknown = send({"content-type": "application/json"}, content=iter([b"x" * 9_000] * 3))  # in pieces, of no length
    for answer in (known, unknown):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["detail"] == "the body is longer than any enrolment"


@pytest.mark.parametrize("path", ["", "/"])
def test_the_address_of_the_api_itself_says_where_it_is_described(office: Office, path: str) -> None:
    answer = office.get(path, {})

    assert answer.status_code == 200
    assert answer.json() == {"title": "First100", "version": "1", "description": "/api/v1/openapi.json"}


def test_requests_are_forgotten_after_a_day(office: Office) -> None:
    office.enrol({**office.key(), "idempotency-key": "starter 17"})
    for hours, kept in ((23, 1), (2, 0)):
        office.wait(hours=hours)
        with office.database.sessions.begin() as session:
            forget_requests(session, now=office.now)
            assert len(session.scalars(select(ApiRequestRow)).all()) == kept
