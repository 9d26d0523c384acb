"""How commands print: one JSON document on standard output, or text and tables for people."""

import sys

from rich.console import Console
from rich.table import Table

from reports.plan import write_instant, write_local
from reports.writing import write_json

__all__ = ["print_json", "print_lines", "print_table", "write_instant", "write_json", "write_local"]

PIPE_WIDTH = 120  # columns, where no terminal says how many it has


def print_json(document: object) -> None:
    """One JSON document and nothing else."""
    sys.stdout.write(write_json(document))


def print_lines(lines: list[str]) -> None:
    """Plain lines, as they are."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def print_table(table: Table) -> None:
    """A table as wide as the terminal, or as a page where there is none."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    Console(width=width, highlight=False).print(table)
