"""Saved config noticed at once; where a folder cannot be watched, the next tick notices it all the same."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from watchfiles import Change, watch

from scheduler.live_config import is_read

_STEP_MS, _DEBOUNCE_MS, _ROUND_MS = 100, 1000, 500  # quiet so long; waited for so long at most; a look at `stopping`
_log = logging.getLogger(__name__)


@contextmanager
def on_saving(folder: Path, changed: Callable[[], None]) -> Generator[None]:
    """Calls `changed`, in a thread of its own, each time a config file below the folder is saved, while the block runs.

    Watching has begun when the block does, unless it cannot: then that is logged, and the block runs without.
    """
    stopping, begun = Event(), Event()
    watching = Thread(target=_watch, args=(folder, changed, stopping, begun), name="watching", daemon=True)
    watching.start()
    begun.wait()
    try:
        yield
    finally:
        stopping.set()
        watching.join()


def _watch(folder: Path, changed: Callable[[], None], stopping: Event, begun: Event) -> None:
    try:
        rounds = watch(
            folder,
            watch_filter=_is_config,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_ROUND_MS,
            yield_on_timeout=True,
            stop_event=stopping,
        )
        for changes in rounds:
            begun.set()
            if changes:
                changed()
    except OSError as error:
        _log.warning("%s cannot be watched (%s); what is saved is noticed at the next tick", folder, error)
    finally:
        begun.set()


def _is_config(_: Change, path: str) -> bool:
    return is_read(Path(path))
