"""How well the spacing makes leaders remember: the product's choice of questions in a simulated trial, beside others.

`make bench-spacing` runs all of it; ARGS="--leaders 200" is a quick look. Everything the trial takes for granted stands
in benchmarks/trial/assumptions.py. The figures are of simulated memories: they compare rules, and promise nothing.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from ast import literal_eval
from collections.abc import Sequence
from pathlib import Path

from benchmarks.trial.cells import DRIP, FIXED, MODELS, ORACLE, OURS, Cell, run_cell
from benchmarks.trial.chart import draw_chart
from benchmarks.trial.goals import judge
from benchmarks.trial.printing import print_cell, print_goals, print_groups
from benchmarks.trial.whole import run_paces
from config.load import load_programme
from scheduler import memory
from scheduler.assumptions import ITEM_GAP_DAYS

QUICK = ("--leaders", "200")
LEADERS_A_COPY = 400  # of the trial, for each copy of a role and start in the table of the whole planner
WHOLE_MODELS = ("fsrs", "actr")
READ_EACH_TIME = (
    "ANSWER_LIKELIHOOD",
    "OPEN_SIGNAL",
    "READ_IF_OPENED",
    "READ_UNCLICKED",
    "READ_UNSEEN",
    "SILENCE_AFTER_DAYS",
)


def run(arguments: Sequence[str] = QUICK) -> None:
    """Prints a table for each memory model and number of prompts, the goals, and the whole planner's tables."""
    options = _read(arguments)
    for name, value in options.assume:
        setattr(memory, name, value)
    cells = [_run(options, model, prompts) for model in options.models for prompts in options.prompts]
    print_goals(judge(cells))
    if options.chart:
        options.chart.write_text(draw_chart(cells[0], seed=options.seed, leaders=options.leaders), encoding="utf-8")
    if options.trial_only:
        return
    programme = load_programme(Path(__file__).parents[1] / "config" / "first-100-days")
    copies = max(options.leaders // LEADERS_A_COPY, 1)
    for model in WHOLE_MODELS:
        if model in options.models:
            print_groups(model, run_paces(programme, model, seed=options.seed, copies=copies), seed=options.seed)


def _run(options: Namespace, model: str, prompts: int) -> Cell:
    cell = run_cell(
        model,
        prompts=prompts,
        seed=options.seed,
        leaders=options.leaders,
        tracked=not options.untracked,
        gap_days=options.gap,
        only=(DRIP, FIXED, OURS, ORACLE) if options.brief else (),
    )
    print_cell(cell, seed=options.seed)
    return cell


def _read(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="make bench-spacing ARGS=...", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of everything random (1)")
    parser.add_argument("--leaders", type=_several, default=2000, help="in each cell (2000)")
    parser.add_argument("--prompts", type=int, nargs="+", choices=range(1, 6), default=[1, 2], help="a mail (1 2)")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS), help="of memory (all)")
    parser.add_argument("--untracked", action="store_true", help="no open and no click is seen")
    parser.add_argument("--gap", type=float, default=ITEM_GAP_DAYS, help="days between appearances of an item (5)")
    parser.add_argument(
        "--brief", action="store_true", help="of the rules, only no questions, fixed, ours and the oracle"
    )
    parser.add_argument("--trial-only", action="store_true", help="leave the whole planner out")
    parser.add_argument("--chart", type=Path, help="write a chart of the first model and number of prompts here")
    parser.add_argument(
        "--assume",
        type=_assumption,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="let the product take something else for granted, READ_UNSEEN=0.6 say; tune on a seed of its own",
    )
    return parser.parse_args(arguments)


def _several(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise ArgumentTypeError(f"a standard error takes two leaders at least, not {text}")
    return int(text)


def _assumption(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    if name not in READ_EACH_TIME:
        raise ArgumentTypeError(f"{name} cannot be changed here; these can: {', '.join(READ_EACH_TIME)}")
    try:
        return name, literal_eval(value)
    except (SyntaxError, ValueError) as error:
        raise ArgumentTypeError(f"{value} is no Python value") from error
