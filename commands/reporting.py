"""Reports, as a table or a page for people, as a spreadsheet, or as JSON for programs."""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any, TextIO, TypeVar

import typer
from sqlalchemy.orm import Session

from commands.opening import House, open_house
from commands.printing import PIPE_WIDTH, write_json
from commands.wiring import CommandError, wiring_of
from models.standing_problems import CONFIG_PROBLEMS
from models.store import get_state
from reports.kept import bring_up_to_date
from reports.page import render_page
from reports.records import read_records
from reports.registry import REPORTS
from reports.render import build_document, render_table
from reports.report import ReportContext, ReportError
from reports.spreadsheets import write_csv
from reports.writing import write_file

Value = TypeVar("Value")


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"


def _check_name(name: str) -> str:
    if name not in REPORTS:
        raise typer.BadParameter(f"there is no report {name!r}; known: {', '.join(REPORTS)}")
    return name


def report(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=f"Which: {', '.join(REPORTS)}.", callback=_check_name)],
    written_as: Annotated[Format, typer.Option("--format", help="A table for people, or a form for programs.")] = (
        Format.table
    ),
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    email: Annotated[str | None, typer.Option(help="For `leader`: the address of the person.")] = None,
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], metavar="YYYY-MM", help="For `board`: the month.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A file to write it to, in place of standard output.")] = None,
) -> None:
    """A report on leaders, one leader, cohorts, items, delivery or learning, or for a board."""
    wiring = wiring_of(context)
    written_as = Format.json if as_json else written_as
    chosen = {"email": email, "month": None if month is None else month.date()}
    _check_chosen(name, chosen)
    if written_as is Format.xlsx and out is None:
        raise typer.BadParameter("a spreadsheet is no text for a terminal, name a file with --out")
    with open_house(wiring) as house:
        if out is None:
            _write(house, name, written_as, sys.stdout, now=wiring.clock(), **chosen)
        else:
            with _replacing(out) as file:
                _write_file(house, name, written_as, file, now=wiring.clock(), **chosen)


@contextmanager
def _replacing(path: Path) -> Generator[IO[bytes]]:
    """A file that takes the place of that one once it is whole, and leaves nothing behind when it is not."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _write_file(house: House, name: str, written_as: Format, file: IO[bytes], *, now: datetime, **chosen: Any) -> None:
    if written_as is Format.table:
        file.write(lay_out_report(house, name, now=now, **chosen).encode())
        return
    with _reading(house, now=now, **chosen) as (session, context):
        _ask(lambda: write_file(REPORTS[name], session, context, written_as.value, file))


def _write(house: House, name: str, written_as: Format, out: TextIO, *, now: datetime, **chosen: Any) -> None:
    if written_as is Format.json:
        out.write(write_json(read_report(house, name, now=now, **chosen)))
    elif written_as is Format.table:
        out.write(lay_out_report(house, name, now=now, **chosen))
    else:
        with _reading(house, now=now, **chosen) as (session, context):
            if written_as is Format.html:
                value = _ask(lambda: REPORTS[name].read(session, context))
                out.write(render_page(REPORTS[name], value, context))
            else:
                write_csv(_ask(lambda: read_records(REPORTS[name], session, context)), out)


def _check_chosen(name: str, chosen: Mapping[str, object]) -> None:
    """What a report asks for must be there, and nothing that it does not ask for."""
    asks = REPORTS[name].asks
    for option, value in chosen.items():
        if option == asks and value is None:
            raise typer.BadParameter(f"the report {name} needs --{option}")
        if option != asks and value is not None:
            raise typer.BadParameter(f"the report {name} takes no --{option}")


def read_report(house: House, name: str, *, now: datetime, **chosen: Any) -> dict[str, Any]:
    """A report as its JSON document."""
    with _reading(house, now=now, **chosen) as (session, context):
        return build_document(_ask(lambda: REPORTS[name].read(session, context)))


def lay_out_report(house: House, name: str, *, now: datetime, **chosen: Any) -> str:
    """A report as a table, with a terminal's colours at one."""
    with _reading(house, now=now, **chosen) as (session, context):
        value = _ask(lambda: REPORTS[name].read(session, context))
        return render_table(REPORTS[name], value, context, width=PIPE_WIDTH, styled=sys.stdout.isatty())


@contextmanager
def _reading(house: House, *, now: datetime, **chosen: Any) -> Generator[tuple[Session, ReportContext]]:
    """What a report is read from, with the rows that are kept for it up to date."""
    config = house.config.current
    with house.database.reading() as session:
        problems = get_state(session, CONFIG_PROBLEMS) or ""
    context = ReportContext(
        programmes=config.programmes,
        tracking=config.tracking,
        small_group=house.settings.small_group,
        now=now,
        problems=tuple(problems.splitlines()),
        answers_visible=house.settings.answers_visible_to_admins,
        **chosen,
    )
    bring_up_to_date(house.database, context)
    with house.database.reading() as session:
        yield session, context


def _ask(read: Callable[[], Value]) -> Value:
    try:
        return read()
    except ReportError as error:
        raise CommandError(str(error)) from error
