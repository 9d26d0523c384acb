"""The cells of the trial: every rule against one memory model at one number of prompts a mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.trial.leaders import draw_cohort
from benchmarks.trial.memories.actr import ActrMind
from benchmarks.trial.memories.exponential import ExponentialMind
from benchmarks.trial.memories.fsrs import FsrsMind
from benchmarks.trial.memories.mcm import McmMind
from benchmarks.trial.memories.mind import Mind
from benchmarks.trial.oracle import Oracle
from benchmarks.trial.playing import Outcome, play
from benchmarks.trial.product import Product
from benchmarks.trial.rule import Rule
from benchmarks.trial.rules_by_answers import FsrsDueDates, Kerfoot, Leitner, Sm2
from benchmarks.trial.rules_by_calendar import Fixed, FixedByShare, FixedResending, InTurn, Massed
from benchmarks.trial.timetable import lay_timetable
from scheduler.assumptions import ITEM_GAP_DAYS

MODELS: Mapping[str, Callable[..., Mind]] = {
    "fsrs": FsrsMind,
    "actr": ActrMind,
    "mcm": McmMind,
    "exponential": ExponentialMind,
}
MODEL_NAMES = {
    "fsrs": "FSRS-6 perturbed",
    "actr": "ACT-R",
    "mcm": "MCM",
    "exponential": "Exponential",
}
DRIP, FIXED, OURS, ORACLE = "no questions", "fixed 1-3-7-14-30", "ours", "oracle"
RULES: Mapping[str, Callable[..., Rule]] = {
    "massed": Massed,
    "in turn": InTurn,
    FIXED: Fixed,
    "… by share of the gap": FixedByShare,
    "… unread mail resent": FixedResending,
    "Leitner": Leitner,
    "SM-2": Sm2,
    "Kerfoot 12/24": Kerfoot,
    "FSRS due dates": FsrsDueDates,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of each rule, by name."""

    model: str
    prompts: int
    outcomes: Mapping[str, Outcome]


def run_cell(
    model: str,
    *,
    prompts: int,
    seed: int,
    leaders: int,
    tracked: bool = True,
    gap_days: float = ITEM_GAP_DAYS,
    only: tuple[str, ...] = (),
) -> Cell:
    """Plays every rule, or only those named, with the same leaders, the same memories and the same luck."""
    timetable = lay_timetable(prompts=prompts)
    items = timetable.items
    cohort = draw_cohort(seed, leaders=leaders, mails=len(timetable.mails), items=items)
    outcomes: dict[str, Outcome] = {}
    for name in only or (DRIP, *RULES, OURS, ORACLE):
        mind = MODELS[model](seed, leaders=leaders, items=items)
        rule: Rule | None = None
        if name == ORACLE:
            rule = Oracle(mind, leaders=leaders, items=items, gap_days=gap_days)
        elif name == OURS:
            rule = Product(
                leaders=leaders, items=items, resources=timetable.resources, tracked=tracked, gap_days=gap_days
            )
        elif name != DRIP:
            rule = RULES[name](leaders=leaders, items=items)
        outcomes[name] = play(cohort, mind, timetable, rule)
    return Cell(model, prompts, outcomes)
