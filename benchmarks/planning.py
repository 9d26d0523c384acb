"""Planning for many: nudges planned a second, memory, how the time grows, and finding what is due among a million.

Everything that the service does is in it: reading what was sent and what came back, deciding, writing the planned nudge
and what is remembered, on a SQLite file with every commit on the disk.
"""

import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy.orm import Session

from benchmarks.crowd import NOW, fill, play_pasts
from benchmarks.measuring import print_figures
from config.load import load_programme
from models.database import Database, migrate, open_database
from models.outbox import claim_due
from models.waiting import read_next_due, read_overdue
from scheduler.agenda import plan_missing
from scheduler.planning import next_nudge

PROGRAMME = Path(__file__).parents[1] / "config" / "first-100-days"
LIMIT_SECONDS = 90.0  # for a day's planning of 100,000 due enrolments
LIMIT_DUE_MS = 5.0
DUE = 100_000
SEED = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What planning took in a process of its own."""

    planned: int
    seconds: float
    start_megabytes: float
    peak_megabytes: float


def run() -> None:
    """Prints what planning takes for 10,000 and 100,000, also among a million, and what finding the due takes."""
    with _database(idle=DUE // 10, waiting=0) as small:
        few = _plan_apart(small)
    with _database(idle=DUE, waiting=0) as middle:
        many = _plan_apart(middle)
    with _database(idle=DUE, waiting=9 * DUE) as large:
        due = _time_due(large)
        among = _plan_apart(large)
    _print_planning(few, many, among)
    _print_due(due)


@contextmanager
def _database(*, idle: int, waiting: int) -> Generator[str]:
    """The address of a database of so many enrolments with nothing planned and so many with a planned nudge."""
    programme = load_programme(PROGRAMME)
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/first100.sqlite3"
        database = open_database(address)
        try:
            migrate(database)
            pasts = play_pasts(programme, offsets=range(-20, 98, 4))
            print(f"writing {idle + waiting:,} enrolments …", file=sys.stderr)
            fill(database, programme, pasts, idle=idle, waiting=waiting, seed=SEED)
        finally:
            database.close()
        yield address


def _plan_apart(address: str) -> Figures:
    """Plans in a fresh process, so that its memory is the planner's alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_plan, (address,))


def _plan(address: str) -> Figures:
    programme = load_programme(PROGRAMME)
    database = open_database(address)
    gc.freeze()  # as the service does
    start = _peak_megabytes()
    begun = time.perf_counter()
    done = plan_missing(database, programmes={programme.id: programme}, tracking={}, plan=next_nudge, now=NOW)
    seconds = time.perf_counter() - begun
    database.close()
    return Figures(done.nudges, seconds, start, _peak_megabytes())


def _peak_megabytes() -> float:
    """What this process itself held at most; `ru_maxrss` would count the parent's as well."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


# ---------------------------------------------------------------- what is due


def _time_due(address: str) -> dict[str, float]:
    """Median milliseconds of each question about what is due, 50 times."""
    database = open_database(address)
    try:
        asks: dict[str, Callable[[], object]] = {
            "when the next mail may leave": lambda: _read(database, read_next_due),
            "what is two days overdue": lambda: _read(database, _find_overdue),
            "claiming the first 50 that are due": lambda: _claim(database),
        }
        return {words: _median_ms(ask) for words, ask in asks.items()}
    finally:
        database.close()


def _find_overdue(session: Session) -> object:
    return read_overdue(session, before=NOW - timedelta(days=2))


def _read(database: Database, ask: Callable[[Session], object]) -> None:
    with database.reading() as session:
        ask(session)


def _claim(database: Database) -> None:
    with database.sessions() as session, session.begin() as transaction:
        claim_due(session, now=NOW, limit=50, lease=timedelta(minutes=10), token=f"claim {SEED}")
        transaction.rollback()


def _median_ms(act: Callable[[], object]) -> float:
    taken: list[float] = []
    for _ in range(50):
        begun = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - begun))
    return median(taken)


# ---------------------------------------------------------------- tables


def _print_planning(few: Figures, many: Figures, among: Figures) -> None:
    rows: list[list[str]] = []
    for words, done in (
        (f"{DUE // 10:,} due of {DUE // 10:,}", few),
        (f"{DUE:,} due of {DUE:,}", many),
        (f"{DUE:,} due of {10 * DUE:,}", among),
    ):
        each = done.seconds / done.planned
        rows.append(
            [
                words,
                f"{done.planned:,}",
                f"{done.seconds:.1f}",
                f"{1 / each:,.0f}",
                f"{each / (few.seconds / few.planned):.2f}",
                f"{each * DUE / LIMIT_SECONDS:.2f}",
                f"{done.peak_megabytes:.0f} (+{done.peak_megabytes - done.start_megabytes:.0f})",
            ]
        )
    columns = ["enrolments", "planned", "seconds", "a second", "each, of the first", "of the limit", "MB at most"]
    title = f"A day's planning, one process, SQLite (limit: {DUE:,} in {LIMIT_SECONDS:g} s)"
    print_figures(title, columns, rows)


def _print_due(due: dict[str, float]) -> None:
    rows = [[words, f"{taken:.2f}", f"{taken / LIMIT_DUE_MS:.2f}"] for words, taken in due.items()]
    title = f"What is due, of {10 * DUE:,} enrolments with {9 * DUE:,} planned mails (median of 50)"
    print_figures(title, ["question", "ms", f"of the limit of {LIMIT_DUE_MS:g} ms"], rows)
