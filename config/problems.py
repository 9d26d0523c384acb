"""What is wrong with the config, said so that the person who wrote it can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to put right. Lines and columns count from 1; line 0 means the whole file, or no file at all."""

    path: str
    line: int
    column: int
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}" if self.line else f"{self.path}: {self.message}"


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order of files, lines and columns."""
    return tuple(sorted(problems, key=lambda p: (p.path, p.line, p.column, p.severity, p.message)))


def errors_among(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that forbid using the config."""
    return tuple(problem for problem in problems if problem.severity == "error")


class ConfigError(Exception):
    """The config cannot be used. `problems` holds all of them, sorted, warnings included."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sort_problems(problems)
        super().__init__("\n".join(str(problem) for problem in self.errors))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those that stand in the way, without the warnings."""
        return errors_among(self.problems)
