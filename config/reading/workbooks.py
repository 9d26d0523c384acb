"""Rows of a spreadsheet, CSV or Excel workbook, as text with the place of every cell. Nothing in it is ever run."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from config.problems import ConfigError, Problem
from config.reading.leader_rows import LEADERS_LIMIT_BYTES
from config.reading.leaders_csv import split_lines
from config.reading.passage import Passage
from config.reading.text import MEBIBYTE, decode_text
from config.reading.wording import show

_UNPACKED_LIMIT_BYTES = 64 * MEBIBYTE
_ROWS_LIMIT, _COLUMNS_LIMIT = 20_000, 200
_CODE_PAGE = ("windows-1252", "cp1252")
_CUT_SHORT = "this file cannot be read as an Excel workbook; was it saved or copied only in part?"
_FORMULA_SIGNS = ("=", "+", "@")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row and the line on which it stands; cells without content are ""."""

    number: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...] = ()  # of cells whose content cannot be told; these are "" too


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first row that holds anything, and those below it. `problems` are warnings about the whole."""

    path: str
    header: SheetRow
    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a spreadsheet may be."""

    rows: int = _ROWS_LIMIT
    unpacked_bytes: int = _UNPACKED_LIMIT_BYTES


def read_sheet(path: Path, *, encoding: str | None = None) -> Sheet:
    """The first sheet of a workbook, or a CSV with commas, semicolons or tabs. Raises ConfigError."""
    return parse_sheet(_read(path, Passage(path=str(path))), path, encoding=encoding)


def parse_sheet(raw: bytes, path: Path, *, encoding: str | None = None, limits: Limits | None = None) -> Sheet:
    """As read_sheet, of a file that was read before. Raises ConfigError."""
    file = Passage(path=str(path))
    limits = limits or Limits()
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        rows, problems = _read_workbook(raw, file, limits), ()
    elif path.suffix.lower() == ".csv":
        text = _decode(raw, path, file, encoding)
        rows, problems = _read_csv(text, file, limits), _doubt_end(text, file)
    else:
        raise _refused(file, "this is neither .csv nor .xlsx; save it as one of the two")
    full = [row for row in rows if any(row.cells) or row.problems]
    if not full:
        raise _refused(file, "this file holds no rows; is it the right file?")
    return Sheet(str(path), full[0], tuple(full[1:]), problems)


def _read(path: Path, file: Passage) -> bytes:
    try:
        with path.open("rb") as opened:
            raw = opened.read(LEADERS_LIMIT_BYTES + 1)
    except OSError as error:
        raise _refused(file, f"this file cannot be read ({error.strerror}); check its name") from error
    if len(raw) > LEADERS_LIMIT_BYTES:
        raise _refused(file, f"this file is larger than {LEADERS_LIMIT_BYTES // MEBIBYTE} MiB; is it the right file?")
    return raw


# ---------------------------------------------------------------- CSV


def _decode(raw: bytes, path: Path, file: Passage, encoding: str | None) -> str:
    if encoding is None or encoding.lower() in ("utf-8", "utf8"):
        try:
            return decode_text(raw, path)
        except ConfigError as error:
            if "Windows-1252" not in str(error):
                raise
            (problem,) = error.problems
            words = f"{problem.message}; or, if all names come out right that way, add --encoding windows-1252"
            raise ConfigError([file.problem_at((problem.line, problem.column), words)]) from error
    if encoding.lower() not in _CODE_PAGE:
        raise _refused(file, f"{show(encoding)} is no encoding known here; use utf-8 or windows-1252")
    try:
        return decode_text(raw.decode("cp1252").encode(), path)
    except UnicodeDecodeError as error:
        raise _refused(file, "this file is not in Windows-1252 either; save it as 'CSV UTF-8'") from error


def _read_csv(text: str, file: Passage, limits: Limits) -> Iterator[SheetRow]:
    lines = text.splitlines()
    if lines and (sign := lines[0].strip().lower()) in ("sep=;", "sep=,", "sep=\t"):
        delimiter, text = sign[-1], text.replace(lines[0], "", 1)
    else:
        first = next((line for line in lines if line.strip()), "")
        delimiter = max((",", ";", "\t"), key=first.count)
    for number, line in enumerate(split_lines(text, file, delimiter=delimiter), start=1):
        if number > limits.rows:
            raise _refused(file, f"this sheet has more than {limits.rows} rows; is it the right file?")
        yield _check_row(file, line.number, [cell.strip() for cell in line.cells])


def _doubt_end(text: str, file: Passage) -> tuple[Problem, ...]:
    if not text or text.endswith(("\n", "\r")):
        return ()
    words = "the last line does not end; was the file saved or copied only in part?"
    return (file.problem_at((len(text.splitlines()), 1), words, severity="warning"),)


def _check_row(file: Passage, number: int, cells: list[str]) -> SheetRow:
    """The row, without cells that a spreadsheet would take for a formula."""
    problems: list[Problem] = []
    for column, cell in enumerate(cells):
        if cell.startswith(_FORMULA_SIGNS):
            words = f"a formula stands in this cell, {show(cell)}, and is not run; paste its value instead"
            problems.append(file.problem_at((number, column + 1), words))
            cells[column] = ""
    return SheetRow(number, tuple(cells), tuple(problems))


# ---------------------------------------------------------------- workbooks


def _read_workbook(raw: bytes, file: Passage, limits: Limits) -> Iterator[SheetRow]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > limits.unpacked_bytes:
            limit = limits.unpacked_bytes // MEBIBYTE
            raise _refused(file, f"this workbook unpacks to more than {limit} MiB; is it the right file?")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            for number, cells in enumerate(sheet.iter_rows(max_col=_COLUMNS_LIMIT), start=1):
                if number > limits.rows:
                    raise _refused(file, f"this sheet has more than {limits.rows} rows; is it the right file?")
                yield _read_cells(file, number, cells)
        finally:
            book.close()
    except (zipfile.BadZipFile, zlib.error, ParseError, KeyError, IndexError, ValueError, EOFError, OSError) as error:
        raise _refused(file, _CUT_SHORT) from error


def _read_cells(file: Passage, number: int, cells: Iterable[object]) -> SheetRow:
    texts: list[str] = []
    problems: list[Problem] = []
    for column, cell in enumerate(cells, start=1):
        kind, value = getattr(cell, "data_type", "n"), getattr(cell, "value", None)
        if kind == "f":
            words = "a formula stands in this cell and is not run; copy it, and paste it back as a value"
        elif kind == "e":
            words = f"an error stands in this cell, {show(value)}; put the value there"
        else:
            texts.append(_write_cell(value))
            continue
        texts.append("")
        problems.append(file.problem_at((number, column), words))
    row = _check_row(file, number, texts)
    return SheetRow(number, row.cells, (*problems, *row.problems))


def _write_cell(value: object) -> str:
    """The value as a person would type it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()


def _refused(file: Passage, words: str) -> ConfigError:
    return ConfigError([file.problem_at((0, 0), words)])
