"""What a leader was sent and what is to come."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from commands.opening import House, open_house
from commands.printing import print_json, print_lines, print_table, write_local
from commands.wiring import CommandError, wiring_of
from models.domain import Enrolment, Plan, Programme, Span
from models.store import read_enrolments, read_sent
from rehearsal.storyboard.diary import write_diary
from reports.plan import ASSUMES, PlanItem, PlanLine, build_plan_document, lay_out
from scheduler.deciding import PlanningError, find_programme, forecast, read_cases


def plan(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The leader's address.")],
    programme: Annotated[str | None, typer.Option(help="Which programme, where the leader takes several.")] = None,
    ics: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write what is to come as a calendar file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """What a leader was sent, and what is to come up to the closing summary, each with its reason."""
    wiring = wiring_of(context)
    with open_house(wiring) as house, house.database.reading() as session:
        enrolment = find_enrolment(session, house, email, programme)
        programmes = house.config.current.programmes
        try:
            taken = find_programme(enrolment, programmes)
            case = read_cases(session, (enrolment,))[enrolment.id]
            ahead = forecast(case, programmes=programmes, now=wiring.clock())
        except PlanningError as error:
            raise CommandError(str(error)) from error
        sent = read_sent(session, (enrolment.id,))
    if ics is not None:
        _write_diary(ics, write_diary(taken, enrolment, ahead.nudges, stamp=wiring.clock()))
    lines = lay_out(sent, ahead)
    if as_json:
        print_json(build_plan_document(enrolment, ahead, lines))
        return
    _print_plan(enrolment, taken, ahead, lines)


def _write_diary(path: Path, octets: bytes) -> None:
    try:
        path.write_bytes(octets)
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror}") from error


def find_enrolments(session: Session, house: House, email: str) -> list[Enrolment]:
    """All enrolments of the leader who has this address now. Raises CommandError where there is none."""
    wanted = email.strip().casefold()
    everybody = read_enrolments(session, tracking=house.config.current.tracking)
    found = [enrolment for enrolment in everybody if enrolment.leader.email.casefold() == wanted]
    if not found:
        raise CommandError(f"nobody with the address {email} is enrolled; run `sync`, or check the address in config")
    return found


def find_enrolment(session: Session, house: House, email: str, programme: str | None) -> Enrolment:
    """The leader's enrolment in a programme; None: the first. Raises CommandError."""
    found = find_enrolments(session, house, email)
    chosen = next((enrolment for enrolment in found if programme in (None, enrolment.programme)), None)
    if chosen is None:
        taken = ", ".join(enrolment.programme for enrolment in found)
        raise CommandError(f"{email} does not take the programme {programme}; known: {taken}")
    return chosen


def _print_plan(enrolment: Enrolment, programme: Programme, ahead: Plan, lines: Sequence[PlanLine]) -> None:
    leader = enrolment.leader
    role = programme.roles[enrolment.role].name
    print_lines(
        [
            f"{leader.name}, {role}, {leader.organisation}: starts {enrolment.start_date:%A %d %B %Y}",
            f"Programme: {programme.name}",
            *(_say_pause(pause) for pause in enrolment.pauses),
        ]
    )
    if enrolment.stopped:
        print_lines([f"Nothing more is sent: {enrolment.stopped}."])
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("Day", justify="right")
    table.add_column("Local time", no_wrap=True)
    table.add_column("State")
    table.add_column("What")
    table.add_column("Why")
    for line in lines:
        what = "\n".join(_say_item(programme, item) for item in line.items)
        table.add_row(str(line.day), write_local(line.slot, leader.time_zone), line.state, what, line.why)
    print_table(table)
    print_lines([f"Not in the plan: {_title(programme, missing.item)}: {missing.why}." for missing in ahead.unplaced])
    print_lines([ASSUMES] if ahead.nudges else [])


def _say_pause(pause: Span) -> str:
    until = "until it is ended; what is left comes after that" if pause.last is None else f"to {pause.last:%d %B %Y}"
    return f"Paused from {pause.first:%d %B %Y} {until}."


def _say_item(programme: Programme, item: PlanItem) -> str:
    title = _title(programme, item.item)
    if item.placed == "prompt":
        return f"? {title} ({item.question})"
    return f"+ {title}" if item.placed == "with" else title


def _title(programme: Programme, item: str) -> str:
    return programme.items[item].title if item in programme.items else item
