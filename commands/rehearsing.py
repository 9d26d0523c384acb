"""The demo: the sample leaders' 100 days on a virtual clock, through everything that a real leader's go through."""

import asyncio
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from commands.opening import House, open_house, open_pages
from commands.printing import print_lines
from commands.reporting import lay_out_report, read_report
from commands.wiring import OUT_OF_SERVICE, CommandError, wiring_of
from config.load import find_config_dir
from models.domain import Programme
from models.store import read_enrolments
from rehearsal.clock import VirtualClock
from rehearsal.gain import Gain, estimate_gain
from rehearsal.mailbox import ReceivedMail
from rehearsal.play import Play
from rehearsal.readers import NEVER_OPENS, Habits, Reader
from rehearsal.viewer import Shown, create_viewer
from scheduler.history import read_histories
from web.serve import ServeError, listen, serve

BEGINS = datetime(2026, 12, 7, 8, tzinfo=UTC)
ENDS = datetime(2027, 5, 10, tzinfo=UTC)
ROSTER = "demo-leaders.yaml"
FOLDER = "demo"
FIRST_PORT, LAST_PORT = 8100, 8199
MARK = "made-by-first100-demo"  # in the demo's own folder: only such a folder is ever emptied


def demo(
    context: typer.Context,
    serve_pages: Annotated[bool | None, typer.Option("--serve/--no-serve", help="Serve the result afterwards.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the simulated readers.")] = 1,
) -> None:
    """Play the sample leaders' 100 days on a virtual clock, print the report, and serve it with the mailbox."""
    wiring = wiring_of(context)
    serving = _shall_serve(wiring.environ) if serve_pages is None else serve_pages
    data = Path(wiring.environ.get("FIRST100_DATA") or "var") / FOLDER
    empty_folder(data)
    with ExitStack() as stack:
        # taken before the first mail is written: the links in the mails lead to this very port
        listener = stack.enter_context(listen_nearby()) if serving else None
        port = FIRST_PORT if listener is None else listener.getsockname()[1]
        clock = VirtualClock(BEGINS)
        played = replace(wiring, clock=clock, stopwatch=lambda: 0.0, environ=_environment(wiring.environ, data, port))
        house = stack.enter_context(open_house(played, roster_file=find_config_dir(wiring.environ) / ROSTER))
        mails = play_days(house, clock=clock, seed=seed, mailbox=data / "mailbox")
        gain = estimate_house_gain(house)
        print_lines(
            [
                lay_out_report(house, "leaders", now=clock()),
                *_say_gain(gain),
                f"{len(mails)} mails lie in {data / 'mailbox'}, the database beside it.",
            ]
        )
        if listener is None:
            print_lines(["To look at the report and the mails in a browser: SERVE=1 make demo"])
        else:
            _serve(house, mails, gain, now=clock(), listener=listener)


def empty_folder(data: Path) -> None:
    """The demo's own folder, new and empty. Raises CommandError for a folder that the demo did not make."""
    if data.exists() and any(data.iterdir()) and not (data / MARK).exists():
        raise CommandError(f"{data} holds something that the demo did not make; move it away, or set FIRST100_DATA")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, mode=0o700)
    (data / MARK).touch()


def listen_nearby() -> socket.socket:
    """A socket on the first free port of the demo's range on loopback. Raises CommandError."""
    for port in range(FIRST_PORT, LAST_PORT + 1):
        try:
            return listen("127.0.0.1", port)
        except ServeError:
            continue
    raise CommandError(f"no port from {FIRST_PORT} to {LAST_PORT} is free on 127.0.0.1", exit_code=OUT_OF_SERVICE)


def play_days(house: House, *, clock: VirtualClock, seed: int, mailbox: Path) -> list[ReceivedMail]:
    """Plays until the last closing summary is out, with a progress bar at a terminal; gives every mail sent."""
    play = Play(
        installation=replace(house.installation, keep_figures=None),  # nobody reads a report meanwhile
        app=open_pages(house),
        clock=clock,
        mailbox=mailbox,
        base=house.settings.public_url,
        readers=make_readers(house, seed=seed),
    )
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Playing 100 days", total=(ENDS - BEGINS) / timedelta(days=1), day="")

        def show(now: datetime) -> None:
            progress.update(task, completed=(now - BEGINS) / timedelta(days=1), day=f"{now:%d %b %Y}")

        asyncio.run(play.run(until=ENDS, on_move=show))
        progress.update(task, completed=(ENDS - BEGINS) / timedelta(days=1))
    return play.mails


def make_readers(house: House, *, seed: int) -> dict[str, Reader]:
    """A reader for each sample leader: every other one agrees to tracking; `never.opens` lives up to the name."""
    roster = [entry for entries in house.config.current.roster.values() for entry in entries]
    items = items_by_question(house.config.current.programmes)
    return {
        entry.leader.email: Reader(
            habits=NEVER_OPENS if entry.leader.email.startswith("never.opens@") else Habits(agrees=number % 2 == 0),
            random=Random(f"{seed} {entry.leader.email}"),
            items=items,
        )
        for number, entry in enumerate(roster)
    }


def items_by_question(programmes: Mapping[str, Programme]) -> dict[str, str]:
    """The item that each question is about, by the question's words."""
    items = (item for programme in programmes.values() for item in programme.items.values())
    return {question.ask: item.id for item in items for question in item.questions}


def estimate_house_gain(house: House) -> Gain | None:
    """What the questions were worth to everybody enrolled."""
    with house.database.reading() as session:
        enrolments = read_enrolments(session, tracking=house.config.current.tracking)
        histories = read_histories(session, enrolments)
    return estimate_gain((enrolment, histories[enrolment.id]) for enrolment in enrolments)


def _say_gain(gain: Gain | None) -> list[str]:
    if gain is None:
        return []
    return [
        f"By the planner's own model, a leader remembers {gain.with_questions:.0%} of what they met on day {gain.day}; "
        f"with the same mails and no questions it would be {gain.without:.0%}. This is a model, not a measurement."
    ]


def _serve(
    house: House, mails: list[ReceivedMail], gain: Gain | None, *, now: datetime, listener: socket.socket
) -> None:
    document = read_report(house, "leaders", now=now)
    shown = Shown(
        rows=document["rows"],
        gain=gain,
        mails=mails,
        first_day=f"{BEGINS:%d %B %Y}",
        last_day=f"{now:%d %B %Y}",
    )
    print_lines([f"The report and the mailbox: http://127.0.0.1:{listener.getsockname()[1]}/ (stop with Ctrl-C)"])
    sys.stdout.flush()
    serve(create_viewer(shown, open_pages(house)), listener=listener)


def _shall_serve(environ: Mapping[str, str]) -> bool:
    return environ.get("SERVE") == "1" or (sys.stdin.isatty() and sys.stdout.isatty())


def _environment(environ: Mapping[str, str], data: Path, port: int) -> dict[str, str]:
    """The demo runs on its own database and mailbox, whatever this installation's are."""
    ours = {name: value for name, value in environ.items() if not name.startswith("FIRST100_")}
    return ours | {
        "FIRST100_DATA": str(data),
        "FIRST100_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FIRST100_ALLOW_TIME_TRAVEL": "1",
    }
