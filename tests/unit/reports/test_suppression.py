"""What of a table of answers may be shown: nothing about too few people, nor anything from which that follows.

The proof does not ask the rule how it decided: it looks for every table that would have looked the same, and wants at
least two values for whatever is hidden.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.domain import Answer
from reports.report import SUPPRESSED
from reports.suppression import NO_ANSWERS, AnswerFigures, Hidden, find_hidden, find_releases, tally_answers

Table = dict[str, list[set[str]]]
SMALL = 3


def people(prefix: str, *counts: int) -> list[set[str]]:
    """A row: so many different people behind each cell."""
    return [{f"{prefix}{cell}.{number}" for number in range(count)} for cell, count in enumerate(counts)]


# ---------------------------------------------------------------- told one by one


@pytest.mark.parametrize(
    ("rows", "hidden", "total"),
    [
        ({"a": (5, 5), "b": (6, 7)}, "", False),
        ({"a": (5, 0), "b": (6, 7)}, "", False),  # of nobody it may be said
        ({"a": (0, 0), "b": (6, 7)}, "", False),
        ({"a": (2, 5), "b": (6, 7), "c": (5, 6)}, "ac", False),  # else b and c, taken from the total, give a
        ({"a": (4, 4), "b": (4, 4), "c": (9, 9)}, "ab", False),  # eight people hide one another
        ({"a": (1, 0), "b": (1, 0), "c": (9, 9), "d": (8, 8)}, "abd", False),  # two people do not
        ({"a": (4, 4)}, "a", True),
        ({"a": (5, 1), "b": (5, 0)}, "a", True),  # in all but one answered alike: the total would tell of that one
        ({"a": (5, 1), "b": (5, 2), "c": (9, 9)}, "abc", False),
        ({}, "", False),
    ],
)
def test_rows_that_would_give_others_away_are_hidden_with_them(
    rows: dict[str, tuple[int, ...]], hidden: str, total: bool
) -> None:
    table = {name: people(name, *counts) for name, counts in rows.items()}

    assert find_hidden(table, small_group=5, with_total=True) == Hidden(frozenset(hidden), total)


def test_without_a_total_each_row_stands_for_itself() -> None:
    table = {"a": people("a", 2, 5), "b": people("b", 6, 7), "c": people("c", 5, 6)}

    assert find_hidden(table, small_group=5) == Hidden(frozenset("a"), total=False)


def test_the_same_people_in_two_rows_are_no_more_people() -> None:
    same = people("x", 4, 4)

    assert find_hidden({"a": same, "b": same}, small_group=5, with_total=True) == Hidden(frozenset("ab"), total=True)


# ---------------------------------------------------------------- proved


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Small enough to try every other one: two to four rows of one or two cells, each of up to four of five people."""
    cells = draw(st.integers(1, 2))
    row = st.lists(st.sets(st.sampled_from("vwxyz"), max_size=4), min_size=cells, max_size=cells)
    rows = draw(st.lists(row, min_size=1, max_size=4))
    return {f"row {number}": row for number, row in enumerate(rows)}


def counts_of(table: Table) -> dict[str, list[int]]:
    """The figures: one answer each, so as many as people."""
    return {name: [len(behind) for behind in row] for name, row in table.items()}


def look(counts: Mapping[str, Sequence[int]], hidden: Hidden[str]) -> tuple[object, object]:
    """What somebody sees of these figures."""
    shown = {name: tuple(row) for name, row in counts.items() if name not in hidden.rows}
    total = None if hidden.total else tuple(map(sum, zip(*counts.values(), strict=True)))
    return shown, total


def guess_values(counts: dict[str, list[int]], hidden: Hidden[str], cell: int) -> dict[str, set[int]]:
    """For each hidden figure of a column, the values it has in all columns that look the same."""
    column = {name: [row[cell]] for name, row in counts.items()}
    seen = look(column, hidden)
    unknown = sorted(hidden.rows)
    most = sum(row[0] for row in column.values()) + 1
    values: dict[str, set[int]] = {name: set() for name in [*unknown, *(["total"] if hidden.total else [])]}
    for guess in product(range(most + 1), repeat=len(unknown)):
        other = column | {name: [number] for name, number in zip(unknown, guess, strict=True)}
        if look(other, hidden) == seen:
            for name in unknown:
                values[name].add(other[name][0])
            if hidden.total:
                values["total"].add(sum(row[0] for row in other.values()))
    return values


@settings(deadline=None)
@given(table=tables(), with_total=st.booleans())
def test_no_hidden_figure_can_be_worked_out_from_those_that_are_shown(table: Table, with_total: bool) -> None:
    hidden = find_hidden(table, small_group=SMALL, with_total=with_total)
    assume(hidden.rows)
    if not with_total:
        hidden = Hidden(hidden.rows, total=True)  # there is none to look at
    counts = counts_of(table)
    for cell in range(len(next(iter(table.values())))):
        for name, values in guess_values(counts, hidden, cell).items():
            assert len(values) > 1, f"{name} is {values}"


@given(table=tables(), with_total=st.booleans())
def test_nothing_that_is_shown_is_about_too_few(table: Table, with_total: bool) -> None:
    hidden = find_hidden(table, small_group=SMALL, with_total=with_total)

    def about_enough(rows: list[list[set[str]]]) -> bool:
        """Whether each cell of these rows together has nobody behind it, or enough people."""
        together = [set[str]().union(*cells) for cells in zip(*rows, strict=True)]
        return all(not behind or len(behind) >= SMALL for behind in together)

    assert all(about_enough([row]) for name, row in table.items() if name not in hidden.rows)
    if with_total and not hidden.total:
        assert about_enough(list(table.values()))
        assert about_enough([table[name] for name in hidden.rows])  # the total less all that is shown


@given(table=tables())
def test_what_gives_nobody_away_is_shown(table: Table) -> None:
    hidden = find_hidden(table, small_group=1, with_total=True)

    assert hidden == Hidden(frozenset[str](), total=False)


# ---------------------------------------------------------------- week by week

MONDAYS = [date(2027, 1, 4) + timedelta(days=7 * week) for week in range(5)]
GIVEN = st.lists(
    st.tuples(st.sampled_from(MONDAYS), st.sampled_from("uvwxyz"), st.sampled_from(["using", "nearly", "forgot"])),
    max_size=25,
)
Given = list[tuple[date, str, Answer]]


def look_at(given: Given, turn: date) -> AnswerFigures:
    """The figures as somebody sees them after that turn of a week."""
    tallies = tally_answers((("row", *one) for one in given if one[0] < turn), small_group=SMALL)
    return tallies["row"].figures if tallies else NO_ANSWERS


def numbers(figures: AnswerFigures) -> list[int] | None:
    parts = (figures.using, figures.nearly, figures.forgot)
    return None if SUPPRESSED in parts else [part for part in parts if isinstance(part, int)]


@given(given=GIVEN)
def test_two_looks_subtracted_are_about_nobody_or_enough_people(given: Given) -> None:
    turns = [*MONDAYS[1:], MONDAYS[-1] + timedelta(days=7)]
    for number, earlier in enumerate(turns):
        for later in turns[number:]:
            before, after = numbers(look_at(given, earlier)), numbers(look_at(given, later))
            if before is None or after is None:
                continue
            for answer, was, now in zip(("using", "nearly", "forgot"), before, after, strict=True):
                gained = now - was
                assert gained >= 0
                people = {person for week, person, said in given if said == answer and week < later}
                assert gained == 0 or len(people) >= SMALL


@given(given=GIVEN, turned=st.sampled_from(MONDAYS))
def test_a_figure_is_the_same_all_week_whatever_comes_in(given: Given, turned: date) -> None:
    so_far = [one for one in given if one[0] < turned]
    assert look_at(given, turned) == look_at(so_far, turned)


@given(weeks=st.lists(st.lists(st.sets(st.sampled_from("uvwxyz")), min_size=2, max_size=2), max_size=5))
def test_each_release_is_about_enough_people_in_every_cell_and_is_never_taken_back(weeks: list[list[set[str]]]) -> None:
    table = dict(zip(MONDAYS, weeks, strict=False))
    before = frozenset[date]()
    for number in range(len(table) + 1):
        seen = frozenset(find_releases(dict(list(table.items())[:number]), small_group=SMALL))
        assert before <= seen
        fresh = [table[week] for week in seen - before]
        for people in zip(*fresh, strict=True):
            together = set[str]().union(*people)
            assert not together or len(together) >= SMALL
        before = seen


@settings(deadline=None)
@given(given=GIVEN)
def test_what_waits_cannot_be_worked_out_from_what_is_shown(given: Given) -> None:
    """Any answers may wait in the last week, as far as all that is shown can tell: as many as none, or one of each."""
    last = MONDAYS[-1]
    so_far = [one for one in given if one[0] < last]
    waiting: list[Given] = [
        [],
        [(last, "u", "using")],
        [(last, "u", "nearly")],
        [(last, "v", "forgot"), (last, "u", "using")],
    ]
    if not any(numbers(look_at(so_far, last)) or ()):
        return  # that nothing was answered may be said, and so that something was
    pending = [one for one in so_far if one[0] not in _released(so_far)]
    if pending:
        return  # these may be let go together with the newest
    shown = {str(look_at([*so_far, *more], last + timedelta(days=7))) for more in waiting}
    assert len(shown) == 1


def _released(given: Given) -> dict[date, date]:
    weeks: dict[date, list[set[str]]] = {}
    for week, person, said in given:
        weeks.setdefault(week, [set(), set(), set()])[("using", "nearly", "forgot").index(said)].add(person)
    return find_releases(weeks, small_group=SMALL)
