"""Leaders from a CSV file, as a spreadsheet saves it, with the line and the column's number of every cell."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.problems import ConfigError, Problem
from config.reading.leader_rows import LEADER_KEYS, LEADERS_LIMIT_BYTES, REQUIRED_KEYS, Row
from config.reading.passage import KeyPath, Passage, Position
from config.reading.text import read_text
from config.reading.wording import show, suggest

LIST_KEYS = ("formerly", "programmes", "working_days", "skip", "away")
_SAVE_AS = "save it as 'CSV UTF-8 (comma delimited)'"


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One record of the file and the line on which it begins."""

    number: int
    cells: list[str]


def read_csv_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    """The rows of a leaders.csv, empty lines left out. Raises ConfigError where the file cannot be read at all."""
    text = read_text(path, limit_bytes=LEADERS_LIMIT_BYTES)
    file = Passage(path=str(path))
    _refuse_other_delimiters(text, file)
    lines = [line for line in split_lines(text, file) if any(cell.strip() for cell in line.cells)]
    if not lines:
        return [], []
    header, *records = lines
    columns, problems = _read_header(header, file)
    absent = tuple(key for key in REQUIRED_KEYS if key not in columns)
    rows: list[Row] = []
    for record in records:
        rows.append(_read_record(record, columns, file, absent=absent))
        problems += _refuse_nameless_cells(record, header, file)
    return rows, problems


def _refuse_other_delimiters(text: str, file: Passage) -> None:
    first = next((line for line in text.splitlines() if line.strip()), "")
    number = text.splitlines().index(first) + 1 if first else 1
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if first.count(sign) > first.count(",") or re.fullmatch(f"sep={sign}", first.strip(), re.IGNORECASE):
            raise ConfigError([file.problem_at((number, 1), f"this CSV uses {name}; {_SAVE_AS}")])


def split_lines(text: str, file: Passage, *, delimiter: str = ",") -> Iterator[CsvLine]:
    """The records of a CSV. Raises ConfigError where a quote mark is missing or too many."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            yield CsvLine(begins, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            words = 'a quote mark (") opened in this row is never closed; close it, or the file was saved only in part'
        elif "field limit" in str(error):
            words = "a cell of this row is far too long; is a quote mark missing?"
        else:
            words = f"a quote mark stands inside a cell of this row; {_SAVE_AS}, which doubles it"
        raise ConfigError([file.problem_at((begins, 1), words)]) from error


def _read_header(header: CsvLine, file: Passage) -> tuple[dict[str, int], list[Problem]]:
    """Which column (from 0) holds which key, and what is wrong with the header."""
    columns: dict[str, int] = {}
    problems: list[Problem] = []
    for index, cell in enumerate(header.cells):
        key = re.sub(r"[\s-]+", "_", cell.strip().lower())
        place = (header.number, index + 1)
        if not key:
            continue
        if key not in LEADER_KEYS:
            words = f"{show(cell.strip())} is not a column known here; {suggest(key, LEADER_KEYS)}"
            problems.append(file.problem_at(place, words))
        elif key in columns:
            words = f"the column {key} stands here and in column {columns[key] + 1}; keep one of the two"
            problems.append(file.problem_at(place, words))
        else:
            columns[key] = index
    missing = [key for key in REQUIRED_KEYS if key not in columns]
    start = (header.number, 1)
    problems += [file.problem_at(start, f"the column {key} is missing; add it to this line") for key in missing]
    return columns, problems


def _read_record(record: CsvLine, columns: dict[str, int], file: Passage, *, absent: tuple[str, ...]) -> Row:
    value: dict[str, object] = {}
    places: dict[KeyPath, Position] = {(): (record.number, 1)}
    for key, index in columns.items():
        places[(key,)] = (record.number, index + 1)
        cell = record.cells[index].strip() if index < len(record.cells) else ""
        if cell:
            value[key] = split_list(cell) if key in LIST_KEYS else cell
    return Row(value=value, passage=Passage(path=file.path, values=places), named_already=absent)


def _refuse_nameless_cells(record: CsvLine, header: CsvLine, file: Passage) -> list[Problem]:
    names = [cell.strip() for cell in header.cells]
    for index, cell in enumerate(record.cells):
        if not cell.strip() or (index < len(names) and names[index]):
            continue
        if index < len(names):
            words = f"{show(cell)} stands in a column without a name; name the column in the header, or clear the cell"
        else:
            words = "this row has more cells than the header; put a value that holds a comma in double quotes"
        return [file.problem_at((record.number, index + 1), words)]
    return []


def split_list(cell: str) -> list[str]:
    return [part for part in re.split(r"[;,\s]+", re.sub(r"\s*\.\.\s*", "..", cell)) if part]
