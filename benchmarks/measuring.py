"""How the benchmarks take time and print it."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table


def time_each(*acts: Callable[[], object], rounds: int) -> list[float]:
    """The median seconds of each act, taken in turn A B A B … so that a machine's moods meet all of them."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for act, seconds in zip(acts, taken, strict=True):
            begun = time.perf_counter()
            act()
            seconds.append(time.perf_counter() - begun)
    return [median(seconds) for seconds in taken]


def print_figures(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table with the first column for words and the others for numbers."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=100).print(table)
