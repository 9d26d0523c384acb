"""What leaders ask HR to put right: listed, and granted or declined with one command."""

from typing import Annotated

import typer

from commands.opening import House, open_house
from commands.planning import find_enrolment
from commands.printing import print_json, print_lines, write_instant
from commands.proposing import foresee, say_foreseen
from commands.terminal import confirm
from commands.wiring import CommandError, Wiring, wiring_of
from config.problems import ConfigError
from models.corrections import Correction, read_pending
from models.domain import Enrolment
from models.store import read_enrolments
from scheduler import granting
from scheduler.correcting import list_asked
from scheduler.enrolling import NotInForceError


def corrections(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The leader whose request is to be settled.")] = None,
    decline: Annotated[bool, typer.Option("--decline", help="Leave everything as it is.")] = False,
    programme: Annotated[str | None, typer.Option(help="Which programme, where the leader takes several.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """What leaders ask HR to put right; with an address, that request is granted: in leaders.yaml, and in force."""
    wiring = wiring_of(context)
    with open_house(wiring) as house:
        if email is None:
            _list(house, as_json=as_json)
            return
        with house.database.reading() as session:
            enrolment = find_enrolment(session, house, email, programme)
            correction = read_pending(session, enrolment)
        if correction is None:
            raise CommandError(f"{enrolment.leader.name} asks for nothing; without an address all requests are listed")
        asks = _list_asked(house, enrolment, correction)
        if not decline:
            _grant(house, wiring, enrolment, correction, dry_run=dry_run, yes=yes or as_json, quiet=as_json)
        elif not dry_run:
            confirm(f"Decline what {enrolment.leader.name} asks for ({'; '.join(asks)})?", yes=yes or as_json)
        if decline and not dry_run:
            granting.decline(house.registry, enrolment, correction, account=None, now=wiring.clock())
    outcome = "declined" if decline else "granted"
    if as_json:
        print_json({"leader": enrolment.leader.email, "asks": list(asks), "outcome": outcome, "dry_run": dry_run})
    elif dry_run:
        print_lines(["This was a dry run: nothing has been changed."])
    else:
        print_lines([f"{enrolment.leader.name}: {outcome}. {'; '.join(asks)}. The leader is told by mail."])


def _list(house: House, *, as_json: bool) -> None:
    with house.database.reading() as session:
        enrolments = read_enrolments(session, tracking=house.config.current.tracking)
        pending = [(one, found) for one in enrolments if (found := read_pending(session, one)) is not None]
    if as_json:
        rows = [
            {
                "email": enrolment.leader.email,
                "programme": enrolment.programme,
                "asked_at": write_instant(correction.at),
                "role": correction.role,
                "start_date": None if correction.start_date is None else correction.start_date.isoformat(),
            }
            for enrolment, correction in pending
        ]
        print_json({"rows": rows})
        return
    lines = [
        f"{enrolment.leader.name} ({enrolment.leader.email}, {enrolment.programme}), {correction.at:%Y-%m-%d}: "
        + "; ".join(_list_asked(house, enrolment, correction))
        for enrolment, correction in pending
    ]
    print_lines(lines or ["Nobody asks for a correction."])


def _list_asked(house: House, enrolment: Enrolment, correction: Correction) -> tuple[str, ...]:
    return list_asked(correction, enrolment, house.config.current.programmes.get(enrolment.programme))


def _grant(
    house: House,
    wiring: Wiring,
    enrolment: Enrolment,
    correction: Correction,
    *,
    dry_run: bool,
    yes: bool,
    quiet: bool,
) -> None:
    """Writes the row and brings it into force. Raises CommandError."""
    now = wiring.clock()
    try:
        proposal = granting.foresee_grant(house.registry, enrolment, correction, now=now)
        foreseen = foresee(house, proposal, now=now)
        if not quiet:
            print_lines(list(say_foreseen(house, foreseen, now=now)))
        if not dry_run:
            confirm(f"Write this into {proposal.draft.path}?", yes=yes)
            granting.grant(house.registry, enrolment, correction, account=None, now=now)
    except (ConfigError, NotInForceError) as error:
        raise CommandError(str(error)) from error
