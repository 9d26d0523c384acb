"""How long each report takes of 100,000 leaders, 2.4 million mails and 10 million events, and how much memory.

The limits are 300 ms at the 95th percentile, warm, and 250 MB. The peer is SQLite's own count of the mails.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.measuring import print_figures
from config.load import load_programme
from models.database import Database, migrate, open_database
from models.domain import Programme
from models.tables import EventRow, LeaderRow, MailRow
from reports.kept import read_each
from reports.records import read_records
from reports.registry import REPORTS
from reports.report import ReportContext
from reports.spreadsheets import write_csv

LIMIT_MS, LIMIT_MB = 300.0, 250.0
NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
MAILS = 24  # of each leader
PAGE = 50  # leaders on a page of their list
WAIT_SECONDS = 90  # longest for one report: then it is said to take longer

COUNT_UP = "WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c WHERE i < ?) SELECT i FROM c"
FILL = """
INSERT INTO leaders (id, key, email, name, organisation, time_zone, holidays, working_days, send_at, away,
                     assistant_reads, source, created_at)
SELECT n, 'p' || n, 'p' || n || '@example.org', 'Person ' || n, 'Trust ' || (n % 200), 'Europe/London', 'GB-ENG',
       '[0, 1, 2, 3, 4]', '08:30', '[]', 0, 'bench', '2026-01-01 09:00:00.000000' FROM numbers;
INSERT INTO enrolments (id, leader_id, programme, role, start_date, enrolled_on, cohort, skip, config_status, source,
                        created_at)
SELECT n, n, 'first-100-days', 'chief-executive', date('2027-02-15', '-' || (n % 300) || ' days'),
       date('2027-02-01', '-' || (n % 300) || ' days'),
       strftime('%Y-%m', date('2027-02-15', '-' || (n % 300) || ' days')), '[]', 'active', 'bench',
       '2026-01-01 09:00:00.000000' FROM numbers;
INSERT INTO mails (id, kind, recipient, enrolment_id, ordinal, state, slot, not_before, local_date, day, why, tracked,
                   subject, tries, created_at, ended_at)
SELECT (n - 1) * 24 + m, 'nudge', 'p' || n || '@example.org', n, m,
       CASE WHEN n % 500 = 0 AND m > 20 THEN 'failed' ELSE 'sent' END, at, at, date(at), m * 4, 'In its place.', 1,
       'A subject', 1, at, at
FROM (SELECT n, m, strftime('%Y-%m-%d 08:30:00.000000', date('2027-02-15', '-' || (n % 300) || ' days',
                            '+' || (m * 4) || ' days')) AS at FROM numbers, few WHERE m <= 24);
INSERT INTO mail_items (mail_id, position, item, kind, placed, question, late)
SELECT id, 0, item, 'tip', CASE WHEN ordinal <= 9 THEN 'new' ELSE 'prompt' END,
       CASE WHEN ordinal <= 9 THEN NULL ELSE 'recall' END, 0
FROM mails JOIN tips ON tips.n = (ordinal - 1) % 9;
INSERT INTO attempts (mail_id, at, outcome, detail)
SELECT id, slot, CASE state WHEN 'sent' THEN 'sent' ELSE 'permanent' END, '250 ok' FROM mails;
INSERT INTO events (at, kind, mail_id, enrolment_id, position, method, agent, origin, purpose, value)
SELECT strftime('%Y-%m-%d %H:%M:%S.000000', slot, '+' || (10 + m * 13) || ' minutes'),
       CASE m WHEN 1 THEN 'open' WHEN 2 THEN 'page' WHEN 3 THEN 'open' ELSE 'answer' END, id, enrolment_id,
       CASE WHEN m IN (2, 4) THEN 0 END, CASE m WHEN 4 THEN 'POST' ELSE 'GET' END,
       'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0', 'o' || enrolment_id, '',
       CASE m WHEN 4 THEN json_object('answer', CASE id % 3 WHEN 0 THEN 'using' WHEN 1 THEN 'nearly' ELSE 'forgot' END)
              ELSE '{}' END
FROM mails, few WHERE m <= 3 OR (m = 4 AND ordinal > 9) OR (m = 5 AND ordinal <= 9) OR (m = 6 AND ordinal <= 4);
"""


def build(database: Database, leaders: int) -> dict[str, int]:
    """Fills the tables by SQL alone; gives how many rows there are of the large ones."""
    with database.sessions.begin() as session:
        run = session.connection().exec_driver_sql
        run("CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY)")
        run(f"INSERT INTO numbers {COUNT_UP}", (leaders,))
        run("CREATE TEMP TABLE few (m INTEGER PRIMARY KEY)")
        run(f"INSERT INTO few {COUNT_UP}", (MAILS,))
        run("CREATE TEMP TABLE tips (n INTEGER PRIMARY KEY, item TEXT)")
        for number, item in enumerate(list_tips()):
            run("INSERT INTO tips VALUES (?, ?)", (number, item))
        for statement in FILL.split(";\n"):
            if statement.strip():
                run(statement)
        counted = (LeaderRow, MailRow, EventRow)
        return {row.__tablename__: session.scalar(select(func.count()).select_from(row)) or 0 for row in counted}


def list_tips() -> list[str]:
    return [item.id for item in the_programme().items.values() if item.kind == "tip"][:9]


def the_programme() -> Programme:
    return load_programme(Path(__file__).parents[1] / "config" / "first-100-days")


# ---------------------------------------------------------------- measuring, each in a process of its own


def acts_on(session: Session, context: ReportContext) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    page = [int(n) for n in session.scalars(select(LeaderRow.id).order_by(LeaderRow.name).limit(PAGE))]
    acts: dict[str, Callable[[], object]] = {
        "peer: count of the mails": lambda: session.scalar(select(func.count()).select_from(MailRow)),
        f"leaders: a page of {PAGE}": lambda: read_each(session, context, page),
    }
    for name, report in REPORTS.items():
        if name != "leaders":
            acts[name] = lambda report=report: report.read(session, context)
    return acts


def measure(url: str, name: str, rounds: int) -> None:
    """Prints the p95 in ms, warm, and the peak memory in MB; of `csv` the seconds of all leaders."""
    database = open_database(url)
    programme = the_programme()
    context = ReportContext(
        programmes={programme.id: programme},
        tracking={programme.id: "on"},
        small_group=5,
        now=NOW,
        email="p7@example.org",
        month=NOW.date().replace(month=5, day=1),
    )
    with database.reading() as session:
        if name == "csv":
            with Path(url.removeprefix("sqlite:///") + ".csv").open("w", newline="", encoding="utf-8") as out:
                taken = [time_once(lambda: write_csv(read_records(REPORTS["leaders"], session, context), out))]
        else:
            act = acts_on(session, context)[name]
            first = time_once(act)
            taken = [first] if first > LIMIT_MS / 100 else sorted(time_once(act) for _ in range(rounds))
    p95 = taken[min(int(0.95 * len(taken)), len(taken) - 1)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{1000 * p95:.1f} {peak:.0f}")


def time_once(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def run(arguments: Sequence[str] = ()) -> None:
    """Builds the database, then prints a line for each report."""
    parser = argparse.ArgumentParser(prog="benchmarks reports")
    parser.add_argument("--leaders", type=int, default=100_000, help="fewer are quicker to build")
    parser.add_argument("--rounds", type=int, default=20, help="readings of each report")
    parser.add_argument("--wait", type=int, default=WAIT_SECONDS, help="seconds after which a report is given up")
    parser.add_argument("--folder", type=Path, help="where the database is built, and kept; else it is thrown away")
    parser.add_argument("--measure", nargs=2, metavar=("URL", "NAME"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        measure(*chosen.measure, rounds=chosen.rounds)
        return
    with TemporaryDirectory() as thrown_away:
        url = f"sqlite:///{(chosen.folder or Path(thrown_away)) / 'reports.db'}"
        database = open_database(url)
        migrate(database)
        with database.reading() as session:
            there = session.scalar(select(func.count()).select_from(LeaderRow))
        begun = time.perf_counter()
        if not there:
            print(", ".join(f"{count:,} {table}" for table, count in build(database, chosen.leaders).items()))
            print(f"built in {time.perf_counter() - begun:.0f} s")
        database.close()
        names = [
            "peer: count of the mails",
            f"leaders: a page of {PAGE}",
            *(one for one in REPORTS if one != "leaders"),
        ]
        rows = [line_of(url, name, chosen.rounds, chosen.wait) for name in [*names, "csv"]]
        title = f"Reports on {there or chosen.leaders:,} leaders: p95 of {chosen.rounds} readings, warm"
        print_figures(title, ["report", "ms", f"of {LIMIT_MS:g} ms", "MB", f"of {LIMIT_MB:g} MB"], rows)


def line_of(url: str, name: str, rounds: int, wait: int) -> list[str]:
    """One report's figures; what takes longer than the wait says so."""
    command = [sys.executable, "-m", "benchmarks", "reports", "--rounds", str(rounds), "--measure", url, name]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=wait)
    except subprocess.TimeoutExpired:
        return [name, f"over {1000 * wait:,}", "–", "–", "–"]
    taken_ms, peak_mb = map(float, done.stdout.split())
    limit = "–" if name == "csv" else f"{taken_ms / LIMIT_MS:.2f}"
    return [name, f"{taken_ms:,.1f}", limit, f"{peak_mb:.0f}", f"{peak_mb / LIMIT_MB:.2f}"]
