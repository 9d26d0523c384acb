"""A spreadsheet that somebody uploads: carried from page to page by the pages themselves, its columns told by hand."""

import base64
import binascii
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from config.problems import Problem
from config.reading.columns import FIELDS, FIRST_NAME, LAST_NAME, LEFT_OUT, Columns, normalise
from config.reading.workbooks import Sheet
from web.admin.starter_form import LABELS

FILE_LIMIT_BYTES = 512 * 1024
ROWS_LIMIT = 2_000
UNPACKED_LIMIT_BYTES = 16 * 1024 * 1024
_SHOWN_ROWS = 3
NAMES: Mapping[str, str] = {
    **LABELS,
    FIRST_NAME: "First name",
    LAST_NAME: "Last name",
    "skip": "Items to leave out",
    "status": "Status",
}
_ON_THE_PAGE = (  # what messages advise on the command line, and where it is on the page
    ("add --dates day-first", "say below which comes first"),
    ("add --encoding windows-1252", "choose Windows-1252 below"),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was chosen."""

    name: str
    content: bytes

    def pack(self) -> str:
        """The content for a hidden field."""
        return base64.urlsafe_b64encode(self.content).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """One column: its heading, what it holds in the first rows, and what it is read as ("": nothing)."""

    heading: str
    sample: str
    field: str


def clean_name(name: str) -> str:
    """The name of a file without folders, as it may stand in messages."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable())[-80:] or "the file"


def unpack(name: str, packed: str) -> Upload | None:
    """The file that a page carried; None where it is none."""
    try:
        content = base64.b64decode(packed.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return Upload(clean_name(name), content) if content and len(content) <= FILE_LIMIT_BYTES else None


def list_choices(sheet: Sheet, columns: Columns) -> tuple[ColumnChoice, ...]:
    """Every column with a heading, as it would be read."""
    fields = {place: field for field, place in columns.places.items()}
    return tuple(
        ColumnChoice(
            heading=heading,
            sample=", ".join(
                row.cells[place] for row in sheet.rows[:_SHOWN_ROWS] if place < len(row.cells) and row.cells[place]
            ),
            field=fields.get(place, LEFT_OUT),
        )
        for place, heading in enumerate(sheet.header.cells)
        if normalise(heading)
    )


def tell_columns(sheet: Sheet, chosen: Sequence[str]) -> dict[str, str]:
    """What was chosen for the columns with a heading, in their order: heading → field, or LEFT_OUT."""
    headings = [normalise(heading) for heading in sheet.header.cells if normalise(heading)]
    return {heading: field if field in FIELDS else LEFT_OUT for heading, field in zip(headings, chosen, strict=False)}


def say_problem(problem: Problem, file: str) -> str:
    """`Row 3: …`, with the advice for a page."""
    if problem.path != file:
        return str(problem)
    return f"Row {problem.line}: {_say(problem)}" if problem.line else f"{file}: {_say(problem)}"


def say_problems(problems: Sequence[Problem], file: str) -> list[str]:
    """A line for each row, with all that is wrong there; what is wrong elsewhere comes first."""
    elsewhere = [say_problem(problem, file) for problem in problems if problem.path != file or not problem.line]
    by_row: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        if problem.path == file and problem.line:
            by_row[problem.line].append(_say(problem))
    return elsewhere + [f"Row {number}: {'; '.join(words)}" for number, words in sorted(by_row.items())]


def _say(problem: Problem) -> str:
    words = problem.message
    for there, here in _ON_THE_PAGE:
        words = words.replace(there, here)
    return words
