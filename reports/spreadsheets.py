"""Records as CSV and XLSX, in which no text can become a formula: names and mail servers' words come from outside."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from reports.records import Field, Records

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST_CELL = 32_000  # characters; a spreadsheet holds 32,767


def write_csv(records: Records, out: IO[str]) -> None:
    """Line by line, as RFC 4180 says. A text that would be taken for a formula gets an apostrophe before it."""
    out.writelines(list_csv_lines(records))


def list_csv_lines(records: Records) -> Iterator[str]:
    """The lines of the same file."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(records.columns)
    for row in records.rows:
        yield writer.writerow([_csv_field(value) for value in row])


class _Echo:
    """A file that gives back what is written into it."""

    def write(self, text: str) -> str:
        return text


def _csv_field(value: Field) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return defuse(value)
    return value


def defuse(text: str) -> str:
    """The text, which no spreadsheet takes for a formula, whatever blanks it drops before it."""
    first = text.lstrip(" \u00a0\ufeff")
    starts = text.startswith(_STARTS_FORMULA) or first.startswith(_STARTS_FORMULA)
    return f"'{text}" if starts else text


def write_xlsx(records: Records, out: IO[bytes]) -> None:
    """One sheet, with its first line held in view. Texts are kept as texts, numbers as numbers, instants in UTC."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(records.title)
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    sheet.append([_text_cell(sheet, title, font=bold) for title in records.columns])
    for row in records.rows:
        sheet.append(list(_xlsx_cells(sheet, row)))
    book.save(out)


def _xlsx_cells(sheet: Any, row: tuple[Field, ...]) -> Iterator[Any]:
    for value in row:
        if isinstance(value, str):
            yield _text_cell(sheet, value)
        elif isinstance(value, datetime):
            yield value.astimezone(UTC).replace(tzinfo=None)
        else:
            yield value


def _text_cell(sheet: Any, text: str, *, font: Font | None = None) -> Any:
    """A cell that holds text and nothing else; without the control characters that the format has no place for."""
    cell = WriteOnlyCell(sheet, value="")
    cell._value = "".join(one for one in text if one >= " " or one in "\n\t")[:_LONGEST_CELL]
    cell.data_type = "s"
    if font is not None:
        cell.font = font
    return cell
