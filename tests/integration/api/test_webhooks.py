"""Webhooks by the API: made, listed, given a new secret and removed, each for no more than the key may see."""

from typing import Any

import pytest

from tests.integration.api.conftest import Office

URL = "https://hr.example.org/first100"
OURS = "Example Hospitals"


def add(office: Office, key: dict[str, str], **wish: object) -> Any:
    return office.send("POST", "/webhooks", key, {"url": URL, **wish})


def test_a_webhook_is_made_shown_without_its_secret_and_removed(office: Office) -> None:
    key = office.key()
    made = add(office, key, events=["enrolled", "completed"], organisations=[OURS], description="HR").json()

    assert made.pop("secret").startswith("whsec_")
    assert office.get("/webhooks", key).json() == {"webhooks": [made]}
    assert made == {
        "webhook": 1,
        "url": URL,
        "events": ["completed", "enrolled"],
        "organisations": [OURS],
        "description": "HR",
        "created_at": "2026-12-07T09:00:00Z",
        "failing_since": None,
        "disabled_at": None,
        "disabled_why": None,
    }
    assert office.send("DELETE", "/webhooks/1", key).status_code == 204
    assert office.get("/webhooks", key).json() == {"webhooks": []}
    assert office.send("DELETE", "/webhooks/1", key).status_code == 404


def test_a_new_secret_is_another_one(office: Office) -> None:
    key = office.key()
    before = add(office, key).json()
    after = office.send("POST", f"/webhooks/{before['webhook']}/secret", key).json()

    assert (before["webhook"], before["organisations"], len(before["events"])) == (after["webhook"], None, 6)
    assert before["secret"] != after["secret"]


def test_a_key_for_some_organisations_makes_and_sees_webhooks_for_these_alone(office: Office) -> None:
    everybody, ours = office.key(), office.key(organisations=[OURS])
    add(office, everybody)
    add(office, everybody, organisations=[OURS, "Another Trust"])
    made = add(office, ours).json()

    assert made["organisations"] == [OURS]
    assert add(office, ours, organisations=["Another Trust"]).status_code == 403
    assert [one["webhook"] for one in office.get("/webhooks", ours).json()["webhooks"]] == [made["webhook"]]
    assert office.send("DELETE", "/webhooks/1", ours).json() == office.send("DELETE", "/webhooks/99", ours).json()
    assert office.send("POST", "/webhooks/2/secret", ours).status_code == 404
    assert len(office.get("/webhooks", everybody).json()["webhooks"]) == 3


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"url": "http://hr.example.org/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://user:password@hr.example.org/"}, "url"),
        ({"url": "https://hr.example.org/" + "x" * 500}, "url"),
        ({"events": ["opened"]}, "events/0"),
        ({"events": []}, "events"),
        ({"organisations": [""]}, "organisations/0"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_is_wrong_is_told_field_by_field(office: Office, wish: dict[str, object], field: str) -> None:
    answer = add(office, office.key(), **wish)

    assert answer.status_code == 422
    assert [note["field"] for note in answer.json()["errors"]] == [field]


def test_a_key_without_the_scope_does_nothing_here(office: Office) -> None:
    key = office.key("events:read", "enrolments:write")

    assert office.get("/webhooks", key).status_code == 403
    assert add(office, key).status_code == 403
    assert office.send("DELETE", "/webhooks/1", key).status_code == 403
