"""Plain values and their places, put together from the events of the YAML parser as they come by.

Aliases, anchors, tags and depth are refused as they appear, before anything is built from them. Only null, true, false
and plain numbers are more than text; dates, times, `yes`, `off` and the like stay what was written.
"""

import re
from dataclasses import dataclass, field
from typing import Protocol, cast

from ruamel.yaml import events as yaml_events

from config.problems import ConfigError, Problem
from config.reading.passage import KeyPath, Passage, Position

MAX_DEPTH = 12

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,30})?")  # 007 stays text: it may be a staff number
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    spelling: word == "true" for word in ("true", "false") for spelling in (word, word.capitalize(), word.upper())
}
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")  # a double-quoted "\0" writes them without their standing in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a YAML text holds. `problems` are those that do not keep the rest from being read."""

    value: object
    passage: Passage
    problems: tuple[Problem, ...] = ()


class _Mark(Protocol):
    line: int
    column: int


class _Event(Protocol):
    """What the untyped library's events carry; which of it is there depends on the kind of event."""

    start_mark: _Mark
    value: str
    style: str | None
    anchor: str | None
    tag: str | None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come by yet."""

    path: KeyPath
    items: list[object] | None = None
    pairs: dict[str, object] = field(default_factory=dict[str, object])
    key: str | None = None

    @property
    def value(self) -> object:
        return self.pairs if self.items is None else self.items


class Builder:
    """Takes events one by one, and then gives the document. `first_line`: the file's line on which the text starts."""

    def __init__(self, path: str, first_line: int) -> None:
        self.path = path
        self.first_line = first_line
        self.root: object = None
        self.documents = 0
        self.open: list[_Open] = []
        self.values: dict[KeyPath, Position] = {}
        self.keys: dict[KeyPath, Position] = {}
        self.problems: list[Problem] = []
        self.last: Position = (first_line, 1)

    def document(self) -> Document:
        self.values.setdefault((), (self.first_line, 1))
        passage = Passage(path=self.path, values=self.values, keys=self.keys)
        return Document(value=self.root, passage=passage, problems=tuple(self.problems))

    def refused(self, position: Position, words: str) -> ConfigError:
        problem = Problem(path=self.path, line=position[0], column=position[1], message=words)
        return ConfigError([*self.problems, problem])

    def take(self, event: object) -> None:
        seen = cast("_Event", event)
        here = (seen.start_mark.line + self.first_line, seen.start_mark.column + 1)
        if isinstance(event, yaml_events.NodeEvent):
            self._refuse_cleverness(seen, here, alias=isinstance(event, yaml_events.AliasEvent))
        match event:
            case yaml_events.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self.refused(here, "a second document starts here; remove the line '---' or '...'")
            case yaml_events.ScalarEvent():
                self._take_scalar(seen.value, here, plain=seen.style is None)
            case yaml_events.SequenceStartEvent():
                self._begin([], here)
            case yaml_events.MappingStartEvent():
                self._begin(None, here)
            case yaml_events.SequenceEndEvent() | yaml_events.MappingEndEvent():
                self.open.pop()
            case _:
                pass

    def _refuse_cleverness(self, seen: _Event, here: Position, *, alias: bool) -> None:
        words = "a value starting with {} is {}, which is not used here; put it in quotes"
        if alias:
            raise self.refused(here, words.format("*", "an alias"))
        if seen.anchor is not None:
            raise self.refused(here, words.format("&", "an anchor"))
        if seen.tag is not None:
            raise self.refused(here, words.format("!", "a tag"))

    def _take_scalar(self, written: str, here: Position, *, plain: bool) -> None:
        if _UNPRINTABLE.search(written):
            raise self.refused(here, "a control character is spelt out here; remove it")
        if self._awaits_key():
            self._take_key(written, here)
        elif plain and not written:
            # An empty value has no place of its own: the parser gives that of whatever follows it.
            self._place(None, self.keys.get(self._next_path(), here))
        else:
            self._place(_resolve(written) if plain else written, here)

    def _awaits_key(self) -> bool:
        return bool(self.open) and self.open[-1].items is None and self.open[-1].key is None

    def _take_key(self, written: str, here: Position) -> None:
        holder = self.open[-1]
        path = (*holder.path, written)
        holder.key = written
        if not written.strip():
            raise self.refused(here, "there is no key before this colon; write 'key: value'")
        if path in self.keys:
            first = self.keys[path]
            words = f"{written} stands here and on line {first[0]}; keep one of the two"
            self.problems.append(Problem(path=self.path, line=here[0], column=here[1], message=words))
        else:
            self.keys[path] = here

    def _begin(self, items: list[object] | None, here: Position) -> None:
        if self._awaits_key():
            raise self.refused(here, "a key is plain text; this one is in brackets or braces, so put it in quotes")
        if len(self.open) >= MAX_DEPTH:
            raise self.refused(here, f"lists and groups are nested more than {MAX_DEPTH} deep; write them flatter")
        opened = _Open(path=self._next_path(), items=items)
        self._place(opened.value, here)
        self.open.append(opened)

    def _next_path(self) -> KeyPath:
        if not self.open:
            return ()
        holder = self.open[-1]
        return (*holder.path, holder.key or "") if holder.items is None else (*holder.path, len(holder.items))

    def _place(self, value: object, here: Position) -> None:
        self.last = here
        path = self._next_path()
        self.values.setdefault(path, here)
        if not self.open:
            self.root = value
        elif (holder := self.open[-1]).items is not None:
            holder.items.append(value)
        else:
            holder.pairs.setdefault(holder.key or "", value)  # of two equal keys the first is read on
            holder.key = None


def _resolve(written: str) -> object:
    if written in _WORDS:
        return _WORDS[written]
    if found := _NUMBER.fullmatch(written):
        return float(written) if found.group(2) else int(written)
    return written
