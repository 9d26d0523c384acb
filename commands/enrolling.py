"""Config looked at, and enrolments brought in line with it."""

from datetime import datetime
from typing import Annotated

import typer

from commands.opening import House, inspect_config_now, open_house
from commands.printing import print_json, print_lines
from commands.wiring import WRONG_INPUT, CommandError, wiring_of
from config.problems import Problem
from models.erasing import Refusal
from models.roster import RosterError
from reports.effects import effect_row, refusal_row, say_effect
from scheduler.effects import Effect
from scheduler.effects import bring_in_line as find_effects

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def check(
    context: typer.Context,
    links: Annotated[
        bool, typer.Option("--links", help="Ask every web address in the content whether it answers.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read all config and say what is wrong with it: a line each, `path:line:column: what; what to do`."""
    wiring = wiring_of(context)
    inspection, problems = inspect_config_now(wiring)
    asked: list[str] = []
    if links and inspection is not None:
        from commands.addresses import check_links  # it imports a client that nothing else here needs

        found, count = check_links(inspection, local=wiring.asks_local)
        problems += found
        asked = [f"Web addresses asked: {count}."]
    if as_json:
        print_json({"problems": [_problem_row(problem) for problem in problems]})
    else:
        print_lines([*([_say_problem(problem) for problem in problems] or ["All config is in order."]), *asked])
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(WRONG_INPUT)


def sync(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the enrolments in line with config: all of it or, where a row is wrong, nothing."""
    wiring = wiring_of(context)
    with open_house(wiring) as house:
        effects, refusals = _bring_in_line(house, now=wiring.clock(), dry_run=dry_run)
    if as_json:
        changes = [effect_row(effect) for effect in effects]
        print_json({"dry_run": dry_run, "changes": changes, "refused": [refusal_row(one) for one in refusals]})
        return
    programmes = house.config.current.programmes
    lines = [line for effect in effects for line in say_effect(effect, programmes)]
    print_lines([str(refusal) for refusal in refusals])
    print_lines(lines or ["Nothing to change: the enrolments are as config says."])
    if dry_run and effects:
        print_lines(["This was a dry run: nothing has been changed."])


def _bring_in_line(house: House, *, now: datetime, dry_run: bool) -> tuple[list[Effect], tuple[Refusal, ...]]:
    """Every change that config asks for, made unless `dry_run`, and the rows that enrol nobody. Raises CommandError."""
    try:
        return find_effects(
            house.database, house.config.current, pseudonyms=house.erasing.pseudonyms, now=now, dry_run=dry_run
        )
    except RosterError as error:
        raise CommandError(str(error)) from error


def _say_problem(problem: Problem) -> str:
    return str(problem) if problem.severity == "error" else f"{problem} (a warning)"


def _problem_row(problem: Problem) -> dict[str, object]:
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "message": problem.message,
    }
