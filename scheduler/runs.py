"""Where many different things come close together in time."""

from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta


def find_runs(marks: Sequence[tuple[datetime, Hashable]], *, span: timedelta, least: int) -> set[int]:
    """The places of those in a window of `span` that holds at least `least` different things.

    `marks`: when, and what, in order of time. The work grows with their number and no faster.
    """
    found: set[int] = set()
    window: Counter[Hashable] = Counter()
    first = marked = 0
    for last, (at, what) in enumerate(marks):
        window[what] += 1
        while at - marks[first][0] > span:
            gone = marks[first][1]
            window[gone] -= 1
            if not window[gone]:
                del window[gone]
            first += 1
        if len(window) >= least:
            found.update(range(max(first, marked), last + 1))
            marked = last + 1
    return found
