"""One leader as a program sends it, in JSON: read and checked by the rules that hold for a row of leaders.yaml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from config.problems import Problem, errors_among
from config.reading.leader_rows import LEADER_KEYS, Row
from config.reading.passage import KeyPath, Passage
from config.reading.roster import Vocabulary, build_entries
from config.settings import Settings
from models.domain import ItemKind, Programme, RosterEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong or doubtful about a document. `path`: the keys that lead to the value; () is the document."""

    path: KeyPath
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """`entry` is None where there are errors."""

    entry: RosterEntry | None
    errors: tuple[FieldProblem, ...]
    warnings: tuple[FieldProblem, ...]


def read_document(
    value: Mapping[str, object],
    settings: Settings,
    programmes: Mapping[str, Programme],
    *,
    origin: str,
    today: date,
) -> ReadDocument:
    """The document as a roster's entry, with what is wrong and what is doubtful, each by its field.

    `origin` is how messages name where it came from.
    """
    passage, paths = place_fields(value, origin)
    vocabularies = {name: _collect_words(programme) for name, programme in programmes.items()}
    row = Row(value=dict(value), passage=passage)
    entries, problems = build_entries([row], settings, vocabularies, today=today)
    errors = errors_among(problems)
    return ReadDocument(
        entry=entries[0] if entries and not errors else None,
        errors=tuple(_name(problem, paths) for problem in errors),
        warnings=tuple(_name(problem, paths) for problem in problems if problem not in errors),
    )


def place_fields(value: Mapping[str, object], origin: str) -> tuple[Passage, list[KeyPath]]:
    """A passage in which each field has a line of its own, and the path of each line's field, from line 1 on."""
    paths: list[KeyPath] = [(), *((key,) for key in LEADER_KEYS), *_list_paths(value)]
    numbers = {path: (number, 1) for number, path in reversed(list(enumerate(paths, start=1)))}
    return Passage(path=origin, values=numbers, keys=numbers), paths


def _list_paths(value: Mapping[str, object]) -> Iterator[KeyPath]:
    for key, part in value.items():
        yield (key,)
        if isinstance(part, list):
            yield from ((key, place) for place in range(len(cast("list[object]", part))))


def _name(problem: Problem, paths: list[KeyPath]) -> FieldProblem:
    """A problem's line is the number of its field."""
    return FieldProblem(path=paths[problem.line - 1], message=problem.message)


def _collect_words(programme: Programme) -> Vocabulary:
    items: dict[str, ItemKind] = {item.id: item.kind for item in programme.items.values()}
    return Vocabulary(roles=tuple(programme.roles), paces=tuple(programme.paces), items=items)
