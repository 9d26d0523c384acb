"""Exponential forgetting without a spacing effect: a stress test for a planner that believes in spacing.

The form is that of B. Tabibian and others, "Enhancing human learning via spaced repetition optimization", PNAS 116
(2019), 3988-3993: P(recall) = e^(-n t); each recall lowers the rate n by a constant share, whatever the gap before it.
A review that fails leaves the rate as it is; theirs may raise it.
"""

import numpy as np

from benchmarks.trial import assumptions as world
from benchmarks.trial.arrays import Bools, Floats


class ExponentialMind:
    """Readers who forget at a constant rate, and gain as much from a recall after a day as after a month."""

    def __init__(self, seed: int, *, leaders: int, items: int) -> None:
        random = np.random.default_rng([seed, 4])
        shape = (leaders, items)
        lasting = random.normal(0, world.LEADER_SPREAD, (leaders, 1)) + random.normal(0, world.ITEM_SPREAD, shape)
        self.lasting_days: Floats = world.HALF_GONE_AFTER_DAYS / np.log(2) * np.exp(lasting)
        self.last: Floats = np.full(shape, -np.inf)

    def recall(self, day: float) -> Floats:
        return np.exp(-(day - self.last) / self.lasting_days)

    def expose(self, day: float, *, read: Bools, recalled: Bools, tested: Bools) -> None:
        grown = read & recalled & tested & np.isfinite(self.last)
        self.lasting_days = np.where(grown, world.EXPONENTIAL_GROWTH * self.lasting_days, self.lasting_days)
        self.last = np.where(read, day, self.last)

    def expected_gain(self, day: float, horizon_day: float) -> Floats:
        left = horizon_day - day
        recall = self.recall(day)
        same = self._area(self.lasting_days, left)
        grown = self._area(world.EXPONENTIAL_GROWTH * self.lasting_days, left)
        return recall * grown + (1 - recall) * same - recall * same

    @staticmethod
    def _area(lasting_days: Floats, days: float) -> Floats:
        return lasting_days * (1 - np.exp(-days / lasting_days))
