"""Replies by mail on their way in: one pass over their mailbox, or their door held open while the service runs."""

import logging
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer

from commands.opening import House, open_house
from commands.printing import print_json, print_lines
from commands.wiring import OUT_OF_SERVICE, CommandError, wiring_of
from emails.doors import DoorError, ImapDoor, LmtpDoor, read_door
from emails.imap import collect as collect_mail
from emails.lmtp import open_lmtp
from models.failures import DatabaseError
from models.store import get_state, set_state
from models.writer import WriterBusyError
from scheduler.clock_guard import is_virtual
from scheduler.receiving import WAITING, Reception, receive
from scheduler.ticker import run_ticks

KEPT_DAYS = 30  # of a mail that has been dealt with, in its folder of the mailbox
_log = logging.getLogger(__name__)


def collect(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """One pass over the mailbox of replies: each is dealt with and moved to the folder of those that have been."""
    with open_house(wiring_of(context)) as house:
        door = find_door(house)
        if not isinstance(door, ImapDoor):
            raise CommandError("`replies` names no mailbox to look into; write imaps://user:password@host/INBOX")
        try:
            outcomes = collect_from(house, door)
        except (DoorError, DatabaseError, WriterBusyError) as error:
            raise CommandError(str(error), exit_code=OUT_OF_SERVICE) from error
    if as_json:
        print_json({"collected": outcomes.total(), "taken_as": dict(sorted(outcomes.items()))})
    else:
        print_lines([say_collected(outcomes)])


@contextmanager
def open_door(house: House, *, stopping: Callable[[], bool]) -> Generator[None]:
    """Takes replies in while the block runs, where the settings say by which way. Raises CommandError."""
    door = find_door(house)
    reception = open_reception(house)
    if isinstance(door, LmtpDoor):
        try:
            with open_lmtp(
                door, lambda raw, sender, to: receive(reception, raw, envelope_sender=sender, recipients=to)
            ):
                _log.info("replies come in on %s port %d (LMTP)", door.host, door.port)
                yield
        except DoorError as error:
            raise CommandError(str(error), exit_code=OUT_OF_SERVICE) from error
    elif isinstance(door, ImapDoor):
        look = make_look(house, door, stopping=stopping)
        with run_ticks(look, seconds=house.settings.replies_seconds, first_at=house.site.now()):
            yield
    else:
        yield


def make_look(house: House, door: ImapDoor, *, stopping: Callable[[], bool]) -> Callable[[], None]:
    """One pass over the mailbox at each call; where it cannot be read, the log says why, and the next one may."""
    unfinished: set[str] = set()

    def look() -> None:
        try:
            outcomes = collect_from(house, door, unfinished=unfinished, stopping=stopping)
        except (DoorError, DatabaseError, WriterBusyError) as error:
            _log.warning("replies wait: %s", error)
        else:
            if outcomes:
                _log.info("%s", say_collected(outcomes))

    return look


def find_door(house: House) -> LmtpDoor | ImapDoor | None:
    """Where replies come in. Raises CommandError for a way that makes no sense, or is not for a virtual clock."""
    if house.settings.replies is None:
        return None
    try:
        door = read_door(house.settings.replies)
    except DoorError as error:
        raise CommandError(str(error)) from error
    with house.database.reading() as session:
        if isinstance(door, ImapDoor) and not door.is_loopback and is_virtual(session):
            raise CommandError("this database has a virtual clock, so it reads no mailbox that is not on this machine")
    return door


def open_reception(house: House) -> Reception:
    """What taking mail in needs of the house."""
    site = house.site
    return Reception(
        database=house.database,
        settings=house.settings,
        links=site.links,
        tracking=site.tracking,
        roster=site.roster,
        now=site.now,
    )


def collect_from(
    house: House,
    door: ImapDoor,
    *,
    unfinished: set[str] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """One pass. Raises DoorError, DatabaseError, WriterBusyError; what was taken by then stays so."""
    reception = open_reception(house)
    try:
        outcomes = collect_mail(
            door,
            lambda raw: receive(reception, raw),
            unfinished=unfinished,
            forget_before=(house.site.now() - timedelta(days=KEPT_DAYS)).date(),
            stopping=stopping,
        )
    except DoorError:
        keep_waiting(house, f"{house.site.now():%Y-%m-%dT%H:%M:%SZ}")
        raise
    keep_waiting(house, None)
    return outcomes


def keep_waiting(house: House, since: str | None) -> None:
    """Keep since when replies have been waiting, for whoever watches the service; None: they are not."""
    with house.database.reading() as session:
        before = get_state(session, WAITING)
    if (before is None) != (since is None):
        with house.database.sessions.begin() as session:
            set_state(session, WAITING, since)


def say_collected(outcomes: Counter[str]) -> str:
    """One line about a pass, for people."""
    if not outcomes:
        return "no replies were waiting"
    counts = ", ".join(f"{number} {outcome.replace('_', ' ')}" for outcome, number in sorted(outcomes.items()))
    return f"replies collected: {counts}"
