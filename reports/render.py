"""A report's value as the contract's JSON document, and its sheet as a table for a terminal."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any, cast

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from reports.report import Cell, Muted, Report, ReportContext, Sheet, Suppressed

PAGE_WIDTH = 120  # columns


# ---------------------------------------------------------------- for programs


def build_document(value: object) -> dict[str, Any]:
    """The JSON document of a report's value: its fields in order, fit for json.dumps.

    Instants are ISO 8601 in UTC with Z. An object with a suppressed figure, which is null, says "suppressed": true.
    """
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"no report's value: {value!r}")
    found = {field.name: cast(object, getattr(value, field.name)) for field in fields(value)}
    document = {name: _plain(part) for name, part in found.items()}
    return document | {"suppressed": True} if any(isinstance(part, Suppressed) for part in found.values()) else document


def _plain(value: object) -> object:
    if value is None or isinstance(value, Suppressed):
        return None
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in cast(Mapping[object, object], value).items()}
    if isinstance(value, Iterable):
        return [_plain(part) for part in cast(Iterable[object], value)]
    return build_document(value)


# ---------------------------------------------------------------- for people


def render_table(
    report: Report[Any], value: object, context: ReportContext, *, width: int = PAGE_WIDTH, styled: bool = False
) -> str:
    """The table of a report as text, `width` columns wide at most; `styled` with a terminal's colours."""
    console = Console(
        width=width,
        file=StringIO(),
        record=True,
        highlight=False,
        force_terminal=styled,
        color_system="standard" if styled else None,
        legacy_windows=False,
    )
    console.print(build_table(report, value, context))
    lines = console.export_text(styles=styled).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def build_table(report: Report[Any], value: object, context: ReportContext) -> Group:
    """The table of a report for a console, then what is to be read with it."""
    sheet = report.lay_out(value)
    parts: list[Text | Table] = []
    for part in (sheet, *sheet.more):
        parts += [Text(_printable(part.title), style="bold"), *([_table(part)] if part.columns else [])]
        parts += [Text(_printable(note)) for note in part.notes]
    if context.problems:
        parts += [Text("What is wrong with the config:", style="bold")]
        parts += [Text(_printable(problem)) for problem in context.problems]
    return Group(*parts)


def _table(sheet: Sheet) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in sheet.columns:
        justify = "right" if column.numeric else "left"
        table.add_column(column.title, justify=justify, vertical="top", overflow="fold")
    for row in sheet.rows:
        table.add_row(*map(_text, row))
    return table


def _text(cell: Cell) -> Text:
    """Never as markup: names and a mail server's words come from outside."""
    return Text(cell.text, style="dim") if isinstance(cell, Muted) else Text(_printable(str(cell)))


def _printable(text: str) -> str:
    """Without control characters, which could write to the terminal what was never there."""
    return "".join(character if character.isprintable() else " " for character in text)
