"""FSRS-6 as a true memory: each leader with weights of their own, each item with its own first stability.

Formulas: github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm. Written for arrays, and apart from the
planner's (scheduler/memory.py), so that neither hides a fault of the other.
"""

import numpy as np

from benchmarks.trial import assumptions as world
from benchmarks.trial.arrays import Bools, Floats
from scheduler.assumptions import W

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
DEFAULT_WEIGHTS: Floats = np.array(W, dtype=np.float64).reshape(21, 1, 1)


def curve(w: Floats, elapsed_days: Floats, stability_days: Floats) -> Floats:
    """Retrievability so many days after an exposure."""
    return (1 + _factor(w) * elapsed_days / stability_days) ** -w[20]


def area(w: Floats, stability_days: Floats, first: Floats | float, last: Floats | float) -> Floats:
    """Days of recall between two days after an exposure: the integral of the curve."""
    pace = _factor(w) / stability_days
    return ((1 + pace * last) ** (1 - w[20]) - (1 + pace * first) ** (1 - w[20])) / (pace * (1 - w[20]))


def stability_after(w: Floats, stability_days: Floats, difficulty: Floats, recall: Floats, grade: int) -> Floats:
    """The stability after a review so graded, the same-day case left out."""
    if grade == AGAIN:
        relearnt = w[11] * difficulty ** -w[12] * ((stability_days + 1) ** w[13] - 1) * np.exp((1 - recall) * w[14])
        return np.maximum(np.minimum(relearnt, stability_days / np.exp(w[17] * w[18])), 0.001)
    bonus = w[15] if grade == HARD else np.ones_like(w[15])
    growth = np.exp(w[8]) * (11 - difficulty) * stability_days ** -w[9] * (np.exp((1 - recall) * w[10]) - 1)
    return stability_days * (1 + growth * bonus)


def first_difficulty(w: Floats, grade: int) -> Floats:
    """The difficulty after a first review, not yet held to 1 to 10."""
    return w[4] - np.exp(w[5] * (grade - 1)) + 1


def difficulty_after(w: Floats, difficulty: Floats, grade: int) -> Floats:
    """The difficulty after a review so graded."""
    damped = difficulty - w[6] * (grade - 3) * (10 - difficulty) / 9
    return np.clip(w[7] * first_difficulty(w, EASY) + (1 - w[7]) * damped, 1, 10)


def _factor(w: Floats) -> Floats:
    return 0.9 ** (-1 / w[20]) - 1


class FsrsMind:
    """Readers whose memory is FSRS-6 with weights that the planner does not know."""

    def __init__(self, seed: int, *, leaders: int, items: int) -> None:
        random = np.random.default_rng([seed, 2])
        shape = (leaders, items)
        self.w: Floats = DEFAULT_WEIGHTS * np.exp(random.normal(0, world.FSRS_WEIGHT_SPREAD, (21, leaders, 1)))
        self.first_stability: Floats = self.w[2] * np.exp(random.normal(0, world.ITEM_SPREAD, shape))
        spread = random.normal(0, world.FSRS_DIFFICULTY_SPREAD, shape)
        self.difficulty: Floats = np.clip(first_difficulty(self.w, GOOD) + spread, 1, 10)
        self.stability: Floats = self.first_stability.copy()
        self.last: Floats = np.full(shape, -np.inf)

    def recall(self, day: float) -> Floats:
        return curve(self.w, day - self.last, self.stability)  # never read: an infinite time, so 0

    def expose(self, day: float, *, read: Bools, recalled: Bools, tested: Bools) -> None:
        moved = read & tested & np.isfinite(self.last)
        recall = self.recall(day)
        for grade, happened in ((GOOD, moved & recalled), (AGAIN, moved & ~recalled)):
            stability = stability_after(self.w, self.stability, self.difficulty, recall, grade)
            difficulty = difficulty_after(self.w, self.difficulty, grade)
            self.stability = np.where(happened, stability, self.stability)
            self.difficulty = np.where(happened, difficulty, self.difficulty)
        self.last = np.where(read, day, self.last)

    def expected_gain(self, day: float, horizon_day: float) -> Floats:
        left = horizon_day - day
        recall = self.recall(day)
        known = np.isfinite(self.last)
        elapsed = np.where(known, day - self.last, 0.0)
        good, again = (
            area(self.w, stability_after(self.w, self.stability, self.difficulty, recall, grade), 0, left)
            for grade in (GOOD, AGAIN)
        )
        kept = area(self.w, self.stability, elapsed, elapsed + left)
        first = area(self.w, self.first_stability, 0, left)
        return np.where(known, recall * good + (1 - recall) * again - kept, first)
