"""Config looked at, and enrolments brought in line with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from commands.opening import House, open_house, read_problems
from commands.printing import print_json, print_lines, write_instant, write_local
from commands.wiring import WRONG_INPUT, CommandError, wiring_of
from config.problems import Problem
from models.domain import Enrolment, PlannedNudge, Programme
from models.roster import Change, RosterError, sync_rosters
from models.store import read_enrolments
from scheduler.deciding import PlanningError, decide, read_cases
from scheduler.planning import next_nudge

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A change of an enrolment, and the mail that comes next, if any does."""

    change: Change
    enrolment: Enrolment | None
    next_mail: PlannedNudge | None


def check(context: typer.Context, as_json: Json = False) -> None:
    """Read all config and say what is wrong with it: a line each, `path:line:column: what; what to do`."""
    problems = read_problems(wiring_of(context))
    if as_json:
        print_json({"problems": [_problem_row(problem) for problem in problems]})
    else:
        print_lines([_say_problem(problem) for problem in problems] or ["All config is in order."])
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
        effects = bring_in_line(house, now=wiring.clock(), dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, "changes": [_effect_row(effect) for effect in effects]})
        return
    print_lines(
        [_say_effect(effect) for effect in effects] or ["Nothing to change: the enrolments are as config says."]
    )
    if dry_run and effects:
        print_lines(["This was a dry run: nothing has been changed."])


def bring_in_line(house: House, *, now: datetime, dry_run: bool) -> list[Effect]:
    """Every change that config asks for, made unless `dry_run`. Raises CommandError, with nothing changed."""
    config = house.config.current
    with house.database.sessions() as session, session.begin() as transaction:
        try:
            changes = sync_rosters(session, config.roster, now=now)
        except RosterError as error:
            raise CommandError(str(error)) from error
        enrolments = {
            enrolment.id: enrolment
            for enrolment in read_enrolments(
                session, tracking=config.tracking, ids={change.enrolment_id for change in changes}
            )
        }
        coming = _read_next_mails(session, enrolments, config.programmes, now=now)
        if dry_run:
            transaction.rollback()
    return [
        Effect(
            change=change,
            enrolment=enrolments.get(change.enrolment_id),
            next_mail=coming.get(change.enrolment_id),
        )
        for change in changes
    ]


def _read_next_mails(
    session: Session, enrolments: Mapping[int, Enrolment], programmes: Mapping[str, Programme], *, now: datetime
) -> dict[int, PlannedNudge]:
    coming: dict[int, PlannedNudge] = {}
    for enrolment_id, case in read_cases(session, tuple(enrolments.values())).items():
        try:
            nudge = decide(next_nudge, case, programmes=programmes, now=now)
        except PlanningError:
            continue
        if nudge is not None:
            coming[enrolment_id] = nudge
    return coming


def _say_effect(effect: Effect) -> str:
    change = effect.change
    line = f"{change.name} ({change.programme}): {change.what.replace('_', ' ')}, {change.detail}"
    if effect.next_mail is None or effect.enrolment is None:
        return f"{line}. No mail is to come."
    local = write_local(effect.next_mail.slot, effect.enrolment.leader.time_zone)
    which = "The first mail" if change.what == "enrolled" else "The next mail"
    return f"{line}. {which} leaves {local}."


def _effect_row(effect: Effect) -> dict[str, object]:
    change = effect.change
    return {
        "leader": change.leader_key,
        "name": change.name,
        "programme": change.programme,
        "what": change.what,
        "detail": change.detail,
        "next_mail": None if effect.next_mail is None else write_instant(effect.next_mail.slot),
    }


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
