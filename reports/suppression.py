"""Which aggregates of answers and recall may be shown: none that tells of fewer people than a small group.

A figure is about the people behind it. One rule, `find_hidden`, says for a table of groups (rows) with the same cells
what may stand in it; every report of answers or recall asks it.

- A row is shown whole or not at all: with the sum and two of its three parts the third is known. It is hidden where a
  cell has somebody behind it, and fewer people than a small group. Zero is about nobody and may stand; so a row may say
  that everybody answered alike, where everybody is a group large enough.
- Where the total of all rows is shown as well, what is hidden is known together: the total less the rows that are
  shown. So that must be about enough people in every cell, or more rows are hidden, those about the fewest people
  first; where even all rows together are too few, the total is hidden instead.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from statistics import fmean
from typing import Generic, TypeVar, get_args

from models.domain import Answer
from reports.report import SUPPRESSED, Suppressed

Group = TypeVar("Group")
Count = int | Suppressed
Cells = Sequence[Set[str]]  # the people behind each figure of a row


@dataclass(frozen=True, slots=True)
class Hidden(Generic[Group]):
    """What of a table may not be shown."""

    rows: frozenset[Group]
    total: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """How many prompts were answered, and how; all four numbers or none."""

    answered: Count
    using: Count
    nearly: Count
    forgot: Count


_ALL_SUPPRESSED = AnswerFigures(answered=SUPPRESSED, using=SUPPRESSED, nearly=SUPPRESSED, forgot=SUPPRESSED)


# ---------------------------------------------------------------- the rule


def find_hidden(table: Mapping[Group, Cells], *, small_group: int, with_total: bool = False) -> Hidden[Group]:
    """What is to be hidden of a table, so that no figure about too few people is in it or follows from it.

    The rows share nothing but people: each answer is in one row. Of rows about equally many people the first goes.
    """
    small = {name for name, cells in table.items() if any(0 < len(people) < small_group for people in cells)}
    if not small or not with_total:
        return Hidden(frozenset(small), total=False)
    hidden = set(small)
    shown = [name for name in table if name not in small]
    for name in sorted(shown, key=lambda name: _size(table[name])):
        if _is_large([table[one] for one in hidden], small_group):
            break
        hidden.add(name)
    if _is_large([table[one] for one in hidden], small_group):
        return Hidden(frozenset(hidden), total=False)
    return Hidden(frozenset(small), total=True)


def _is_large(rows: Iterable[Cells], small_group: int) -> bool:
    """Whether enough people stand behind each cell of these rows together: a zero would be one in each of them."""
    return all(len(set[str]().union(*people)) >= small_group for people in zip(*rows, strict=True))


def _size(cells: Cells) -> int:
    return len(set[str]().union(*cells))


# ---------------------------------------------------------------- figures by row


def count_answers(
    given: Mapping[Group, Iterable[tuple[str, Answer]]], *, small_group: int
) -> dict[Group, AnswerFigures]:
    """The figures of each row's answers, each answer with the key of the person who gave it."""
    by_answer: dict[Group, dict[Answer, list[str]]] = {}
    for name, answers in given.items():
        by_answer[name] = {answer: [] for answer in get_args(Answer)}
        for person, answer in answers:
            by_answer[name][answer].append(person)
    cells = {name: [set(people) for people in found.values()] for name, found in by_answer.items()}
    hidden = find_hidden(cells, small_group=small_group)
    return {name: _ALL_SUPPRESSED if name in hidden.rows else _count(found) for name, found in by_answer.items()}


def _count(people: Mapping[Answer, Sequence[str]]) -> AnswerFigures:
    counts = {answer: len(given) for answer, given in people.items()}
    return AnswerFigures(answered=sum(counts.values()), **counts)


def average(
    known: Mapping[Group, Sequence[tuple[str, float]]], *, small_group: int
) -> dict[Group, float | Suppressed | None]:
    """The mean of each row to three decimals, each number with the key of the person it is about; None of nobody."""
    cells = {name: [{person for person, _ in numbers}] for name, numbers in known.items()}
    hidden = find_hidden(cells, small_group=small_group)
    return {
        name: SUPPRESSED if name in hidden.rows else round(fmean(n for _, n in numbers), 3) if numbers else None
        for name, numbers in known.items()
    }
