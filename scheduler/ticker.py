"""Ticks at an interval: the only file that imports APScheduler."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol, cast

from apscheduler.schedulers import background  # pyright: ignore[reportMissingTypeStubs] (the library has no types)

SHORTEST_SECONDS = 5
_log = logging.getLogger(__name__)


class _Scheduler(Protocol):
    """As much of the untyped library as is used here."""

    def add_job(self, func: Callable[[], None], trigger: str | None = None, **interval: object) -> object: ...

    def start(self) -> None: ...

    def shutdown(self, wait: bool = True) -> None: ...


@contextmanager
def run_ticks(tick: Callable[[], None], *, seconds: int, first_at: datetime) -> Generator[Callable[[], None]]:
    """Calls `tick` every so many seconds from `first_at` on, in a thread, while the block runs; then awaits the last.

    Each tick does all that is due, so one that is late or left out costs nothing: none runs beside another, several
    that were missed are one, and none is too late to run. A tick that fails is logged, and the next one comes. What the
    block gets asks for one more tick, at once or after the one that runs.
    """
    if seconds < SHORTEST_SECONDS:
        raise ValueError(f"ticks come every {SHORTEST_SECONDS} seconds or less often, not every {seconds}")

    def tick_and_carry_on() -> None:
        try:
            tick()
        except Exception:
            _log.exception("a tick failed; the next one comes in %d seconds", seconds)

    scheduler = cast(
        _Scheduler,
        background.BackgroundScheduler(
            jobstores={"default": {"type": "memory"}},
            executors={"default": {"type": "threadpool", "max_workers": 1}},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        ),
    )
    scheduler.add_job(tick_and_carry_on, "interval", seconds=seconds, next_run_time=first_at)
    scheduler.start()
    try:
        yield lambda: _ask(scheduler, tick_and_carry_on)
    finally:
        scheduler.shutdown(wait=True)


def _ask(scheduler: _Scheduler, tick: Callable[[], None]) -> None:
    # The only thread runs one after the other; what is asked for during a tick that was asked for comes after it.
    scheduler.add_job(tick, id="asked", replace_existing=True, max_instances=3)
