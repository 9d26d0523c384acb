"""Ticks at an interval, in a real scheduler."""

import logging
from datetime import UTC, datetime, timedelta
from queue import Queue
from threading import Event, Lock

import pytest

from scheduler.ticker import run_ticks

PAST = datetime(2027, 1, 11, tzinfo=UTC) - timedelta(days=3650)  # however late, the first tick comes at once


def test_the_first_tick_comes_at_once_and_not_in_the_callers_thread() -> None:
    ticked = Event()
    with run_ticks(ticked.set, seconds=3600, first_at=PAST):
        assert ticked.wait(timeout=10)


def test_a_tick_that_fails_is_logged_and_the_service_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    ticked = Event()

    def fail() -> None:
        ticked.set()
        raise RuntimeError("nothing works today")

    with caplog.at_level(logging.ERROR), run_ticks(fail, seconds=3600, first_at=PAST):
        assert ticked.wait(timeout=10)
    (record,) = caplog.records
    assert record.message == "a tick failed; the next one comes in 3600 seconds"
    assert "nothing works today" in str(record.exc_info)


def test_a_tick_that_is_asked_for_comes_at_once_and_never_beside_another() -> None:
    began, go_on, ticks = Event(), Event(), Queue[str]()
    at_work = Lock()

    def tick() -> None:
        assert at_work.acquire(blocking=False)
        began.set()
        go_on.wait(timeout=10)
        at_work.release()
        ticks.put("tick")

    with run_ticks(tick, seconds=3600, first_at=PAST) as tick_soon:
        assert began.wait(timeout=10)
        tick_soon()
        go_on.set()
        assert [ticks.get(timeout=10) for _ in range(2)] == ["tick", "tick"]


def test_stopping_waits_for_the_running_tick() -> None:
    began = Event()
    ended: list[str] = []

    def tick() -> None:
        began.set()
        Event().wait(timeout=0.3)  # nobody sets it: the tick is still at work when the service stops
        ended.append("tick")

    with run_ticks(tick, seconds=3600, first_at=PAST):
        assert began.wait(timeout=10)
    assert ended == ["tick"]


def test_ticks_come_no_more_often_than_every_five_seconds() -> None:
    with (
        pytest.raises(ValueError, match="every 5 seconds or less often, not every 4"),
        run_ticks(lambda: None, seconds=4, first_at=PAST),
    ):
        pass
