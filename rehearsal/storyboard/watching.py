"""A page that follows what is saved: shown again after each change, with the problems in its place while there are
some."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from watchfiles import watch

_STEP_MS = 50  # quiet so long, a change is taken as whole
_DEBOUNCE_MS = 400  # at most so long is waited for quiet
_ROUND_MS = 200  # a round without any change


class CannotShowError(Exception):
    """Nothing can be shown as things are; `lines` say why."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def follow(
    show: Callable[[], Iterable[str]],
    show_problem: Callable[[Iterable[str]], None],
    *,
    changes: Iterable[object],
    say: Callable[[list[str]], None],
) -> None:
    """Shows now and after each change, until there are no more. `show` gives lines about what it showed.

    Where it raises CannotShowError, those lines are said and shown, and the next change is waited for.
    """
    _show(show, show_problem, say)
    for _ in changes:
        _show(show, show_problem, say)


def _show(
    show: Callable[[], Iterable[str]],
    show_problem: Callable[[Iterable[str]], None],
    say: Callable[[list[str]], None],
) -> None:
    try:
        say(list(show()))
    except CannotShowError as error:
        show_problem(error.lines)
        say(list(error.lines))


def watch_folder(folder: Path) -> Iterator[object]:
    """One value for each change below the folder since this was called; ends with KeyboardInterrupt."""
    stream = watch(folder, step=_STEP_MS, debounce=_DEBOUNCE_MS, rust_timeout=_ROUND_MS, yield_on_timeout=True)
    next(stream)  # watching begins here: an edit saved while the first page is written is not missed
    return (changes for changes in stream if changes)
