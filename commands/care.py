"""Care of an installation: what is worked out from what is on record, worked out anew."""

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from commands.casting import read_date
from commands.opening import open_house
from commands.planning import find_enrolments
from commands.printing import print_json, print_lines
from commands.wiring import wiring_of
from models.domain import Credence
from scheduler.classifying import Classified
from scheduler.classifying import classify as classify_log
from scheduler.remembering import replay as replay_memories
from scheduler.telltales import EDITION

CREDENCES: tuple[Credence, ...] = ("human", "proxied", "suspect", "machine")


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


def classify(
    context: typer.Context,
    since: Annotated[
        date | None,
        typer.Option(metavar="DATE", parser=read_date, help="Only mails that were hit since this day began, in UTC."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Grade afresh who opened and followed what: people, machines, or nobody can tell.

    Every tick grades what came in; this goes over all of the log, which itself is never changed.
    """
    wiring = wiring_of(context)
    began = None if since is None else datetime.combine(since, time.min, tzinfo=UTC)
    with open_house(wiring) as house:
        done = classify_log(house.database, since=began, now=wiring.clock())
    if as_json:
        print_json(_as_document(done, since))
        return
    counted = ", ".join(f"{done.grades[credence]} {credence}" for credence in CREDENCES)
    print_lines(
        [
            f"Mails: {done.mails}. Hits on them: {done.events} ({counted}).",
            f"Graded otherwise before, or not at all: {sum(done.moved.values())}.",
            *(f"  {before or 'not graded'} -> {after}: {events}" for (before, after), events in _in_order(done)),
        ]
    )


def _as_document(done: Classified, since: date | None) -> dict[str, object]:
    return {
        "since": None if since is None else since.isoformat(),
        "rules": EDITION,
        "mails": done.mails,
        "events": done.events,
        "grades": {credence: done.grades[credence] for credence in CREDENCES},
        "changed": sum(done.moved.values()),
        "moved": [{"from": before, "to": after, "events": events} for (before, after), events in _in_order(done)],
    }


def _in_order(done: Classified) -> list[tuple[tuple[Credence | None, Credence], int]]:
    return sorted(done.moved.items(), key=lambda move: (move[0][0] or "", move[0][1]))
