"""Which aggregates of answers and recall may be shown: none that tells of fewer people than a small group.

A figure is about the people behind it. One rule, `find_hidden`, says for a table of groups (rows) with the same cells
what may stand in it; every report of answers or recall asks it.

- A row is shown whole or not at all: with the sum and two of its three parts the third is known. It is hidden where a
  cell has somebody behind it, and fewer people than a small group. Zero is about nobody and may stand; so a row may say
  that everybody answered alike, where everybody is a group large enough.
- What is shown changes at the turn of a week alone, and then by enough people: see `find_releases`. So two looks at a
  figure, subtracted, are about enough people, too.
- Where the total of all rows is shown as well, what is hidden is known together: the total less the rows that are
  shown. So that must be about enough people in every cell, or more rows are hidden, those about the fewest people
  first; where even all rows together are too few, the total is hidden instead.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Generic, TypeVar, get_args

from models.domain import Answer
from reports.report import SUPPRESSED, Suppressed

Group = TypeVar("Group")
Number = TypeVar("Number")
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


def find_releases(weeks: Mapping[date, Cells], *, small_group: int) -> dict[date, date]:
    """The weeks of a row that its figures may tell of, each with the week at whose end it was released.

    Week joins week until in every cell nobody stands behind them together, or enough people; then all of these are
    released at once. What is released stays so whatever comes later, so the figures of two looks differ by whole
    releases. The latest weeks wait.
    """
    released: dict[date, date] = {}
    waiting: list[date] = []
    for week in sorted(weeks):
        waiting.append(week)
        together = [set[str]().union(*people) for people in zip(*(weeks[one] for one in waiting), strict=True)]
        if all(not people or len(people) >= small_group for people in together):
            released.update(dict.fromkeys(waiting, week))
            waiting = []
    return released


# ---------------------------------------------------------------- figures by row


def count_answers(
    given: Mapping[Group, Iterable[tuple[date, str, Answer]]], *, small_group: int
) -> dict[Group, AnswerFigures]:
    """The figures of each row's answers, each answer with its week and the key of the person who gave it."""
    figures: dict[Group, AnswerFigures] = {}
    for name, answers in given.items():
        told = list(answers)
        released = release_answers(told, small_group=small_group)
        found = {answer: [person for _, person, said in released if said == answer] for answer in get_args(Answer)}
        figures[name] = _ALL_SUPPRESSED if told and not released else _count(found)
    return figures


def release_answers(given: Iterable[tuple[date, str, Answer]], *, small_group: int) -> list[tuple[date, str, Answer]]:
    """Those of a row's answers that figures may tell of, each with the week at whose end it was released."""
    told = list(given)
    released = _release(((week, answer, person) for week, person, answer in told), get_args(Answer), small_group)
    return [(released[week], person, answer) for week, person, answer in told if week in released]


def _release(entries: Iterable[tuple[date, str, str]], cells: Sequence[str], small_group: int) -> dict[date, date]:
    """The released weeks of (week, cell, person), each with that of its release."""
    weeks: dict[date, list[set[str]]] = {}
    for week, cell, person in entries:
        weeks.setdefault(week, [set() for _ in cells])[cells.index(cell)].add(person)
    return find_releases(weeks, small_group=small_group)


def _count(people: Mapping[Answer, Sequence[str]]) -> AnswerFigures:
    counts = {answer: len(given) for answer, given in people.items()}
    return AnswerFigures(answered=sum(counts.values()), **counts)


def average(
    known: Mapping[Group, Sequence[tuple[date, str, float]]], *, small_group: int
) -> dict[Group, float | Suppressed | None]:
    """The mean of each row to three decimals; None of nobody.

    Each number with the key of the person it is about, and the week since when it is about them.
    """
    means: dict[Group, float | Suppressed | None] = {}
    for name, numbers in known.items():
        told = keep_released(numbers, small_group=small_group)
        means[name] = round(fmean(number for _, number in told), 3) if told else SUPPRESSED if numbers else None
    return means


def keep_released(numbers: Iterable[tuple[date, str, Number]], *, small_group: int) -> list[tuple[str, Number]]:
    """Those about people who have been released, each with their key."""
    told = list(numbers)
    released = _release(((week, "", person) for week, person, _ in told), ("",), small_group)
    return [(person, number) for week, person, number in told if week in released]
