"""Who may ask the API, for what, and for whom."""

import pytest
from sqlalchemy import select

from models.api_keys import ApiKeyError, add_api_key, find_api_key, remove_api_key
from models.tables import ApiKeyRow
from tests.integration.api.conftest import ELSEWHERE, HERE, ROW, Office

PROBLEM = "application/problem+json"


def test_a_key_is_kept_as_a_hash_alone(office: Office) -> None:
    sent = office.key()["authorization"].removeprefix("Bearer ")
    with office.database.reading() as session:
        kept = " ".join(str(value) for row in session.execute(select(ApiKeyRow.__table__)) for value in row)
        assert find_api_key(session, sent) is not None

    assert sent.rpartition("_")[2] not in kept


@pytest.mark.parametrize(("right", "wrong"), [("Bearer f100", "Bearer f101"), ("_00", "_01"), ("Bearer", "Basic")])
def test_a_wrong_key_is_refused(office: Office, right: str, wrong: str) -> None:
    sent = office.key()["authorization"]
    assert right in sent
    answer = office.get("/enrolments", {"authorization": sent.replace(right, wrong)})

    assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
    assert answer.headers["www-authenticate"] == 'Bearer realm="First100"'


def test_a_request_without_a_key_is_refused(office: Office) -> None:
    assert office.get("/enrolments", {}).status_code == 401


def test_a_removed_key_is_good_for_nothing(office: Office) -> None:
    key = office.key()
    with office.database.sessions.begin() as session:
        (name,) = session.scalars(select(ApiKeyRow.name))
        remove_api_key(session, name)

    assert office.get("/enrolments", key).status_code == 401


def test_two_keys_cannot_have_one_name(office: Office) -> None:
    with office.database.sessions.begin() as session:
        for secret in (b"1" * 40, b"2" * 40):
            if secret[0] == ord("2"):
                with pytest.raises(ApiKeyError, match="there is a key named HR already"):
                    add_api_key(session, "HR", scopes=["events:read"], organisations=(), secret=secret, now=office.now)
            else:
                add_api_key(session, "HR", scopes=["events:read"], organisations=(), secret=secret, now=office.now)


@pytest.mark.parametrize(
    ("method", "path", "needs"),
    [
        ("GET", "/enrolments", "enrolments:read"),
        ("GET", "/enrolments/1", "enrolments:read"),
        ("GET", "/enrolments/1/plan", "enrolments:read"),
        ("POST", "/plan-previews", "enrolments:read"),
        ("POST", "/enrolments", "enrolments:write"),
        ("PATCH", "/enrolments/1", "enrolments:write"),
        ("DELETE", "/enrolments/1", "enrolments:write"),
        ("GET", "/progress", "progress:read"),
        ("GET", "/events", "events:read"),
    ],
)
def test_each_route_needs_its_own_scope(office: Office, method: str, path: str, needs: str) -> None:
    document = ROW if method in ("POST", "PATCH") else None
    for scope in ("enrolments:read", "enrolments:write", "progress:read", "events:read"):
        status = office.send(method, path, office.key(scope), document).status_code
        assert (status == 403) == (scope != needs), scope


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [("GET", "", None), ("GET", "/plan", None), ("PATCH", "", {"name": "Another"}), ("DELETE", "", None)],
)
def test_another_organisations_leader_is_answered_as_one_that_there_is_not(
    office: Office, method: str, path: str, document: object
) -> None:
    number = office.enrol(office.key(), organisation=ELSEWHERE)["enrolment"]
    key = office.key(organisations=[HERE])
    theirs = office.send(method, f"/enrolments/{number}{path}", key, document)
    nobodys = office.send(method, f"/enrolments/{number + 1}{path}", key, document)

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content


def test_lists_hold_the_keys_organisations_alone(office: Office) -> None:
    everybody = office.key()
    office.enrol(everybody)
    office.enrol(everybody, email="other@example.org", organisation=ELSEWHERE)
    key = office.key(organisations=[HERE])

    assert [one["email"] for one in office.get("/enrolments", key).json()["enrolments"]] == [ROW["email"]]
    assert [one["email"] for one in office.get("/progress", key).json()["rows"]] == [ROW["email"]]
    assert len(office.get("/progress", everybody).json()["rows"]) == 2


def test_nobody_is_enrolled_in_or_moved_to_another_organisation(office: Office) -> None:
    key = office.key(organisations=[HERE])
    assert office.send("POST", "/enrolments", key, {**ROW, "organisation": ELSEWHERE}).status_code == 403
    number = office.enrol(key)["enrolment"]

    assert office.send("PATCH", f"/enrolments/{number}", key, {"organisation": ELSEWHERE}).status_code == 403
    assert office.get(f"/enrolments/{number}", key).json()["organisation"] == HERE


@pytest.mark.parametrize("is_held", [False, True])
@pytest.mark.parametrize("claim", [{}, {"email": "new@example.org", "formerly": [ROW["email"]]}, {"id": "X-1"}])
def test_nobody_takes_another_organisations_leader_over(
    office: Office, claim: dict[str, object], is_held: bool
) -> None:
    everybody = office.key()
    path = f"/enrolments/{office.enrol(everybody, organisation=ELSEWHERE)['enrolment']}"
    if is_held:
        office.send("DELETE", path, everybody)
    before = office.get(path, everybody).json()
    answer = office.send("POST", "/enrolments", office.key(organisations=[HERE]), {**ROW, **claim})

    assert answer.status_code == 409
    assert "is taken by somebody whom this key cannot change" in answer.json()["detail"]
    assert "enrolment" not in answer.json()
    assert office.get(path, everybody).json() == before


def test_a_key_that_comes_too_often_is_told_when_to_come_again(office: Office) -> None:
    key = office.key("events:read")
    limit = office.site.settings.api_requests_per_minute
    assert {office.get("/events", key).status_code for _ in range(limit)} == {200}
    office.wait(seconds=20)
    refused = office.get("/events", key)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
    assert office.get("/events", office.key("events:read")).status_code == 200
    office.wait(seconds=40)

    assert office.get("/events", key).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/enrolments/nobody", "/enrolments?limit=0", "/enrolments/1/"])
def test_every_refusal_is_problem_json(office: Office, path: str) -> None:
    answer = office.get(path, office.key())

    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["status"] == answer.status_code


def test_an_unknown_method_is_problem_json(office: Office) -> None:
    answer = office.send("PUT", "/enrolments", office.key(), ROW)

    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
