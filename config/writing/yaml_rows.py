"""Rows of a leaders.yaml added, changed and taken out as text: every byte that is not meant stays as it was.

The places come from the marks of ruamel.yaml's parser. What was written is read back with our own reader, and given out
only where it says what was meant.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from ruamel.yaml import YAML

from config.problems import ConfigError
from config.reading.passage import Passage
from config.reading.positions import read_yaml
from config.writing.yaml_values import Value, as_read, write_value

_DEEPEST = 200  # characters by which a dash is moved in at most
_BY_HAND = "change this file by hand"


class _Mark(Protocol):
    index: int
    line: int
    column: int


class _Node(Protocol):
    """A node of the untyped library: its value is text, a list of nodes, or a list of pairs of nodes."""

    id: str
    value: object
    flow_style: bool | None
    start_mark: _Mark
    end_mark: _Mark


@dataclass(frozen=True, slots=True)
class _Edit:
    """The text from `start` to `end` replaced."""

    start: int
    end: int
    words: str


def add_rows(text: str, rows: Sequence[Mapping[str, Value]], *, path: str) -> str:
    """The text with these leaders after the last one. Raises ConfigError where that cannot be done safely."""
    meant = [*_read_values(text, path), *({key: as_read(value) for key, value in row.items()} for row in rows)]
    root = _compose(text)
    dash = "- "
    if root is not None and root.id == "sequence":
        if not root.flow_style:
            dash = " " * root.start_mark.column + "- "
        elif root.value:
            words = f"the leaders stand in one pair of brackets; write each as lines beginning with '- ', or {_BY_HAND}"
            raise _refused(path, root, words)
        else:
            text = text[: root.start_mark.index] + text[root.end_mark.index :]
    newline = _newline_of(text)
    if text and not text.endswith("\n"):
        text += newline
    for row in rows:
        lines = [f"{key}: {write_value(value)}" for key, value in row.items()]
        text += "".join(f"{' ' * len(dash) if place else dash}{line}{newline}" for place, line in enumerate(lines))
    return _proved(text, meant, path)


def change_rows(text: str, changes: Mapping[int, Mapping[str, Value | None]], *, path: str) -> str:
    """The text with these keys of rows (counted from 0) changed, or taken out (None). Raises ConfigError."""
    meant = _read_values(text, path)
    nodes = _rows_of(_compose(text))
    edits: list[_Edit] = []
    for place, wanted in changes.items():
        edits += _change_row(text, nodes[place], wanted, path=path)
        row = {**cast("Mapping[str, object]", meant[place]), **{key: as_read(value) for key, value in wanted.items()}}
        meant[place] = {key: value for key, value in row.items() if wanted.get(key, "") is not None}
    return _proved(_apply(text, edits), meant, path)


def _change_row(text: str, node: _Node, wanted: Mapping[str, Value | None], *, path: str) -> Iterator[_Edit]:
    pairs = cast("list[tuple[_Node, _Node]]", node.value)
    places = {cast("str", key.value): at for at, (key, _) in enumerate(pairs)}
    added: dict[str, Value] = {}
    for key, value in wanted.items():
        if value is None:
            if key in places:
                yield _take_out(text, node, pairs, places[key])
        elif key in places:
            yield _replace(text, *pairs[places[key]], value, path=path)
        else:
            added[key] = value
    if added:
        yield _append(text, node, pairs, added)


def remove_rows(text: str, places: Collection[int], *, path: str) -> str:
    """The text without the lines of these rows (counted from 0); comments around them stay. Raises ConfigError."""
    meant = _read_values(text, path)
    root = _compose(text)
    nodes = _rows_of(root)
    if places and cast("_Node", root).flow_style:
        raise _refused(path, cast("_Node", root), f"the leaders stand in one pair of brackets; {_BY_HAND}")
    edits: list[_Edit] = []
    for place in places:
        start = _line_start(text, nodes[place].start_mark.index)
        while text[start : start + _DEEPEST].lstrip(" ")[:1] != "-":  # a dash on a line of its own
            start = _line_start(text, start - 1)
        edits.append(_Edit(start, _line_end(text, _end_of(nodes[place])), ""))
    meant = [row for place, row in enumerate(meant) if place not in places]
    return _proved(_apply(text, edits), meant, path)


# ---------------------------------------------------------------- reading


def _compose(text: str) -> _Node | None:
    return cast("_Node | None", cast("_Composer", YAML(typ="safe", pure=True)).compose(text))


class _Composer(Protocol):
    def compose(self, stream: str) -> object: ...


def _rows_of(root: _Node | None) -> list[_Node]:
    return [] if root is None else cast("list[_Node]", root.value)


def _read_values(text: str, path: str) -> list[object]:
    """The rows as values. Raises ConfigError where the text cannot be read, or is no list."""
    document = read_yaml(text, path=path)
    if document.problems:
        raise ConfigError(document.problems)
    value = document.value
    if value is None:
        return []
    if isinstance(value, list):
        return cast("list[object]", value)
    raise ConfigError([document.passage.problem(f"the leaders should be a list; {_BY_HAND}")])


def _proved(text: str, meant: list[object], path: str) -> str:
    """The text, if it reads as it is meant."""
    try:
        found = _read_values(text, path)
    except ConfigError:
        found = None
    if found != meant:
        words = f"this file is laid out in a way that cannot be changed safely; {_BY_HAND}"
        raise ConfigError([Passage(path=path).problem_at((0, 0), words)])
    return text


def _refused(path: str, node: _Node, words: str) -> ConfigError:
    place = (node.start_mark.line + 1, node.start_mark.column + 1)
    return ConfigError([Passage(path=path).problem_at(place, words)])


# ---------------------------------------------------------------- places


def _end_of(node: _Node) -> int:
    """Where the last character of a node's own text ends: a block's mark stands where the next one begins."""
    if node.id == "scalar" or node.flow_style:
        return node.end_mark.index
    if node.id == "sequence":
        return _end_of(cast("list[_Node]", node.value)[-1])
    key, value = cast("list[tuple[_Node, _Node]]", node.value)[-1]
    return max(key.end_mark.index, _end_of(value)) if value.start_mark.index != value.end_mark.index else _colon(key)


def _colon(key: _Node) -> int:
    return key.end_mark.index + 1


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, max(index, 0)) + 1


def _line_end(text: str, index: int) -> int:
    """Behind the line's end; a block of text ends with its own."""
    if index and text[index - 1] == "\n":
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _newline_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _apply(text: str, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.words + text[edit.end :]
    return text


def _replace(text: str, key: _Node, value: _Node, new: Value, *, path: str) -> _Edit:
    written = write_value(new)
    if value.start_mark.index == value.end_mark.index:  # nothing stood there
        return _Edit(_colon(key), _colon(key), f" {written}")
    if value.id == "scalar" and text[value.start_mark.index] in "|>":
        end = value.end_mark.index
        return _Edit(value.start_mark.index, end, written + _newline_of(text))
    if value.id == "scalar" or value.flow_style:
        return _Edit(value.start_mark.index, value.end_mark.index, written)
    end = _end_of(value)
    if re.search(r"\s#", text[value.start_mark.index : end]):
        raise _refused(path, value, f"a comment stands inside this list; {_BY_HAND}")
    comment = text[_colon(key) : value.start_mark.index].rstrip()  # behind the key
    return _Edit(_colon(key), end, f" {written}{comment}")


def _append(text: str, row: _Node, pairs: Sequence[tuple[_Node, _Node]], added: Mapping[str, Value]) -> _Edit:
    words = [f"{key}: {write_value(value)}" for key, value in added.items()]
    if row.flow_style:
        end = _end_of(pairs[-1][1])
        return _Edit(end, end, "".join(f", {line}" for line in words))
    end = _line_end(text, _end_of(row))
    newline = _newline_of(text)
    before = "" if text[:end].endswith("\n") else newline
    indent = " " * pairs[0][0].start_mark.column
    return _Edit(end, end, before + "".join(f"{indent}{line}{newline}" for line in words))


def _take_out(text: str, row: _Node, pairs: Sequence[tuple[_Node, _Node]], place: int) -> _Edit:
    key, value = pairs[place]
    if row.flow_style and place:
        return _Edit(_end_of(pairs[place - 1][1]), _end_of(value), "")
    if place == 0:  # the next key takes its place behind the dash or the brace
        return _Edit(key.start_mark.index, pairs[1][0].start_mark.index, "")
    empty = value.start_mark.index == value.end_mark.index
    end = _line_end(text, _colon(key) if empty else _end_of(value))
    return _Edit(_line_start(text, key.start_mark.index), end, "")
