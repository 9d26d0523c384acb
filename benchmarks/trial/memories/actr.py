"""ACT-R as a true memory, with the decay that explains the spacing effect.

P. I. Pavlik and J. R. Anderson, "Practice and forgetting effects on vocabulary memory: an activation-based model of the
spacing effect", Cognitive Science 29 (2005), 559-586. Each reading k leaves a trace. With the age t_k of each trace in
seconds, an offset b for the leader and the item, and m the activation before reading k:

    m = b + ln(sum of t_k^-d_k),    d_k = c e^m + a,    P(recall) = 1 / (1 + e^((T - m) / s))

c, a, T and s are the values of their fit; between sessions time counts at the rate h. The offset is ours: they drilled
word pairs for seconds, and one reading of a tip leaves more than that.
"""

import numpy as np

from benchmarks.trial import assumptions as world
from benchmarks.trial.arrays import Bools, Floats, Ints

DECAY_SCALE = 0.217  # c
DECAY_INTERCEPT = 0.177  # a
THRESHOLD = -0.704  # T
NOISE = 0.255  # s
SECONDS_A_DAY = 86_400 * 0.025  # h = 0.025
LEAST_DAYS = 1 / 24
OFFSET = THRESHOLD + DECAY_INTERCEPT * np.log(SECONDS_A_DAY * world.HALF_GONE_AFTER_DAYS)


class ActrMind:
    """Readers whose memory is ACT-R's."""

    def __init__(self, seed: int, *, leaders: int, items: int) -> None:
        random = np.random.default_rng([seed, 3])
        self.shape = (leaders, items)
        lasting = random.normal(0, world.LEADER_SPREAD, (leaders, 1)) + random.normal(0, world.ITEM_SPREAD, self.shape)
        self.offset: Floats = OFFSET + DECAY_INTERCEPT * lasting  # half is gone after e^lasting times as long
        self.cell: Ints = np.zeros(0, dtype=np.int64)  # one entry a trace: where it belongs,
        self.day: Floats = np.zeros(0)  # when it was laid down,
        self.decay: Floats = np.zeros(0)  # and how fast it fades

    def recall(self, day: float) -> Floats:
        return self._recall(self._strength(day))

    def expose(self, day: float, *, read: Bools, recalled: Bools, tested: Bools) -> None:
        decay = self._next_decay(day)[read]
        self.cell = np.concatenate([self.cell, np.flatnonzero(read)])
        self.day = np.concatenate([self.day, np.full(len(decay), float(day))])
        self.decay = np.concatenate([self.decay, decay])

    def expected_gain(self, day: float, horizon_day: float) -> Floats:
        """By Gauss-Legendre quadrature, denser soon after the reading, where the curve is steep."""
        nodes, weights = np.polynomial.legendre.leggauss(12)
        places = (nodes + 1) / 2
        left = horizon_day - day
        decay = self._next_decay(day)
        gain = np.zeros(self.shape)
        for place, weight in zip(places, weights, strict=True):
            after = left * place**2
            without = self._strength(day + after)
            added = (SECONDS_A_DAY * max(after, LEAST_DAYS)) ** -decay
            gain += weight * left * place * (self._recall(without + added) - self._recall(without))
        return gain

    def _strength(self, day: float) -> Floats:
        """The sum over each item's traces, 0 where there are none."""
        age = SECONDS_A_DAY * np.maximum(day - self.day, LEAST_DAYS)
        leaders, items = self.shape
        strength = np.bincount(self.cell, weights=age**-self.decay, minlength=leaders * items)
        return strength.astype(np.float64).reshape(self.shape)

    def _recall(self, strength: Floats) -> Floats:
        """1 / (1 + e^((T - b - ln strength) / s)), in a form that takes a strength of 0."""
        power = (strength * np.exp(self.offset - THRESHOLD)) ** (1 / NOISE)
        return power / (1 + power)

    def _next_decay(self, day: float) -> Floats:
        return DECAY_SCALE * np.exp(self.offset) * self._strength(day) + DECAY_INTERCEPT
