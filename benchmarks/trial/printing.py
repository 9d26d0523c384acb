"""The printed tables of the trial."""

from collections.abc import Iterable, Sequence

from benchmarks.measuring import print_figures
from benchmarks.trial.cells import FIXED, MODEL_NAMES, ORACLE, Cell
from benchmarks.trial.goals import Goal
from benchmarks.trial.scores import Figure, mean_of, ratio_of
from benchmarks.trial.whole import Group

COLUMNS = [
    "rule",
    "mean recall\nto day 180",
    "knowledge-\ndays",
    "at day\n100",
    "at day\n180",
    "against\nfixed",
    "of the\noracle",
]
GROUP_COLUMNS = ["pace", "mails", "prompts", "mean recall\nto day 180", "recall at\nday 100", "recall at\nday 180"]


def print_cell(cell: Cell, *, seed: int) -> None:
    """One rule a row."""
    fixed, oracle = cell.outcomes[FIXED], cell.outcomes[ORACLE]
    rows = [
        [
            name,
            _percent(mean_of(outcome.mean_recall)),
            "{0.value:.0f} ± {0.error:.0f}".format(mean_of(outcome.knowledge_days)),
            f"{outcome.recall_at_100.mean():.1%}",
            f"{outcome.recall_at_180.mean():.1%}",
            "" if name == FIXED else _percent_more(ratio_of(outcome.mean_recall, fixed.mean_recall)),
            "" if name == ORACLE else f"{outcome.mean_recall.mean() / oracle.mean_recall.mean():.1%}",
        ]
        for name, outcome in cell.outcomes.items()
    ]
    title = (
        f"{MODEL_NAMES[cell.model]}; prompts a mail: {cell.prompts}\n"
        f"{len(fixed.mean_recall)} leaders, seed {seed}; {fixed.answered:.0%} of the prompts answered"
    )
    print_figures(title, COLUMNS, rows)


def print_groups(model: str, groups: Sequence[Group], *, seed: int) -> None:
    """One pace a row, beside the same mails without questions."""
    rows = [
        [
            group.name,
            f"{group.mails.mean():.1f}",
            f"{group.prompts.mean():.0f}",
            _percent(mean_of(group.mean_recall)),
            _percent(mean_of(group.recall_at_100)),
            _percent(mean_of(group.recall_at_180)),
        ]
        for group in groups
    ]
    title = f"The whole planner; {MODEL_NAMES[model]}\n{len(groups[-1].mails)} leaders a pace, seed {seed}"
    print_figures(title, GROUP_COLUMNS, rows)


def print_goals(goals: Iterable[Goal]) -> None:
    """One goal a row."""
    rows = [[goal.wanted, goal.measured, "met" if goal.met else "NOT met"] for goal in goals]
    print_figures("Goals", ["goal", "measured", "verdict"], rows)


def _percent(figure: Figure) -> str:
    return f"{100 * figure.value:.1f} ± {figure.error:.1%}"


def _percent_more(ratio: Figure) -> str:
    return f"{100 * (ratio.value - 1):+.1f} ± {ratio.error:.1%}"
