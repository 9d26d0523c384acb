"""The product's own choice: `choose_prompts` asked for each leader and mail, with the whole history replayed."""

import numpy as np

from benchmarks.trial.arrays import Floats
from benchmarks.trial.leaders import FORGOT, NEARLY, SILENCE, USING
from benchmarks.trial.rule import Seen
from models.domain import Answer, Appearance
from scheduler.planning import choose_prompts

ANSWERS: dict[int, Answer | None] = {SILENCE: None, FORGOT: "forgot", NEARLY: "nearly", USING: "using"}


class Product:
    """Chooses as an outside program would that holds the histories and calls the product."""

    def __init__(self, *, leaders: int, items: int, resources: frozenset[int], tracked: bool, gap_days: float) -> None:
        self.names = [f"{'resource' if item in resources else 'tip'}-{item:02}" for item in range(items)]
        self.index = {name: item for item, name in enumerate(self.names)}
        self.histories: list[list[Appearance]] = [[] for _ in range(leaders)]
        self.tracked = tracked  # opens and clicks are seen
        self.gap_days = gap_days

    def rank(self, day: float) -> Floats:
        ranks = np.full((len(self.histories), len(self.names)), np.inf)
        for leader, history in enumerate(self.histories):
            chosen = choose_prompts(history, day=day, capacity=len(self.names), item_gap_days=self.gap_days)
            for rank, name in enumerate(chosen):
                ranks[leader, self.index[name]] = rank
        return ranks

    def learn(self, seen: Seen) -> None:
        for leader, history in enumerate(self.histories):
            if seen.new is not None:
                history.append(self._appearance(seen, leader, seen.new, introduced=True))
            for item in np.flatnonzero(seen.asked[leader]):
                history.append(self._appearance(seen, leader, int(item), introduced=False))

    def _appearance(self, seen: Seen, leader: int, item: int, *, introduced: bool) -> Appearance:
        resource = self.names[item].startswith("resource")
        return Appearance(
            nudge=f"day-{seen.day:g}",
            item=self.names[item],
            kind="resource" if resource else "tip",
            day=seen.day,
            introduced=introduced,
            answer=ANSWERS[int(seen.answers[leader, item])],
            opened=bool(seen.open_seen[leader]) if self.tracked else None,
            clicked=self.tracked and introduced and resource and bool(seen.click_seen[leader]),
        )
