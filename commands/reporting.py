"""Reports, as a table for people or as JSON for programs."""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.opening import House, open_house
from commands.printing import PIPE_WIDTH, write_json
from commands.wiring import CommandError, wiring_of
from models.store import get_state
from reports.registry import REPORTS
from reports.render import build_document, render_table
from reports.report import ReportContext
from scheduler.tick import CONFIG_PROBLEMS


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    json = "json"


def _check_name(name: str) -> str:
    if name not in REPORTS:
        raise typer.BadParameter(f"there is no report {name!r}; known: {', '.join(REPORTS)}")
    return name


def report(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=f"Which: {', '.join(REPORTS)}.", callback=_check_name)],
    written_as: Annotated[Format, typer.Option("--format", help="A table for people, or JSON.")] = Format.table,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    out: Annotated[Path | None, typer.Option(help="A file to write it to, in place of standard output.")] = None,
) -> None:
    """A report on leaders, items or delivery."""
    wiring = wiring_of(context)
    with open_house(wiring) as house:
        if as_json or written_as is Format.json:
            text = write_json(read_report(house, name, now=wiring.clock()))
        else:
            text = lay_out_report(house, name, now=wiring.clock())
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{out}: cannot be written: {error.strerror}") from error


def read_report(house: House, name: str, *, now: datetime) -> dict[str, Any]:
    """A report as its JSON document."""
    value, _ = _read(house, name, now=now)
    return build_document(value)


def lay_out_report(house: House, name: str, *, now: datetime) -> str:
    """A report as a table, with a terminal's colours at one."""
    value, context = _read(house, name, now=now)
    return render_table(REPORTS[name], value, context, width=PIPE_WIDTH, styled=sys.stdout.isatty())


def _read(house: House, name: str, *, now: datetime) -> tuple[object, ReportContext]:
    config = house.config.current
    with house.database.reading() as session:
        problems = get_state(session, CONFIG_PROBLEMS) or ""
        context = ReportContext(
            programmes=config.programmes,
            tracking=config.tracking,
            small_group=house.settings.small_group,
            now=now,
            problems=tuple(problems.splitlines()),
        )
        return REPORTS[name].read(session, context), context
