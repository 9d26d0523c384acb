"""How many opens, clicks, looks and answers a second are on disk before they are acknowledged.

The real application on uvicorn, 64 connections, SQLite with every commit on the disk; the product's writer and a commit
a request take turns in the same run. The load comes from a process of its own, so each has a core.
"""

import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from statistics import median
from typing import IO, cast

from sqlalchemy import func, insert, select, update

from benchmarks.crowd import NOW, fill, play_pasts
from benchmarks.loading import CONNECTIONS
from benchmarks.measuring import print_figures
from benchmarks.serving import PROGRAMME, SECRET
from config.load import load_programme
from emails.links import Links
from models.database import Database, migrate, open_database
from models.tables import ConsentRow, EventRow, MailItemRow, MailRow

LEADERS = 300
SECONDS, ROUNDS = 4, 3
GOAL_PER_SECOND, GOAL_P99 = 3_000, 0.1
TOP = Path(__file__).parents[1]
WAYS = {"each": "a commit a request", "together": "the writer"}


def run() -> None:
    """Prints the medians of three turns each."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'events.sqlite3'}"
        database = open_database(url)
        migrate(database)
        _fill(database)
        rows = [row for kind, paths in _list_paths(database).items() for row in _compare(database, url, kind, paths)]
        database.close()
    title = f"Events: durable requests, {CONNECTIONS} connections, SQLite (median of {ROUNDS} times {SECONDS} s)"
    print_figures(title, ["what, and how it is written", "a second", "p50 ms", "p99 ms", "ratio"], rows)
    goal = f"{GOAL_PER_SECOND} a second or more, p99 {GOAL_P99 * 1000:.0f} ms or less"
    print(f"Goal: opens and clicks by the writer, {goal}.")


def _fill(database: Database) -> None:
    """Leaders in the midst of their days, who all agreed to tracking."""
    programme = load_programme(PROGRAMME)
    fill(database, programme, play_pasts(programme, offsets=range(20, 90, 10)), idle=LEADERS, waiting=0, seed=1)
    with database.sessions.begin() as session:
        session.execute(update(MailRow).values(tracked=True))
        agreed = [
            {"leader_id": number, "at": NOW - timedelta(days=90), "tracking": True, "how": "benchmark"}
            for number in range(1, LEADERS + 1)
        ]
        session.execute(insert(ConsentRow), agreed)


def _list_paths(database: Database) -> dict[str, list[str]]:
    """What is asked for, in an order of chance: half opens, half clicks; or questions looked at and answered."""
    links = Links("", (SECRET,))
    with database.reading() as session:
        items = session.execute(
            select(MailItemRow.mail_id, MailItemRow.position, MailItemRow.kind, MailItemRow.placed)
        ).all()
    pixels = [links.url("o", mail_id) for mail_id in sorted({item.mail_id for item in items})]
    followed = [links.url("l", i.mail_id, i.position) for i in items if i.kind == "resource" and i.placed == "new"]
    asked = [f"press {links.url('a', i.mail_id, i.position)}" for i in items if i.placed == "prompt"]
    dice = Random(1)
    for paths in (pixels, followed, asked):
        dice.shuffle(paths)
    return {
        "opens and clicks": [path for both in zip(pixels, followed * 9, strict=False) for path in both],
        "questions, looked at and answered": asked,
    }


def _compare(database: Database, url: str, kind: str, paths: list[str]) -> list[list[str]]:
    measured: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _, way in product(range(ROUNDS), WAYS):
        measured[way].append(_measure(database, url, way, paths))
    middle = {
        way: {name: median(one[name] for one in turns) for name in ("per_second", "p50", "p99")}
        for way, turns in measured.items()
    }
    first = middle["each"]["per_second"]
    return [
        [
            f"{kind}: {WAYS[way]}",
            f"{figures['per_second']:,.0f}",
            f"{figures['p50'] * 1000:.1f}",
            f"{figures['p99'] * 1000:.1f}",
            f"{figures['per_second'] / first:.1f}",
        ]
        for way, figures in middle.items()
    ]


def _measure(database: Database, url: str, way: str, paths: list[str]) -> dict[str, float]:
    """One turn; what was acknowledged must be in the log afterwards."""
    before = _count(database)
    serving = [sys.executable, "-m", "benchmarks.serving", url, way]
    with subprocess.Popen(serving, cwd=TOP, stdout=subprocess.PIPE, text=True) as server:
        port = cast(IO[str], server.stdout).readline().strip()
        loading = [sys.executable, "-m", "benchmarks.loading", port, str(SECONDS)]
        told = subprocess.run(loading, cwd=TOP, input="\n".join(paths), capture_output=True, text=True, check=True)
        server.terminate()
    figures: dict[str, float] = json.loads(told.stdout)
    kept = _count(database) - before
    if figures["refused"] or kept < figures["acknowledged"]:
        sys.exit(f"{way}: {figures['refused']} refused; {figures['acknowledged']} acknowledged, {kept} in the log")
    return figures


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0
