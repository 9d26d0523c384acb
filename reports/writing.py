"""A report written into a file: the same bytes from the command line and from the admin pages."""

import json
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO, Any, Literal

from sqlalchemy.orm import Session

from reports.page import render_page
from reports.records import read_records
from reports.render import build_document
from reports.report import Report, ReportContext
from reports.spreadsheets import list_csv_lines, write_csv, write_xlsx

FileFormat = Literal["csv", "xlsx", "json", "html"]
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # spreadsheets take a file without it for one in an old encoding
_LINES_AT_ONCE = 200


def write_file(
    report: Report[Any], session: Session, context: ReportContext, written_as: FileFormat, file: IO[bytes]
) -> None:
    """All of a report. Raises ReportError."""
    if written_as == "xlsx":
        write_xlsx(read_records(report, session, context), file)
        return
    if written_as == "csv":
        records = read_records(report, session, context)
        file.write(_BYTE_ORDER_MARK)
        text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        write_csv(records, text)
        text.detach()
        return
    value = report.read(session, context)
    written = render_page(report, value, context) if written_as == "html" else write_json(build_document(value))
    file.write(written.encode())


def write_json(document: object) -> str:
    """A JSON document as text."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def stream_csv(report: Report[Any], session: Session, context: ReportContext) -> Iterator[bytes]:
    """The CSV file of a report in portions; of one that streams its rows, no more is in memory than a portion."""
    lines = list_csv_lines(read_records(report, session, context))
    yield _BYTE_ORDER_MARK
    portion: list[str] = []
    for line in lines:
        portion.append(line)
        if len(portion) == _LINES_AT_ONCE:
            yield "".join(portion).encode()
            portion.clear()
    yield "".join(portion).encode()
