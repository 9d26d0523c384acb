"""The multiscale context model as a true memory: spacing matters, but the best gap depends on how fast one forgets.

M. C. Mozer, H. Pashler, N. Cepeda, R. Lindsey and E. Vul, "Predicting the optimal spacing of study: a multiscale
context model of memory", Advances in Neural Information Processing Systems 22 (2009), 1321-1329. Leaky integrators
x_i lose their content with time constants mu nu^i and count with weights g_i in proportion to xi^i:

    s_i = sum over j <= i of g_j x_j, divided by that of g_j;    P(recall) = min(1, s_N)

A reading adds e (1 - s_i) to each x_i, where e is 1 after a failure to recall and 9 after a recall. mu, nu and xi are
fitted to a material's forgetting after one study; here xi is solved for, so that half is gone when the trial says so.
"""

import numpy as np

from benchmarks.trial import assumptions as world
from benchmarks.trial.arrays import Bools, Floats

LASTING_DAYS: Floats = np.geomspace(0.25, 2500, 20)
AFTER_FAILURE, AFTER_RECALL = 1.0, 9.0


class McmMind:
    """Readers whose memory is the multiscale context model's; for each leader and item time runs at its own pace."""

    def __init__(self, seed: int, *, leaders: int, items: int) -> None:
        random = np.random.default_rng([seed, 5])
        self.shape = (leaders, items)
        lasting = random.normal(0, world.LEADER_SPREAD, (leaders, 1)) + random.normal(0, world.ITEM_SPREAD, self.shape)
        self.lasting_days: Floats = np.exp(lasting)[:, :, None] * LASTING_DAYS
        self.weights = _solve_weights(world.HALF_GONE_AFTER_DAYS)
        self.content: Floats = np.zeros((*self.shape, len(LASTING_DAYS)))  # leaders × items × integrators,
        self.day = 0.0  # as of this day

    def recall(self, day: float) -> Floats:
        return self._recall(self.content * self._left(day - self.day))

    def expose(self, day: float, *, read: Bools, recalled: Bools, tested: Bools) -> None:
        self.content = self.content * self._left(day - self.day)
        self.day = float(day)
        learnt = np.where(recalled & tested, AFTER_RECALL, AFTER_FAILURE)[:, :, None] * self._missing(self.content)
        self.content = np.where(read[:, :, None], self.content + learnt, self.content)

    def expected_gain(self, day: float, horizon_day: float) -> Floats:
        """By Gauss-Legendre quadrature, denser soon after the reading, where the curve is steep."""
        nodes, weights = np.polynomial.legendre.leggauss(12)
        left = horizon_day - day
        recall = self.recall(day)
        now = self.content * self._left(day - self.day)
        missing = self._missing(now)
        gain = np.zeros(self.shape)
        for place, weight in zip((nodes + 1) / 2, weights, strict=True):
            kept = self._left(left * place**2)
            without, unit = self._sum(now * kept), self._sum(missing * kept)
            asked = recall * np.minimum(without + AFTER_RECALL * unit, 1)
            asked += (1 - recall) * np.minimum(without + AFTER_FAILURE * unit, 1)
            gain += weight * left * place * (asked - np.minimum(without, 1))
        return gain

    def _left(self, days: float) -> Floats:
        return np.exp(-days / self.lasting_days)

    def _missing(self, content: Floats) -> Floats:
        """1 - s_i, nowhere below 0."""
        return np.maximum(1 - np.cumsum(self.weights * content, axis=2) / np.cumsum(self.weights), 0)

    def _sum(self, content: Floats) -> Floats:
        return content @ self.weights

    def _recall(self, content: Floats) -> Floats:
        return np.minimum(self._sum(content), 1)


def _solve_weights(half_gone_after_days: float) -> Floats:
    """Weights that sum to 1 and leave half after so many days, by bisection on xi."""
    order = np.arange(1, len(LASTING_DAYS) + 1)
    low, high = 0.5, 2.0
    weights = np.full(len(LASTING_DAYS), 1 / len(LASTING_DAYS))
    for _ in range(60):
        middle = (low + high) / 2
        weights = middle**order / np.sum(middle**order)
        too_lasting = np.sum(weights * np.exp(-half_gone_after_days / LASTING_DAYS)) > 0.5
        low, high = (low, middle) if too_lasting else (middle, high)
    return weights
