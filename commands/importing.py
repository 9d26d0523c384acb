"""Leaders brought in from a spreadsheet: its columns found, all of it shown, then all of it written, or none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.opening import House, open_house
from commands.printing import print_json, print_lines
from commands.proposing import (
    count_wanted,
    foresee,
    inspect_now,
    proposal_row,
    save,
    say_foreseen,
    say_wanted,
)
from commands.terminal import ask, confirm, is_terminal
from commands.wiring import CommandError, wiring_of
from config.load import find_config_dir
from config.problems import ConfigError
from config.proposals import Proposal, propose_leaders
from config.reading.columns import Columns, find_columns, normalise, read_mapping
from config.reading.imported import read_wishes
from config.reading.workbooks import Sheet, read_sheet
from config.remembering import recall_columns, remember_columns


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A spreadsheet: .csv or .xlsx.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar='"COLUMN=FIELD"', help="What a column holds; may be repeated."),
    ] = None,
    dates: Annotated[
        Literal["day-first", "month-first"] | None, typer.Option(help="How a date like 01/02/2027 is meant.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV: utf-8 or windows-1252.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Write the leaders of a spreadsheet into leaders.yaml, all of them or none, and enrol them."""
    wiring = wiring_of(context)
    inspection = inspect_now(wiring)
    with open_house(wiring) as house:
        now = wiring.clock()
        try:
            sheet = read_sheet(file, encoding=encoding)
            told = _tell_columns(sheet, mapping or [])
            columns = _find_columns(house, sheet, told)
            role_names = {
                role.id: role.name
                for programme in inspection.config().programmes.values()
                for role in programme.roles.values()
            }
            wishes = read_wishes(sheet, columns, role_names=role_names, order=dates)
            proposal = propose_leaders(
                wishes.rows,
                inspection,
                find_config_dir(wiring.environ),
                today=now.date(),
                found_before=[*sheet.problems, *wishes.problems],
            )
        except ConfigError as error:
            rows = len(
                {(problem.path, problem.line) for problem in error.errors if problem.path == str(file) and problem.line}
            )
            ending = f"\nNothing has been written: {rows} row{' is' if rows == 1 else 's are'} wrong." if rows else ""
            raise CommandError(f"{error}{ending}") from error
        foreseen = foresee(house, proposal, now=now)
        if not as_json:
            print_lines([*_say_columns(sheet, columns), *_say_proposal(proposal)])
            print_lines(list(say_foreseen(house, foreseen, now=now)))
        written = proposal.draft.changes and not dry_run
        if written:
            confirm(f"Write this into {proposal.draft.path}?", yes=yes or as_json)
            foreseen = save(house, wiring, proposal)
            remember_columns(house.settings.data, told)
    if as_json:
        document = proposal_row(house, proposal, foreseen, written=written, now=now)
        print_json({**document, "columns": {sheet.header.cells[at]: key for key, at in columns.places.items()}})
    elif written:
        print_lines([f"Written into {proposal.draft.path}, and in force."])
    elif proposal.draft.changes:
        print_lines(["This was a dry run: nothing has been changed."])
    else:
        print_lines([f"Nothing to change: {proposal.draft.path} says so already."])


# ---------------------------------------------------------------- columns


def _tell_columns(sheet: Sheet, pairs: list[str]) -> dict[str, str]:
    try:
        return read_mapping(pairs, sheet.header)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--map") from None


def _find_columns(house: House, sheet: Sheet, told: dict[str, str]) -> Columns:
    """The columns; at a terminal it is asked which ones hold what is missing, and `told` grows. Raises ConfigError."""
    remembered = recall_columns(house.settings.data)
    columns = find_columns(sheet.header, sheet.path, {**remembered, **told})
    if columns.problems:
        raise ConfigError(columns.problems)
    headings = {normalise(heading): heading for heading in columns.ignored}
    for key in columns.missing if is_terminal() and headings else ():
        answer = normalise(ask(f"Which column holds {key}? ({', '.join(headings.values())}, or none)"))
        if answer in headings:
            told[answer] = key
            del headings[answer]
    return find_columns(sheet.header, sheet.path, {**remembered, **told})


# ---------------------------------------------------------------- shown


def _say_columns(sheet: Sheet, columns: Columns) -> Iterator[str]:
    pairs = ", ".join(f"{sheet.header.cells[place]} → {field}" for field, place in columns.places.items())
    yield f"Columns: {pairs}"
    if columns.ignored:
        yield f'Columns that are not read: {", ".join(columns.ignored)} (to read one: --map "Column=field")'


def _say_proposal(proposal: Proposal) -> Iterator[str]:
    counts = count_wanted(proposal.wanted)
    yield f"Leaders: {', '.join(f'{number} {what}' for what, number in counts.items())}"
    yield from (say_wanted(wanted) for wanted in proposal.wanted if wanted.what == "changed")
    yield from (f"{warning} (a warning)" for warning in proposal.warnings)
