"""A report as one HTML page that needs nothing else: no script, no file beside it; it prints on A4."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reports.charts import draw
from reports.report import Cell, Muted, Report, ReportContext, Sheet


def render_page(report: Report[Any], value: object, context: ReportContext) -> str:
    """The page of a report: each table with its chart, if it has one, and its notes."""
    sheet = report.lay_out(value)
    return _template().render(
        title=sheet.title, sheets=[_lay_out(part) for part in (sheet, *sheet.more)], problems=context.problems
    )


def _lay_out(sheet: Sheet) -> dict[str, Any]:
    return {
        "title": sheet.title,
        "columns": [(column.title.replace("-\n", "-").replace("\n", " "), column.numeric) for column in sheet.columns],
        "rows": [
            [_cell(cell, numeric=column.numeric) for cell, column in zip(row, sheet.columns, strict=True)]
            for row in sheet.rows
        ],
        "notes": sheet.notes,
        "chart": draw(sheet),
    }


def _cell(cell: Cell, *, numeric: bool) -> tuple[str, bool, bool]:
    return (cell.text, numeric, True) if isinstance(cell, Muted) else (str(cell), numeric, False)


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True).get_template(
        "report.html"
    )
