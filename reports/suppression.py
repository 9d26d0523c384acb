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

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, get_args

from models.domain import Answer
from reports.report import SUPPRESSED, Suppressed

Group = TypeVar("Group")
Number = TypeVar("Number")
Person = TypeVar("Person", bound=Hashable)
Count = int | Suppressed
Cells = Sequence[Set[Any]]  # the people behind each figure of a row


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
    return all(len(set[Any]().union(*people)) >= small_group for people in zip(*rows, strict=True))


def _size(cells: Cells) -> int:
    return len(set[Any]().union(*cells))


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
        together = [set[Any]().union(*people) for people in zip(*(weeks[one] for one in waiting), strict=True)]
        if all(not people or len(people) >= small_group for people in together):
            released.update(dict.fromkeys(waiting, week))
            waiting = []
    return released


class Crowd:
    """The people behind the cells of weeks, and no more of each than it takes to know whether they are enough."""

    def __init__(self, cells: Sequence[str], *, small_group: int) -> None:
        self._cells, self._small_group = cells, small_group
        self._weeks: dict[date, list[set[Hashable]]] = {}

    def add(self, week: date, cell: str, person: Hashable) -> None:
        """Somebody behind that cell of that week."""
        if week not in self._weeks:
            self._weeks[week] = [set() for _ in self._cells]
        people = self._weeks[week][self._cells.index(cell)]
        if len(people) < self._small_group:
            people.add(person)

    def release(self) -> dict[date, date]:
        """The weeks that may be told of, each with the week of its release: see `find_releases`."""
        return find_releases(self._weeks, small_group=self._small_group)


# ---------------------------------------------------------------- figures by row


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTally:
    """The figures of a row's answers, and how many of each kind were released with each week."""

    figures: AnswerFigures
    released: Mapping[date, Mapping[Answer, int]]


NO_ANSWERS = AnswerFigures(answered=0, using=0, nearly=0, forgot=0)


def tally_answers(given: Iterable[tuple[Group, date, str, Answer]], *, small_group: int) -> dict[Group, AnswerTally]:
    """The answers of each row, each given with its week and the key of the person who gave it; read once."""
    answers = get_args(Answer)
    crowds: dict[Group, Crowd] = {}
    counts: dict[Group, Counter[tuple[date, Answer]]] = {}
    for name, week, person, answer in given:
        if name not in crowds:
            crowds[name], counts[name] = Crowd(answers, small_group=small_group), Counter()
        crowds[name].add(week, answer, person)
        counts[name][week, answer] += 1
    return {name: _sum_up(counts[name], crowd.release()) for name, crowd in crowds.items()}


def _sum_up(counts: Mapping[tuple[date, Answer], int], releases: Mapping[date, date]) -> AnswerTally:
    released: dict[date, Counter[Answer]] = {}
    for (week, answer), number in counts.items():
        if week in releases:
            released.setdefault(releases[week], Counter())[answer] += number
    if not released:
        return AnswerTally(figures=_ALL_SUPPRESSED, released={})
    whole = sum(released.values(), Counter[Answer]())
    figures = AnswerFigures(
        answered=whole.total(), using=whole["using"], nearly=whole["nearly"], forgot=whole["forgot"]
    )
    return AnswerTally(figures=figures, released=released)


def keep_released(numbers: Iterable[tuple[date, Person, Number]], *, small_group: int) -> list[tuple[Person, Number]]:
    """Those about people who have been released, each with their key, and given with the week since when they count."""
    told = list(numbers)
    crowd = Crowd(("",), small_group=small_group)
    for week, person, _ in told:
        crowd.add(week, "", person)
    released = crowd.release()
    return [(person, number) for week, person, number in told if week in released]
