"""The service itself: one tick, or ticks and web pages until it is stopped."""

import gc
import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Annotated

import typer

from commands.opening import House, open_house, open_pages
from commands.printing import print_json, print_lines, write_instant
from commands.replies import open_door
from commands.webhooks import open_courier, telling
from commands.wiring import OUT_OF_SERVICE, CommandError, wiring_of
from config.load import find_config_dir
from emails.addresses import mask_addresses
from models.database import find_weakness
from models.failures import DatabaseError
from scheduler.clock_guard import is_virtual
from scheduler.instance import InstanceError, sole_instance
from scheduler.tick import TickReport, run_tick
from scheduler.ticker import run_ticks
from scheduler.watching import on_saving
from scheduler.webhooks.courier import deliver_due
from web.serve import ServeError, listen, serve

_log = logging.getLogger(__name__)


def tick(
    context: typer.Context,
    at: Annotated[
        str | None, typer.Option(help="The instant to work at, ISO 8601; for virtual databases only.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """One pass of everything due: sync, plan, send, tell webhooks."""
    wiring = wiring_of(context)
    instant = None if at is None else read_instant(at)
    with open_house(wiring) as house, _alone(house):
        if instant is None:
            report = run_tick(house.installation, now=wiring.clock())
        else:
            _refuse_real_time(house)
            report = run_tick(replace(house.installation, stopwatch=lambda: 0.0), now=instant)
        deliver_due(replace(open_courier(house), clock=wiring.clock if instant is None else lambda: report.now))
    if as_json:
        print_json(report.as_json())
    else:
        print_lines([*report.problems, say_tick(report)])


def run(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on; default from the settings.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; default from the settings.")] = None,
) -> None:
    """The service: ticks and web pages in one process, until it is stopped."""
    wiring = wiring_of(context)
    begin_log()
    stopping = Event()
    with open_house(wiring, patient=True) as house, _alone(house):
        for problem in house.config.current.problems:
            _log.error("%s", problem)
        if weakness := find_weakness(house.database):
            _log.warning("%s", weakness)
        pages = open_pages(house)
        gc.freeze()  # what is loaded by now stays: searching it for garbage again and again took a tenth of each tick
        installation = replace(house.installation, stopping=stopping.is_set)
        host, port = host or house.settings.host, port or house.settings.port

        def tick_now() -> None:
            report = run_tick(installation, now=wiring.clock())
            if report.sent or report.enrolled or report.failed or report.in_doubt:
                _log.info("%s", say_tick(report))

        ticks = run_ticks(tick_now, seconds=house.settings.tick_seconds, first_at=wiring.clock())
        folder = find_config_dir(wiring.environ)
        told = telling(house, stopping=stopping.is_set)
        with open_door(house, stopping=stopping.is_set), told, ticks as tick_soon, on_saving(folder, tick_soon):
            try:
                listener = listen(host, port)
                _log.info("serving on http://%s:%d; links in mails lead to %s", host, port, house.settings.public_url)
                serve(pages, listener=listener)
            except ServeError as error:
                raise CommandError(str(error), exit_code=OUT_OF_SERVICE) from error
            finally:
                stopping.set()


class DiscreetFormatter(logging.Formatter):
    """Writes a line, and the traceback below it, without any mail address, whoever put it there."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_addresses(super().format(record))


def begin_log() -> None:
    """The service's log, on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in ("apscheduler", "watchfiles"):
        logging.getLogger(name).setLevel(logging.WARNING)


def read_instant(text: str) -> datetime:
    """An instant from ISO 8601 text; without a zone it is UTC. Raises CommandError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no instant; write it like 2027-01-11T08:30Z") from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def say_tick(report: TickReport) -> str:
    """One line about a tick, for people."""
    counts = {
        "enrolled": report.enrolled,
        "planned": report.planned,
        "sent": report.sent,
        "deferred": report.deferred,
        "failed": report.failed,
        "in doubt": report.in_doubt,
        "expired": report.expired,
    }
    did = ", ".join(f"{number} {word}" for word, number in counts.items() if number) or "nothing was due"
    due = f"next due {write_instant(report.next_due)}" if report.next_due else "nothing is planned"
    return f"{write_instant(report.now)}: {did}; {due}"


@contextmanager
def _alone(house: House) -> Generator[None]:
    try:
        with sole_instance(house.settings.data):
            yield
    except (InstanceError, DatabaseError) as error:
        raise CommandError(str(error), exit_code=OUT_OF_SERVICE) from error


def _refuse_real_time(house: House) -> None:
    with house.database.reading() as session:
        if not is_virtual(session):
            raise CommandError(
                "--at works on a virtual clock only: set FIRST100_ALLOW_TIME_TRAVEL=1 and name an empty folder with "
                "FIRST100_DATA"
            )
