"""One simulated leader on the planner's own calendar: reads each nudge, answers it, and forgets day by day."""

from collections.abc import Iterable

import numpy as np

from benchmarks.trial.arrays import Bools, Floats
from benchmarks.trial.assumptions import HORIZON_DAY
from benchmarks.trial.cells import MODELS
from benchmarks.trial.leaders import Cohort, Reaction, draw_cohort, react
from benchmarks.trial.memories.mind import Mind
from benchmarks.trial.product import ANSWERS
from models.domain import PlannedItem, PlannedNudge, Programme, Resource, SentItem, SentNudge

FIRST_DAY = -28
MOST_MAILS = 132  # no pace allows more between day -28 and day 103


class Reader:
    """A cohort of one. Nudges are to be received in order; the ordinal picks the luck."""

    def __init__(self, programme: Programme, model: str, seed: int, *, tracked: bool) -> None:
        self.programme = programme
        self.tracked = tracked
        self.index = {item: number for number, item in enumerate(programme.items)}
        self.cohort: Cohort = draw_cohort(seed, leaders=1, mails=MOST_MAILS, items=len(self.index))
        self.mind: Mind = MODELS[model](seed, leaders=1, items=len(self.index))
        self.mails = self.prompts = 0
        self.day = FIRST_DAY
        self.met_on: Floats = np.full(len(self.index), np.inf)
        self.known_days: Floats = np.zeros(len(self.index))
        self.at_100: Floats = np.zeros(len(self.index))

    def receive(self, nudge: PlannedNudge) -> SentNudge:
        """Lives up to the nudge's day, and does with it what this leader does; gives what the product sees of it."""
        self._live_until(nudge.day)
        new = [item for item in nudge.items if item.placed in ("new", "with")]
        asked = [item for item in nudge.items if item.placed == "prompt"]
        reaction = react(
            self.cohort,
            self.mind.recall(nudge.day),
            mail=nudge.ordinal,
            day=nudge.day,
            asked=self._mask(asked),
            new=self._mask(new),
            new_resources=self._mask(item for item in new if item.kind == "resource"),
        )
        tested = self._mask(item for item in asked if item.question != "reflection")
        self.mind.expose(nudge.day, read=reaction.read, recalled=reaction.recalled, tested=tested)
        for item in new:
            self.met_on[self.index[item.item]] = nudge.day
        self.mails += 1
        self.prompts += len(asked)
        return SentNudge(
            ordinal=nudge.ordinal,
            at=nudge.slot,
            local_date=nudge.local_date,
            items=tuple(self._sent(item, reaction) for item in nudge.items),
            opened=bool(reaction.open_seen[0]) if self.tracked else None,
        )

    def live_on(self) -> None:
        """Lives up to the horizon, with no more nudges."""
        self._live_until(HORIZON_DAY)

    @property
    def mean_recall(self) -> float:
        """Of the items met, each from its introduction to the horizon."""
        met = np.isfinite(self.met_on)
        return float((self.known_days[met] / (HORIZON_DAY - self.met_on[met])).mean())

    @property
    def recall_at_100(self) -> float:
        return float(self.at_100[np.isfinite(self.met_on)].mean())

    @property
    def recall_at_180(self) -> float:
        return float(self.mind.recall(HORIZON_DAY)[0, np.isfinite(self.met_on)].mean())

    def _live_until(self, day: int) -> None:
        while self.day < day:
            self.known_days += self.mind.recall(self.day + 0.5)[0]
            self.day += 1
            if self.day == 100:
                self.at_100 = self.mind.recall(100)[0]

    def _mask(self, items: Iterable[PlannedItem]) -> Bools:
        mask = np.zeros((1, len(self.index)), dtype=np.bool_)
        mask[0, [self.index[item.item] for item in items]] = True
        return mask

    def _sent(self, item: PlannedItem, reaction: Reaction) -> SentItem:
        known = self.programme.items[item.item]
        number = self.index[item.item]
        link_seen = self.tracked and isinstance(known, Resource) and known.url is not None and item.placed != "prompt"
        return SentItem(
            item=item.item,
            kind=item.kind,
            placed=item.placed,
            question=item.question,
            answer=ANSWERS[int(reaction.answers[0, number])],
            clicked=link_seen and bool(reaction.read[0, number] and reaction.click_seen[0]),
            click_visible=link_seen,
        )
