"""Rules that schedule without regard to answers."""

import numpy as np

from benchmarks.trial.arrays import Bools, Floats, Ints
from benchmarks.trial.leaders import SILENCE
from benchmarks.trial.rule import Seen, touched_in

FIXED_GAPS_DAYS = np.array([1.0, 3, 7, 14, 30])


class Massed:
    """The items introduced last, again and again until the next ones come."""

    def __init__(self, *, leaders: int, items: int) -> None:
        self.due: Floats = np.full((leaders, items), np.inf)

    def rank(self, day: float) -> Floats:
        return self.due

    def learn(self, seen: Seen) -> None:
        if seen.new is not None:
            self.due[:, seen.new] = -seen.day


class InTurn:
    """The item that was longest in no mail."""

    def __init__(self, *, leaders: int, items: int) -> None:
        self.due: Floats = np.full((leaders, items), np.inf)

    def rank(self, day: float) -> Floats:
        return self.due

    def learn(self, seen: Seen) -> None:
        self.due = np.where(touched_in(seen), seen.day, self.due)


class Fixed:
    """Asked 1 day after it was introduced, then after gaps of 3, 7, 14 and 30 days; from then on every 30."""

    def __init__(self, *, leaders: int, items: int) -> None:
        self.step: Ints = np.full((leaders, items), -1, dtype=np.int64)
        self.due: Floats = np.full((leaders, items), np.inf)

    def rank(self, day: float) -> Floats:
        return self.due

    def learn(self, seen: Seen) -> None:
        self._move(seen, touched_in(seen))

    def _move(self, seen: Seen, onward: Bools) -> None:
        self.step = self.step + onward
        self.due = np.where(onward, seen.day + self._gap(), self.due)

    def _gap(self) -> Floats:
        return FIXED_GAPS_DAYS[np.clip(self.step, 0, len(FIXED_GAPS_DAYS) - 1)]


class FixedByShare(Fixed):
    """The same gaps; first comes the item that is latest in proportion to its gap, so short gaps are kept best."""

    def rank(self, day: float) -> Floats:
        return (self.due - day) / self._gap()


class FixedResending(Fixed):
    """The same gaps; what was in a mail that seems unread comes again in the next, and its gap is not counted."""

    def learn(self, seen: Seen) -> None:
        touched = touched_in(seen)
        answered = (seen.answers != SILENCE).any(axis=1)
        unread = ~(seen.open_seen | seen.click_seen | answered)[:, None]
        self.due = np.where(touched & unread, seen.day, self.due)
        self._move(seen, touched & ~unread)
