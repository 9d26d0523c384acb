"""A chooser that knows each leader's true memory, but not the future: how far any choice could go, mail by mail."""

import numpy as np

from benchmarks.trial.arrays import Bools, Floats
from benchmarks.trial.assumptions import HORIZON_DAY
from benchmarks.trial.memories.mind import Mind
from benchmarks.trial.rule import Seen, touched_in

LATER = 1e6  # days, more than any gain


class Oracle:
    """Asks what adds most true expected days of recall up to the horizon, with the product's soft gap."""

    def __init__(self, mind: Mind, *, leaders: int, items: int, gap_days: float) -> None:
        self.mind = mind
        self.gap_days = gap_days
        self.last: Floats = np.full((leaders, items), np.nan)
        self.in_last_mail: Bools = np.zeros((leaders, items), dtype=np.bool_)

    def rank(self, day: float) -> Floats:
        in_gap = day - self.last < self.gap_days
        ranks = LATER * in_gap + LATER * (in_gap & self.in_last_mail) - self.mind.expected_gain(day, HORIZON_DAY)
        return np.where(np.isnan(self.last), np.inf, ranks)

    def learn(self, seen: Seen) -> None:
        self.in_last_mail = touched_in(seen)
        self.last = np.where(self.in_last_mail, seen.day, self.last)
