"""Where the keys and values of a stretch of a file stand, so that a problem can point at them."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from config.problems import Problem, Severity

Key = str | int
KeyPath = tuple[Key, ...]
Position = tuple[int, int]  # line, column; both from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a file: where its keys and values stand. `prefix` leads from the file's root to the stretch."""

    path: str
    values: Mapping[KeyPath, Position] = field(default_factory=dict[KeyPath, Position])
    keys: Mapping[KeyPath, Position] = field(default_factory=dict[KeyPath, Position])
    prefix: KeyPath = ()

    def under(self, *keys: Key) -> "Passage":
        """The stretch below these keys."""
        return replace(self, prefix=(*self.prefix, *keys))

    def knows(self, *keys: Key) -> bool:
        """Whether a value stands there."""
        return (*self.prefix, *keys) in self.values

    def at(self, *keys: Key) -> Position:
        """Where the value stands; where it does not exist, the nearest value around it."""
        path = (*self.prefix, *keys)
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def at_key(self, *keys: Key) -> Position:
        """Where the key itself stands."""
        return self.keys.get((*self.prefix, *keys)) or self.at(*keys)

    def problem(self, message: str, *keys: Key, severity: Severity = "error") -> Problem:
        """A problem with the value below these keys."""
        return self.problem_at(self.at(*keys), message, severity=severity)

    def problem_at(self, position: Position, message: str, *, severity: Severity = "error") -> Problem:
        """A problem at a place of this file."""
        return Problem(path=self.path, line=position[0], column=position[1], message=message, severity=severity)


class Places:
    """Where the characters of a text stand in its file, when it stands there as it is from the line of `start` on."""

    def __init__(self, text: str, start: Position) -> None:
        self._first_line = start[0]
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def at(self, offset: int) -> Position:
        line = bisect_right(self._line_starts, offset) - 1
        return self._first_line + line, offset - self._line_starts[line] + 1
