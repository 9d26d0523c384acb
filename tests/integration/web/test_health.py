"""What a watcher is told."""

from dataclasses import replace
from threading import Event
from typing import cast

import pytest
from fastapi.testclient import TestClient

from models.database import Database
from models.failures import DatabaseError
from tests.integration.web.scene import Scene, open_scene
from web.app import create_app


def test_a_tick_within_three_intervals_is_well(scene: Scene) -> None:
    scene.keep_state("last_tick_at", "2027-01-12T12:57:00Z")
    answer = scene.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "faults": [],
        "database": "reachable",
        "last_tick_at": "2027-01-12T12:57:00Z",
        "config_problems": [],
        "replies_waiting_since": None,
    }
    assert scene.browser.head("/healthz").status_code == 200


def test_no_tick_for_longer_is_a_fault(scene: Scene) -> None:
    scene.keep_state("last_tick_at", "2027-01-12T12:56:59Z")
    answer = scene.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert answer.json()["faults"] == ["the last tick is more than 3 intervals of 60 s ago"]


def test_before_the_first_tick_there_is_a_fault(scene: Scene) -> None:
    answer = scene.get("/healthz")
    assert (answer.status_code, answer.json()["faults"]) == (503, ["there has been no tick yet"])
    assert scene.browser.head("/healthz").status_code == 503


def test_a_clock_that_went_back_is_a_fault(scene: Scene) -> None:
    scene.keep_state("last_tick_at", "2027-01-12T13:00:00Z")
    scene.keep_state("clock_problem", "the clock went back: nothing is sent until the clock is right")
    answer = scene.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["faults"] == ["the clock went back: nothing is sent until the clock is right"]


def test_a_writer_that_is_held_up_is_a_fault(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.health.WRITER_SECONDS", 0.01)
    scene.keep_state("last_tick_at", "2027-01-12T13:00:00Z")
    go_on = Event()
    held = scene.database.writer.submit(lambda _: go_on.wait(30))
    answer = scene.get("/healthz")
    go_on.set()
    held.result(30)
    assert (answer.status_code, answer.json()["database"]) == (503, "reachable")
    assert answer.json()["faults"] == ["nothing could be written for 0.01 s: what readers press is not taken"]
    monkeypatch.undo()
    assert scene.get("/healthz").status_code == 200


def test_problems_of_config_are_shown_without_anybodys_address_and_are_no_fault(scene: Scene) -> None:
    scene.keep_state("last_tick_at", "2027-01-12T13:00:00Z")
    line = "config/leaders.yaml:3:10: 'sam.sample@example.org' is there twice; planning for a@b.c failed"
    scene.keep_state("config_problems", f"{line}\nconfig/settings.yaml:1:1: unknown key")
    answer = scene.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["config_problems"] == [
        "config/leaders.yaml:3:10: '(address)' is there twice; planning for (address) failed",
        "config/settings.yaml:1:1: unknown key",
    ]


def test_a_database_out_of_reach_is_a_fault_and_no_detail_is_told(scene: Scene) -> None:
    def refuse() -> None:
        raise DatabaseError("cannot reach the database at db.internal")

    broken = type("Broken", (), {"reading": staticmethod(refuse)})
    site = replace(scene.site, database=cast(Database, broken))
    answer = TestClient(create_app(site)).get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
    assert "db.internal" not in answer.text


def test_a_mailbox_of_replies_that_cannot_be_read_is_told_and_is_no_fault(database: Database) -> None:
    scene = open_scene(database, replies="imaps://user:hunter2@mail.example.org/INBOX")
    scene.keep_state("last_tick_at", "2027-01-12T13:00:00Z")
    scene.keep_state("replies_waiting", "2027-01-12T12:00:00Z")
    answer = scene.get("/healthz")
    assert (answer.status_code, answer.json()["replies_waiting_since"]) == (200, "2027-01-12T12:00:00Z")
    assert "hunter2" not in answer.text


def test_where_nobody_reads_replies_none_wait(scene: Scene) -> None:
    scene.keep_state("replies_waiting", "2027-01-12T12:00:00Z")
    assert scene.get("/healthz").json()["replies_waiting_since"] is None
