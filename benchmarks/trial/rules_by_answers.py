"""Rules that schedule by answers.

A question that got none is put off by the interval it had: to leave it due would give all places to mail that nobody
answers.
"""

import numpy as np

from benchmarks.trial.arrays import Floats, Ints
from benchmarks.trial.leaders import FORGOT, NEARLY, SILENCE, USING
from benchmarks.trial.memories.fsrs import (
    AGAIN,
    DEFAULT_WEIGHTS,
    GOOD,
    HARD,
    curve,
    difficulty_after,
    first_difficulty,
    stability_after,
)
from benchmarks.trial.rule import Seen, touched_in

LEITNER_GAPS_DAYS = np.array([1.0, 2, 4, 8, 16])
KERFOOT_WRONG_DAYS, KERFOOT_RIGHT_DAYS, KERFOOT_RIGHTS = 12.0, 24.0, 2
RETIRED_DAYS = 10_000.0


class Leitner:
    """Five boxes, each asked half as often as the one before: up when known, back to the first when forgotten."""

    def __init__(self, *, leaders: int, items: int) -> None:
        self.box: Ints = np.zeros((leaders, items), dtype=np.int64)
        self.due: Floats = np.full((leaders, items), np.inf)

    def rank(self, day: float) -> Floats:
        return self.due

    def learn(self, seen: Seen) -> None:
        self.box = np.where(seen.answers == FORGOT, 0, self.box + (seen.answers == USING))
        self.box = np.minimum(self.box, len(LEITNER_GAPS_DAYS) - 1)
        self.due = np.where(touched_in(seen), seen.day + LEITNER_GAPS_DAYS[self.box], self.due)


class Sm2:
    """P. A. Wozniak's SM-2 (1990): I(1) = 1, I(2) = 6, then times the easiness; below grade 3 from the start again.

    Using is grade 5, nearly 3, forgot 1.
    """

    def __init__(self, *, leaders: int, items: int) -> None:
        self.easiness: Floats = np.full((leaders, items), 2.5)
        self.passes: Ints = np.zeros((leaders, items), dtype=np.int64)
        self.interval: Floats = np.ones((leaders, items))
        self.due: Floats = np.full((leaders, items), np.inf)

    def rank(self, day: float) -> Floats:
        return self.due

    def learn(self, seen: Seen) -> None:
        if seen.new is not None:
            self.due[:, seen.new] = seen.day + 1
        grade = np.select([seen.answers == USING, seen.answers == NEARLY], [5, 3], 1)
        answered = seen.asked & (seen.answers != SILENCE)
        passed = answered & (grade >= 3)
        self.passes = np.where(passed, self.passes + 1, np.where(answered, 0, self.passes))
        longer = np.select([self.passes <= 1, self.passes == 2], [1.0, 6.0], self.interval * self.easiness)
        self.interval = np.where(answered, longer, self.interval)
        easiness = np.maximum(self.easiness + 0.1 - (5 - grade) * (0.08 + (5 - grade) * 0.02), 1.3)
        self.easiness = np.where(passed, easiness, self.easiness)
        self.due = np.where(seen.asked, seen.day + self.interval, self.due)


class Kerfoot:
    """B. P. Kerfoot's spaced education by e-mail: again after 12 days if wrong, after 24 if right, retired after two
    rights in a row. Retired items come only where nothing else can fill a place, those retired first before others.
    """

    def __init__(self, *, leaders: int, items: int) -> None:
        self.rights: Ints = np.zeros((leaders, items), dtype=np.int64)
        self.due: Floats = np.full((leaders, items), np.inf)

    def rank(self, day: float) -> Floats:
        return self.due

    def learn(self, seen: Seen) -> None:
        right = seen.answers == USING
        wrong = (seen.answers == FORGOT) | (seen.answers == NEARLY)
        self.rights = np.where(wrong & (self.rights < KERFOOT_RIGHTS), 0, self.rights + right)
        gap = np.where(right, KERFOOT_RIGHT_DAYS, KERFOOT_WRONG_DAYS)
        gap = np.where(self.rights >= KERFOOT_RIGHTS, RETIRED_DAYS, gap)
        self.due = np.where(seen.asked, seen.day + gap, self.due)
        if seen.new is not None:
            self.due[:, seen.new] = seen.day + KERFOOT_WRONG_DAYS


class FsrsDueDates:
    """FSRS-6 as flash cards use it: default weights, due when recall has fallen to 0.9, moved by answers alone.

    The introduction counts as a first review, Good; using is Good, nearly Hard, forgot Again.
    """

    def __init__(self, *, leaders: int, items: int) -> None:
        shape = (leaders, items)
        self.w = DEFAULT_WEIGHTS
        self.stability: Floats = np.full(shape, float(self.w[2, 0, 0]))
        self.difficulty: Floats = np.full(shape, float(first_difficulty(self.w, GOOD)[0, 0]))
        self.reviewed: Floats = np.zeros(shape)
        self.due: Floats = np.full(shape, np.inf)

    def rank(self, day: float) -> Floats:
        return self.due

    def learn(self, seen: Seen) -> None:
        recall = curve(self.w, seen.day - self.reviewed, self.stability)
        for answer, grade in ((USING, GOOD), (NEARLY, HARD), (FORGOT, AGAIN)):
            given = seen.answers == answer
            stability = stability_after(self.w, self.stability, self.difficulty, recall, grade)
            difficulty = difficulty_after(self.w, self.difficulty, grade)
            self.stability = np.where(given, stability, self.stability)
            self.difficulty = np.where(given, difficulty, self.difficulty)
        if seen.new is not None:
            self.reviewed[:, seen.new] = seen.day
        self.reviewed = np.where(seen.answers != SILENCE, seen.day, self.reviewed)
        self.due = np.where(touched_in(seen), seen.day + self.stability, self.due)
