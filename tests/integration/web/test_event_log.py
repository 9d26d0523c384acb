"""The raw log: appended to once for each press, read back as it was written, in few queries."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy.exc import IntegrityError

from models.database import Database
from models.domain import Event
from models.events import read_events, record_event
from models.tables import EventRow
from tests.integration.web.scene import READ_AT, Scene

PRESS = Event(
    kind="answer",
    at=READ_AT,
    position=2,
    method="POST",
    agent="Firefox",
    origin="0" * 24,
    purpose="",
    nonce="n" * 24,
    shown_at=READ_AT - timedelta(seconds=3, microseconds=1),
    value={"answer": "using"},
)


def press(scene: Scene, **fields: Any) -> Event:
    return replace(PRESS, **{"mail_id": scene.mail_id, "enrolment_id": scene.enrolment_id, **fields})


@contextmanager
def counting(database: Database) -> Generator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(*call: object) -> None:
        sent.append(str(call[2]))

    listening.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        listening.remove(database.engine, "before_cursor_execute", note)


def test_an_event_is_read_back_as_it_was_written(scene: Scene) -> None:
    plain = Event(kind="open", at=READ_AT, mail_id=scene.mail_id, value={})
    with scene.database.sessions.begin() as session:
        assert [record_event(session, event) for event in (press(scene), plain)] == [True, True]
    assert scene.events() == (press(scene), plain)


def test_a_press_that_is_known_is_not_appended_and_spoils_nothing(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        assert record_event(session, press(scene)) is True
        assert record_event(session, press(scene, value={"answer": "forgot"})) is False
        assert record_event(session, press(scene, nonce="m" * 24)) is True
    assert [event.value["answer"] for event in scene.events()] == ["using", "using"]


def test_the_same_press_at_the_same_time_is_one_event(scene: Scene) -> None:
    together = Barrier(4)

    def record(_: int) -> bool:
        together.wait()
        with scene.database.sessions.begin() as session:
            return record_event(session, press(scene))

    with ThreadPoolExecutor(max_workers=4) as threads:
        assert sorted(threads.map(record, range(4))) == [False, False, False, True]
    assert scene.events() == (press(scene),)


def test_a_press_for_a_mail_that_is_not_there_is_an_error(scene: Scene) -> None:
    with pytest.raises(IntegrityError), scene.database.sessions.begin() as session:
        record_event(session, press(scene, mail_id=4711))


def test_hits_without_a_mark_are_all_kept(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        assert all(record_event(session, press(scene, nonce=None)) for _ in range(3))
    assert len(scene.events()) == 3


def test_the_hits_of_many_mails_are_read_in_one_query(scene: Scene) -> None:
    mails = [scene.mail_id, *(scene.add_mail(ordinal=2 + number, state="sent") for number in range(30))]
    with scene.database.sessions.begin() as session:
        session.add_all(
            EventRow(at=READ_AT, kind="open", mail_id=mail, method="GET", agent="", origin="", value={})
            for mail in mails
        )
    with counting(scene.database) as sent, scene.database.reading() as session:
        found = read_events(session, mails)
    assert sorted(found) == sorted(mails)
    assert len([statement for statement in sent if "FROM events" in statement]) == 1


def test_more_mails_than_one_query_takes_are_read_all_the_same(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        record_event(session, press(scene))
    with scene.database.reading() as session:
        assert list(read_events(session, [*range(10_000, 80_000), scene.mail_id])) == [scene.mail_id]
        assert read_events(session, []) == {}
