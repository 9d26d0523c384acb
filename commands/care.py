"""Care of an installation: what is kept for speed, made anew from what is on record."""

from typing import Annotated

import typer

from commands.opening import open_house
from commands.planning import find_enrolments
from commands.printing import print_json, print_lines
from commands.wiring import wiring_of
from scheduler.remembering import replay as replay_memories


def replay(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The leader's address; everybody without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Work out afresh, from what was sent and what came back, what leaders are believed to remember.

    What is kept knows by itself when it no longer holds; this brings everything up to date at once.
    """
    with open_house(wiring_of(context)) as house:
        only = None
        if email is not None:
            with house.database.reading() as session:
                only = [enrolment.id for enrolment in find_enrolments(session, house, email)]
        done = replay_memories(house.database, only=only)
    if as_json:
        print_json({"enrolments": done.enrolments, "changed": done.changed})
        return
    print_lines([f"Enrolments worked out anew: {done.enrolments}. Kept otherwise before: {done.changed}."])
