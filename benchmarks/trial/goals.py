"""What the spacing has to reach, and whether it did in this run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.trial.cells import FIXED, MODEL_NAMES, ORACLE, OURS, Cell
from benchmarks.trial.scores import difference_of, ratio_of

LEAST_OVER_FIXED = {
    ("fsrs", 1): 0.11,
    ("actr", 1): 0.08,
    ("fsrs", 2): 0.03,
    ("actr", 2): 0.025,
    ("exponential", 1): -0.03,
    ("exponential", 2): -0.03,
}
LEAST_OF_ORACLE = 0.94
STRESS_TEST = "exponential"  # held to the first kind of goal alone


@dataclass(frozen=True, slots=True)
class Goal:
    wanted: str
    measured: str
    met: bool


def judge(cells: Iterable[Cell]) -> Iterator[Goal]:
    """The goals of the cells that were run."""
    for cell in cells:
        if (cell.model, cell.prompts) in LEAST_OVER_FIXED:
            yield from _judge_cell(cell)


def _judge_cell(cell: Cell) -> Iterator[Goal]:
    where = f"{MODEL_NAMES[cell.model]}, {cell.prompts} a mail"
    ours, fixed = cell.outcomes[OURS], cell.outcomes[FIXED]
    least = LEAST_OVER_FIXED[cell.model, cell.prompts]
    over = ratio_of(ours.mean_recall, fixed.mean_recall)
    yield Goal(
        f"{where}: mean recall ≥ {least:+.1%} over fixed",
        f"{over.value - 1:+.1%} ± {over.error:.1%}",
        over.value - 1 >= least,
    )
    if cell.model == STRESS_TEST:
        return
    more = difference_of(ours.knowledge_days, fixed.knowledge_days)
    yield Goal(
        f"{where}: not behind in knowledge-days (2 errors)",
        f"{more.value:+.0f} ± {more.error:.0f}",
        more.value >= -2 * more.error,
    )
    share = ratio_of(ours.mean_recall, cell.outcomes[ORACLE].mean_recall)
    yield Goal(
        f"{where}: ≥ {LEAST_OF_ORACLE:.0%} of the oracle",
        f"{share.value:.1%} ± {share.error:.1%}",
        share.value >= LEAST_OF_ORACLE,
    )
