"""The rows of a spreadsheet as wishes for leaders' rows: names joined, dates told apart, roles known by their name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from config.problems import Problem
from config.reading.columns import FIRST_NAME, LAST_NAME, Columns, normalise
from config.reading.leader_rows import Row
from config.reading.leaders_csv import LIST_KEYS, split_list
from config.reading.loose_dates import DayOrder, find_order, read_loose_date, say_both_days
from config.reading.passage import KeyPath, Passage, Position
from config.reading.wording import show
from config.reading.workbooks import Sheet, SheetRow


@dataclass(frozen=True, slots=True)
class Wishes:
    """A row for each leader of the sheet, and what is wrong with cells that could not be told."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_wishes(
    sheet: Sheet, columns: Columns, *, role_names: Mapping[str, str], order: DayOrder | None = None
) -> Wishes:
    """The leaders of a sheet. `role_names`: role id → its name. `order`: how 01/02/2027 is meant, where that is known.

    Without an order, the dates of the column say it when one of them can only be read one way.
    """
    start = columns.places.get("start_date")
    if order is None and start is not None:
        order = find_order(row.cells[start] for row in sheet.rows if start < len(row.cells))
    roles = {normalise(word): role for role, name in role_names.items() for word in (name, role)}
    rows: list[Row] = []
    problems: list[Problem] = []
    read = set(columns.places.values())
    for row in sheet.rows:
        wish = _read_row(sheet.path, row, columns, roles, order)
        found = [problem for problem in row.problems if problem.column - 1 in read]
        date = str(wish.read("start_date") or "")
        both = say_both_days(date)
        if both is not None:
            words = f"start_date: {show(date)} can be {both}; write it like 2027-01-11, or add --dates day-first"
            found.append(wish.passage.problem(words, "start_date"))
        rows.append(_without(wish, found, columns))
        problems += found
    return Wishes(tuple(rows), tuple(problems))


def _without(wish: Row, problems: Sequence[Problem], columns: Columns) -> Row:
    """The wish without the fields whose cells have been complained of."""
    named = tuple(field for field, place in columns.places.items() if place + 1 in {one.column for one in problems})
    value = {key: given for key, given in cast("dict[str, object]", wish.value).items() if key not in named}
    return replace(wish, value=value, named_already=named)


def _read_row(path: str, row: SheetRow, columns: Columns, roles: Mapping[str, str], order: DayOrder | None) -> Row:
    cells = {
        field: row.cells[place]
        for field, place in columns.places.items()
        if place < len(row.cells) and row.cells[place]
    }
    places: dict[KeyPath, Position] = {(): (row.number, 1)}
    places |= {(field,): (row.number, place + 1) for field, place in columns.places.items()}
    first, last = cells.pop(FIRST_NAME, ""), cells.pop(LAST_NAME, "")
    if "name" not in cells and (first or last):
        cells["name"] = f"{first} {last}".strip()
        places[("name",)] = places.get((LAST_NAME,)) or places[(FIRST_NAME,)]
    if "role" in cells:
        cells["role"] = roles.get(normalise(cells["role"]), cells["role"])
    if "start_date" in cells and (day := read_loose_date(cells["start_date"], order=order)):
        cells["start_date"] = day.isoformat()
    value = {field: split_list(text) if field in LIST_KEYS else text for field, text in cells.items()}
    return Row(value=value, passage=Passage(path=path, values=places))
