"""Reports, as a table for people or as JSON for programs."""

import sys
from collections.abc import Mapping
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
from reports.report import ReportContext, ReportError
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
    email: Annotated[str | None, typer.Option(help="For `leader`: the address of the person.")] = None,
    out: Annotated[Path | None, typer.Option(help="A file to write it to, in place of standard output.")] = None,
) -> None:
    """A report on leaders, one leader, items or delivery."""
    wiring = wiring_of(context)
    chosen = {"email": email}
    _check_chosen(name, chosen)
    with open_house(wiring) as house:
        if as_json or written_as is Format.json:
            text = write_json(read_report(house, name, now=wiring.clock(), **chosen))
        else:
            text = lay_out_report(house, name, now=wiring.clock(), **chosen)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{out}: cannot be written: {error.strerror}") from error


def _check_chosen(name: str, chosen: Mapping[str, object]) -> None:
    """What a report asks for must be there, and nothing that it does not ask for."""
    asks = REPORTS[name].asks
    for option, value in chosen.items():
        if option == asks and value is None:
            raise typer.BadParameter(f"the report {name} needs --{option}")
        if option != asks and value is not None:
            raise typer.BadParameter(f"the report {name} takes no --{option}")


def read_report(house: House, name: str, *, now: datetime, email: str | None = None) -> dict[str, Any]:
    """A report as its JSON document."""
    value, _ = _read(house, name, now=now, email=email)
    return build_document(value)


def lay_out_report(house: House, name: str, *, now: datetime, email: str | None = None) -> str:
    """A report as a table, with a terminal's colours at one."""
    value, context = _read(house, name, now=now, email=email)
    return render_table(REPORTS[name], value, context, width=PIPE_WIDTH, styled=sys.stdout.isatty())


def _read(house: House, name: str, *, now: datetime, email: str | None) -> tuple[object, ReportContext]:
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
            email=email,
        )
        try:
            return REPORTS[name].read(session, context), context
        except ReportError as error:
            raise CommandError(str(error)) from error
