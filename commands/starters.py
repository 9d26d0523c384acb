"""A leader enrolled, changed, or taken back again from the command line."""

from datetime import datetime
from typing import Annotated, cast

import typer

from commands.opening import House, open_house
from commands.printing import print_json, print_lines
from commands.proposing import (
    foresee,
    inspect_now,
    proposal_row,
    save,
    say_foreseen,
    say_wanted,
)
from commands.terminal import ask, confirm, is_terminal
from commands.wiring import CommandError, Wiring, wiring_of
from config.load import Inspection, find_config_dir
from config.problems import ConfigError
from config.proposals import Proposal, propose_leaders
from config.reading.leader_rows import REQUIRED_KEYS, Row
from config.reading.loose_dates import read_loose_date
from config.reading.passage import Passage
from config.writing.yaml_values import Value
from models.savings import name_added
from scheduler.enrolling import Foreseen
from scheduler.undoing import TooLateError, foresee_undo, undo

_QUESTIONS = {
    "name": "Name, first name first",
    "role": "Role ({roles})",
    "organisation": "Organisation",
    "start_date": "First day in post, like 2027-01-11",
}
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Text = str | None
Texts = list[str] | None


def enrol(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The leader's address.")],
    name: Annotated[Text, typer.Option(help="First name first.")] = None,
    role: Annotated[Text, typer.Option(help="The id of a role of the programme.")] = None,
    organisation: Annotated[Text, typer.Option(help="As it calls itself.")] = None,
    start: Annotated[Text, typer.Option(metavar="DATE", help="The first day in post.")] = None,
    identity: Annotated[Text, typer.Option("--id", help="A staff number, if the address may change.")] = None,
    formerly: Annotated[Texts, typer.Option(metavar="EMAIL", help="An earlier address; may be repeated.")] = None,
    programme: Annotated[Texts, typer.Option(help="A programme to take; may be repeated.")] = None,
    cohort: Annotated[Text, typer.Option(help="For reports.")] = None,
    time_zone: Annotated[Text, typer.Option(help="Like Europe/London.")] = None,
    holidays: Annotated[Text, typer.Option(help="Public holidays: GB-ENG, GB-WLS, …")] = None,
    working_day: Annotated[Texts, typer.Option(help="A day on which mail comes: mon; may be repeated.")] = None,
    send_at: Annotated[Text, typer.Option(help="The local time of mail, like 08:30.")] = None,
    pace: Annotated[Text, typer.Option(help="light, standard or full.")] = None,
    skip: Annotated[Texts, typer.Option(metavar="ITEM", help="An item to leave out; may be repeated.")] = None,
    away: Annotated[Texts, typer.Option(metavar="DAYS", help="Like 2027-02-15..2027-02-19; may be repeated.")] = None,
    assistant_reads: Annotated[
        bool | None, typer.Option(help="Whether somebody else opens this leader's mail.")
    ] = None,
    status: Annotated[Text, typer.Option(help="active, paused or withdrawn.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the leader back out, before the first mail.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    as_json: Json = False,
) -> None:
    """Write a leader into leaders.yaml, or change their row; show the first four mails, and enrol them."""
    wiring = wiring_of(context)
    given: dict[str, Value | None] = {
        "name": name,
        "role": role,
        "organisation": organisation,
        "start_date": start,
        "id": identity,
        "formerly": formerly,
        "programmes": programme,
        "cohort": cohort,
        "time_zone": time_zone,
        "holidays": holidays,
        "working_days": working_day,
        "send_at": send_at,
        "pace": pace,
        "skip": skip,
        "away": away,
        "assistant_reads": assistant_reads,
        "status": status,
    }
    row = {"email": email.strip(), **{key: value for key, value in given.items() if value not in (None, [])}}
    if undo:
        if len(row) > 1:
            raise typer.BadParameter("--undo goes with the address alone")
        _undo(wiring, email, dry_run=dry_run, yes=yes, as_json=as_json)
        return
    inspection = inspect_now(wiring)
    with open_house(wiring) as house:
        now = wiring.clock()
        proposal = _propose(row, inspection, wiring)
        foreseen = foresee(house, proposal, now=now)
        if not as_json:
            print_lines([say_wanted(wanted) for wanted in proposal.wanted])
            print_lines([f"{warning} (a warning)" for warning in proposal.warnings])
            print_lines(list(say_foreseen(house, foreseen, now=now)))
        written = proposal.draft.changes and not dry_run
        if written:
            confirm(f"Write this into {proposal.draft.path}?", yes=yes or as_json)
            foreseen = save(house, wiring, proposal)
        _end(house, proposal, foreseen, written=written, as_json=as_json, now=now)


def _propose(row: dict[str, Value], inspection: Inspection, wiring: Wiring) -> Proposal:
    """What comes of the row, missing keys asked for where somebody can be asked. Raises CommandError."""
    try:
        inspection.config()
        _ask_missing(row, inspection)
        wish = Row(value=row, passage=Passage(path="enrol"))
        return propose_leaders([wish], inspection, find_config_dir(wiring.environ), today=wiring.clock().date())
    except ConfigError as error:
        raise CommandError(str(error)) from error


def _ask_missing(row: dict[str, Value], inspection: Inspection) -> None:
    """Asks at a terminal for what a new leader's row needs; of one who is known nothing is missing."""
    names = {str(word).lower() for word in (row["email"], row.get("id"), *cast("list[str]", row.get("formerly", [])))}
    known = {
        word.lower()
        for entries in inspection.roster.values()
        for entry in entries
        for word in (entry.leader.key, entry.leader.email)
    }
    missing = [key for key in REQUIRED_KEYS if key not in row]
    if missing and is_terminal() and not names & known:
        programme = next(iter(inspection.config().programmes.values()))
        for key in missing:
            row[key] = ask(_QUESTIONS[key].format(roles=", ".join(programme.roles)))
    if isinstance(start := row.get("start_date"), str) and (day := read_loose_date(start)):
        row["start_date"] = day.isoformat()


def _end(house: House, proposal: Proposal, foreseen: Foreseen, *, written: bool, as_json: bool, now: datetime) -> None:
    if as_json:
        print_json(proposal_row(house, proposal, foreseen, written=written, now=now))
    elif written:
        print_lines([f"Written into {proposal.draft.path}, and in force."])
    elif proposal.draft.changes:
        print_lines(["This was a dry run: nothing has been changed."])
    else:
        print_lines([f"Nothing to change: {proposal.draft.path} says so already."])


def _undo(wiring: Wiring, email: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Takes a leader out of file and database, as long as no mail has left. Raises CommandError."""
    inspect_now(wiring)
    with open_house(wiring) as house:
        try:
            proposal = foresee_undo(house.registry, [email])
            name, address = next(((one.name, one.email) for one in proposal.wanted), (email, email))
            if not dry_run:
                confirm(f"Take {name} ({address}) out of {proposal.draft.path}?", yes=yes or as_json)
                undo(house.registry, [name_added(email)], account=None, now=wiring.clock())
        except TooLateError as error:
            raise CommandError(f"{error}; to end it: python main.py enrol {email} --status withdrawn") from error
        except ConfigError as error:
            raise CommandError(str(error)) from error
    if as_json:
        print_json({"file": str(proposal.draft.path), "written": not dry_run, "taken_back": address})
    elif dry_run:
        print_lines([f"{name} would be taken back.", "This was a dry run: nothing has been changed."])
    else:
        print_lines([f"{name} is taken back: no row, no enrolment, and no mail has left."])
