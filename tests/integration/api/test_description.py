"""The API's description, and Schemathesis sending whatever it allows: no fault of ours, every answer as described."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi import checks as promises

from models.database import migrate, open_database
from tests.integration.api.conftest import ROW, Office, open_office

SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
CHECKS = [
    cast(Any, checks).not_a_server_error,
    cast(Any, promises).status_code_conformance,
    cast(Any, promises).content_type_conformance,
    cast(Any, promises).response_schema_conformance,
]
EXAMPLES = 40  # of each route
TELLING = {"name": "Another Name", "email": "another@example.org", "away": ["2027-02-15"], "status": "paused"}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("api")
    database = open_database(f"sqlite:///{folder / 'first100.sqlite3'}")
    migrate(database)
    yield open_office(database, folder, api_requests_per_minute=100_000)
    database.close()


def test_the_description_is_there_without_a_key(described: Office) -> None:
    description = described.get("/openapi.json", {}).json()

    assert description["servers"] == [{"url": "/api/v1"}]
    assert {path: sorted(operations) for path, operations in description["paths"].items()} == {
        "/": ["get"],
        "/enrolments": ["get", "post"],
        "/enrolments/{number}": ["delete", "get", "patch"],
        "/enrolments/{number}/plan": ["get"],
        "/plan-previews": ["post"],
        "/progress": ["get"],
        "/events": ["get"],
        "/webhooks": ["get", "post"],
        "/webhooks/{number}": ["delete"],
        "/webhooks/{number}/secret": ["post"],
    }


def test_what_webhooks_are_told_is_described(described: Office) -> None:
    description = described.get("/openapi.json", {}).json()
    (told,) = description["webhooks"].values()

    assert description["openapi"].startswith("3.1")
    assert list(told["post"]["requestBody"]["content"]) == ["application/json"]
    assert [parameter["name"] for parameter in told["post"]["parameters"]] == [
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ]


def test_every_refusal_is_described_as_problem_json(described: Office) -> None:
    paths = described.get("/openapi.json", {}).json()["paths"]
    refusals = [
        (status, list(said["content"]))
        for operations in paths.values()
        for operation in operations.values()
        for status, said in operation["responses"].items()
        if status >= "400"
    ]

    assert {kind for _, kinds in refusals for kind in kinds} == {"application/problem+json"}
    assert {"401", "403", "404", "422", "429"} <= {status for status, _ in refusals}


def test_whatever_fits_the_description_is_answered_as_described(described: Office) -> None:
    schema = schemathesis.openapi.from_dict(described.get("/openapi.json", {}).json())
    key = described.key()
    number = described.enrol(key)["enrolment"]
    seen: set[tuple[str, int]] = set()

    def send(case: Any, *, ours: bool, sense: bool, keyless: bool) -> None:
        if ours and "number" in case.path_parameters:
            case.path_parameters["number"] = number
        body = cast(object, case.body)
        if sense and isinstance(body, dict):
            known = cast("dict[str, Any]", body)
            case.body = {**known, **ROW} if case.method == "POST" else {name: TELLING.get(name) for name in known}
        drawn = cast("dict[str, str]", case.headers or {})
        sent = {name: value for name, value in drawn.items() if name.lower() != "authorization"}
        case.headers = sent if keyless else {**sent, **key}
        answer = case.call(app=described.client.app)
        seen.add((case.method, answer.status_code))
        case.validate_response(answer, checks=CHECKS)

    for found in cast(Any, schema).get_all_operations():
        often = st.integers(0, 9).map(lambda drawn: drawn == 0)
        sending = given(case=found.ok().as_strategy(), ours=st.booleans(), sense=st.booleans(), keyless=often)(send)
        settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=SLOW)(sending)()
    assert {("GET", 200), ("GET", 401), ("GET", 404), ("POST", 422), ("PATCH", 200), ("DELETE", 200)} <= seen
