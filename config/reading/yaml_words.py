"""What the YAML parser complains of, in words for somebody who has never heard of YAML."""

import re
from typing import Protocol, cast

from ruamel.yaml.error import MarkedYAMLError

UNREADABLE = "this cannot be read; compare it with the example in the file, and put unusual values in quotes"
_NO_COLON = "there is no colon after the key on this line; write 'key: value', or the file was saved only in part"
_HALF = "was the file saved only in part?"
_AFTER_QUOTE = "there is text after the closing quote mark; put the whole value in double quotes"
_OPEN_QUOTE = "the quote mark opened here is closed by one of a later line; close it at the end of its own text"

# (what the parser was doing, what it found, at the start of what it was doing?, our words)
_TABLE = (
    ("", r"character '\\t'", False, "a tab stands here; indent and separate with spaces"),
    ("alias", "", False, "a value starting with * is an alias, which is not used here; put it in quotes"),
    ("anchor", "", False, "a value starting with & is an anchor, which is not used here; put it in quotes"),
    ("tag", "", False, "a value starting with ! is a tag, which is not used here; put it in quotes"),
    ("directive", "", False, "a line starting with % has no place here; remove it, or put the value in quotes"),
    ("", "incompatible YAML|%YAML|directive", False, "a line starting with % has no place here; remove it"),
    ("quoted", "end of stream|document separator", True, f"the quote mark opened here is never closed; {_HALF}"),
    ("quoted", "escape|hexadecimal", False, r"a \ inside double quotes has a meaning of its own; use single quotes"),
    ("block scalar", "", False, "after | or > the text starts on the next line, indented with spaces"),
    ("flow sequence", "", True, f"the list opened here with [ is not closed with ]; {_HALF}"),
    (
        "flow mapping",
        "",
        True,
        f"the brace opened here is not closed; put a value that starts with {{ in quotes; {_HALF}",
    ),
    ("flow node", "found ','", False, "a comma too many stands here; remove it"),
    ("flow node", "", False, f"a bracket or brace is not closed here; {_HALF}"),
    ("block node", "", False, "a bracket or comma stands where a value should start; put the value in quotes"),
    ("", "found '<scalar>'", False, _AFTER_QUOTE),
    ("", "<block end>|block mapping start", False, "this line does not line up with those above; indent it like them"),
)


class _Mark(Protocol):
    line: int
    column: int


class _Marked(Protocol):
    """What the untyped library's errors carry."""

    problem: str | None
    context: str | None
    problem_mark: _Mark | None
    context_mark: _Mark | None


def explain_yaml(error: MarkedYAMLError, text: str, *, last: tuple[int, int]) -> tuple[tuple[int, int], str]:
    """Where (line and column from 1, within the text) and what is wrong. `last`: where the last sound value begins."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    marked = cast("_Marked", error)
    problem, context = marked.problem or "", marked.context or ""
    found = _place(marked.problem_mark or marked.context_mark, lines)
    begun = _place(marked.context_mark or marked.problem_mark, lines)
    if "expected ':'" in problem:
        return begun, _explain_missing_colon(lines[begun[0] - 1])
    if "mapping values" in problem:
        return _explain_stray_colon(found, lines)
    for doing, what, at_start, words in _TABLE:
        if doing in context and re.search(what, problem):
            if words == _AFTER_QUOTE and last[0] < found[0]:
                return last, _OPEN_QUOTE
            return (begun if at_start else found), words
    if start := re.search(r"character '(.)'", problem):
        return found, f"a value cannot start with {start.group(1)}; put it in quotes"
    return found, UNREADABLE


def _explain_missing_colon(line: str) -> str:
    if glued := re.match(r"\s*(?:- )?([\w-]+):\S", line):
        return f"a space is missing after the colon; write '{glued.group(1)}: ' and then the value"
    return _NO_COLON


def _explain_stray_colon(found: tuple[int, int], lines: list[str]) -> tuple[tuple[int, int], str]:
    line, column = found
    if ": " in lines[line - 1][: column - 1]:
        return found, "this line holds a second colon; put the value in quotes"
    above = next((number for number in range(line - 1, 0, -1) if lines[number - 1].strip()), line)
    stripped = lines[above - 1].strip()
    if re.match(r"-\w", stripped):
        return (above, _indent_of(lines[above - 1])), "a space is missing after the dash; write '- name: …'"
    if ":" not in stripped and above != line:
        return (above, _indent_of(lines[above - 1])), _NO_COLON
    words = "this line is indented further than the one above; line the keys up under each other"
    return (line, _indent_of(lines[line - 1])), words


def _indent_of(line: str) -> int:
    """The column, from 1, of the first character that is no blank."""
    return len(line) - len(line.lstrip()) + 1


def _place(mark: _Mark | None, lines: list[str]) -> tuple[int, int]:
    """The mark from 1; one past the end moves back to the last line that holds anything."""
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    if line <= len(lines) and lines[line - 1].strip():
        return line, column
    filled = [number for number in range(1, min(line, len(lines)) + 1) if lines[number - 1].strip()]
    return (filled[-1], len(lines[filled[-1] - 1]) + 1) if filled else (1, 1)
