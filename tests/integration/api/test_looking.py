"""Plans, progress and events by the API: what the commands say, and no more than may be seen."""

import json
from pathlib import Path

import pytest

from models.database import Database
from models.domain import Event, EventKind
from models.events import record_event
from tests.builders import at
from tests.integration.api.conftest import ROW, Office, open_office


def test_a_preview_is_the_plan_that_comes_and_keeps_nothing(office: Office) -> None:
    key = office.key()
    preview = office.send("POST", "/plan-previews", key, ROW).json()
    assert office.get("/enrolments", key).json()["enrolments"] == []
    number = office.enrol(key)["enrolment"]

    assert preview["nudges"][0]["items"][0] == {
        "item": "welcome",
        "kind": "message",
        "as": "message",
        "question": None,
    }
    assert office.get(f"/enrolments/{number}/plan", key).json() == preview


def test_a_preview_is_refused_as_the_enrolment_would_be(office: Office) -> None:
    key = office.key()
    office.enrol(key)

    assert office.send("POST", "/plan-previews", key, ROW).status_code == 409
    assert office.send("POST", "/plan-previews", key, {**ROW, "role": "none"}).status_code == 422


def test_progress_has_the_rows_of_the_report(office: Office) -> None:
    key = office.key()
    made = office.enrol(key)
    (row,) = office.get("/progress", key).json()["rows"]

    assert row["enrolment"] == made["enrolment"]
    assert (row["email"], row["status"], row["sent"], row["day"]) == (ROW["email"], "waiting", 0, -35)
    assert row["start_date"] == "2027-01-11"


def answer_something(office: Office, number: int) -> None:
    with office.database.sessions.begin() as session:
        happened: tuple[tuple[EventKind, dict[str, str]], ...] = (
            ("open", {}),
            ("answer", {"answer": "forgot"}),
            ("check_in", {"done": "yes"}),
        )
        for kind, value in happened:
            event = Event(
                kind=kind,
                at=at("2027-01-12 13:00"),
                mail_id=None,
                enrolment_id=number,
                position=None,
                method="POST",
                agent="",
                origin="",
                value=value,
            )
            record_event(session, event)


@pytest.mark.parametrize(("visible", "said"), [(False, None), (True, "forgot")])
def test_how_somebody_answered_is_told_only_where_the_setting_allows_it(
    database: Database, tmp_path: Path, visible: bool, said: str | None
) -> None:
    office = open_office(database, tmp_path, answers_visible_to_admins=visible)
    key = office.key()
    answer_something(office, office.enrol(key)["enrolment"])
    answer = office.get("/events", key)

    assert [(event["kind"], event["answer"]) for event in answer.json()["events"]] == [
        ("enrolled", None),
        ("answered", said),
        ("checked_in", None),
    ]
    assert ("forgot" in json.dumps(answer.json())) == visible
