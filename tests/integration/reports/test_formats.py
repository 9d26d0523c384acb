"""Reports as spreadsheets, charts and pages, from the same rows."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from models.database import Database
from reports.board import BoardFigure
from reports.charts import draw
from reports.page import render_page
from reports.records import Records, build_records, read_records
from reports.registry import REPORTS
from reports.report import Chart, Column, Muted, ReportContext, Share, Sheet
from reports.spreadsheets import defuse, write_csv, write_xlsx
from reports.writing import stream_csv
from tests.integration.reports.stage import build_context
from tests.integration.reports.test_all_reports import add_leaders

NOT_ON_ONE = [name for name, report in REPORTS.items() if report.asks != "email"]
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", '=HYPERLINK("http://example.org","x")']


def records_of(*rows: tuple[Any, ...]) -> Records:
    return Records(title="words", columns=("one", "two"), rows=iter(rows))


def as_csv(records: Records) -> list[list[str]]:
    out = StringIO(newline="")
    write_csv(records, out)
    return list(csv.reader(StringIO(out.getvalue(), newline="")))


def as_xlsx(records: Records) -> Any:
    out = BytesIO()
    write_xlsx(records, out)
    return load_workbook(out).active


# ---------------------------------------------------------------- spreadsheets


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_becomes_a_formula(evil: str) -> None:
    assert as_csv(records_of((evil, -3)))[1] == [f"'{evil}", "-3"]
    cell = as_xlsx(records_of((evil, -3)))["A2"]
    assert cell.data_type in ("s", "inlineStr", "n") and cell.data_type != "f"
    assert as_xlsx(records_of((evil, -3)))["B2"].value == -3


@given(text=st.text(max_size=20))
def test_whatever_the_text_its_field_starts_no_formula(text: str) -> None:
    assert not defuse(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_control_characters_do_not_break_a_spreadsheet() -> None:
    assert as_xlsx(records_of(("Ann\x00\x1b[2J", "x" * 40_000)))["A2"].value == "Ann[2J"


@pytest.mark.parametrize("name", NOT_ON_ONE)
def test_csv_and_xlsx_have_the_fields_of_the_rows(database: Database, name: str) -> None:
    with database.sessions.begin() as session:
        add_leaders(session, 0, 3)
    with database.reading() as session:
        told = as_csv(read_records(REPORTS[name], session, build_context()))
        sheet = as_xlsx(read_records(REPORTS[name], session, build_context()))
    assert len(told) > 1
    assert [cell.value for cell in sheet[1]] == told[0]
    assert sheet.max_row == len(told)
    assert all(len(row) == len(told[0]) for row in told)


def test_rows_are_read_while_they_are_handed_over(database: Database) -> None:
    """However many leaders there are, they are never in memory together."""
    taken: list[int] = []

    def stream_many(session: Session, context: ReportContext) -> Iterator[BoardFigure]:
        for number in range(1000):
            taken.append(number)
            yield BoardFigure(what="one", share=False, month=number, before=None)

    with database.reading() as session:
        portions = stream_csv(replace(REPORTS["leaders"], stream=stream_many), session, build_context())
        assert next(portions) == b"\xef\xbb\xbf"
        assert next(portions).startswith(b"what,share,month,before\r\none,no,0,\r\n")
        assert len(taken) <= 200
        assert len([*portions]) == 5
    assert len(taken) == 1000


def test_the_streamed_leaders_are_those_of_the_report_in_its_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.leaders._AT_ONCE", 2)
    with database.sessions.begin() as session:
        add_leaders(session, 0, 5)
    with database.reading() as session:
        streamed = as_csv(read_records(REPORTS["leaders"], session, build_context()))
        whole = as_csv(build_records(REPORTS["leaders"], REPORTS["leaders"].read(session, build_context())))
    assert streamed == whole
    assert streamed[0][:3] == ["email", "name", "role"]
    assert [row[0] for row in streamed[1:]] == [f"leader.0{number}@example.org" for number in range(5)]


# ---------------------------------------------------------------- charts and pages


CELLS = st.one_of(st.integers(0, 10**6), st.floats(0, 1).map(Share), st.just(Muted("hidden")))


@given(
    rows=st.lists(st.tuples(st.text("abc <&", min_size=1, max_size=6), CELLS, CELLS), max_size=12),
    kind=st.sampled_from(["bars", "lines"]),
)
def test_a_chart_and_its_table_agree(rows: list[Any], kind: Any) -> None:
    columns = (Column("Name"), Column("One", numeric=True), Column("Two", numeric=True))
    sheet = Sheet(title="Words", columns=columns, rows=tuple(rows), chart=Chart(kind, "Name", ("One", "Two")))
    wanted = [
        f"{name}, {column}: {cell}"
        for name, *cells in rows
        for column, cell in zip(("One", "Two"), cells, strict=True)
        if not isinstance(cell, Muted)
    ]
    drawn = draw(sheet)
    told = [unescape(title) for title in re.findall("<title>(.*?)</title>", drawn)]
    assert sorted(told) == sorted(wanted)
    assert not drawn or 'role="img"' in drawn


def test_a_bar_is_as_long_as_its_figure() -> None:
    columns = (Column("Name"), Column("One", numeric=True))
    sheet = Sheet(title="W", columns=columns, rows=(("a", 10), ("b", 5)), chart=Chart("bars", "Name", ("One",)))
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', draw(sheet))]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2)


@pytest.mark.parametrize("name", NOT_ON_ONE)
def test_a_page_needs_nothing_else_and_says_what_the_table_says(database: Database, name: str) -> None:
    with database.sessions.begin() as session:
        add_leaders(session, 0, 6)
    context = build_context(problems=("a <b>problem</b>",))
    with database.reading() as session:
        value = REPORTS[name].read(session, context)
    page = render_page(REPORTS[name], value, context)
    sheet = REPORTS[name].lay_out(value)
    assert "<script" not in page and "src=" not in page and "href=" not in page
    assert "size: A4" in page and 'lang="en-GB"' in page
    assert "a &lt;b&gt;problem&lt;/b&gt;" in page
    assert page.count("<tr>") == sum(len(part.rows) + 1 for part in (sheet, *sheet.more) if part.columns)
