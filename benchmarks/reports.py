"""How long each admin page and report takes of 100,000 leaders, 2.4 million mails and 10 million events, and how much
memory.

The limits are 300 ms at the 95th percentile, warm, and 250 MB. The peer is SQLite's own count of the mails.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from benchmarks.measuring import print_figures
from config.load import load_programme
from config.settings import Settings
from emails.links import Links
from models.accounts import begin_session, put_account, read_accounts
from models.database import Database, migrate, open_database
from models.domain import Programme
from models.scope import Scope, name_scope, narrowed
from models.tables import EditionRow, EventRow, LeaderRow, MailRow
from reports.editions import keep_editions, list_told
from reports.kept import bring_up_to_date
from reports.records import read_records
from reports.registry import PARTS, REPORTS
from reports.report import ReportContext
from reports.spreadsheets import write_csv
from web.admin.desk import name_cookie
from web.app import create_app
from web.site import Site

LIMIT_MS, LIMIT_MB = 300.0, 250.0
NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
OK = 200
MAILS = 24  # of each leader
PORTION = 5_000  # leaders written in one transaction
HOPELESS_SECONDS = 10  # what takes longer the first time is measured once
ACCOUNTS = {"all": (), "one": ("Trust 7",)}  # whose leaders they see: everybody's, or one organisation's in 200
PAGES = (
    "",
    "/leaders",
    "/leaders?sort=engaged&page=40",
    "/leaders?q=person+77&status=active",
    "/leaders/7",
    "/delivery",
    "/items",
    "/programme",
    "/reports",
    *(f"/reports/{name}" for name in ("cohorts", "learning", "board")),
    "/corrections",
    "/audit",
)

COUNT_UP = "WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c WHERE i < ?) SELECT i FROM c"
BEGIN = """
CREATE TEMP TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS few (m INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS tips (n INTEGER PRIMARY KEY, item TEXT);
DELETE FROM numbers;
DELETE FROM few;
DELETE FROM tips
"""
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
FROM mails JOIN tips ON tips.n = (ordinal - 1) % 9 WHERE enrolment_id IN (SELECT n FROM numbers);
INSERT INTO attempts (mail_id, at, outcome, detail)
SELECT id, slot, CASE state WHEN 'sent' THEN 'sent' ELSE 'permanent' END, '250 ok' FROM mails
WHERE enrolment_id IN (SELECT n FROM numbers);
INSERT INTO events (at, kind, mail_id, enrolment_id, position, method, agent, origin, purpose, value)
SELECT strftime('%Y-%m-%d %H:%M:%S.000000', slot, '+' || (10 + m * 13) || ' minutes'),
       CASE m WHEN 1 THEN 'open' WHEN 2 THEN 'page' WHEN 3 THEN 'open' ELSE 'answer' END, id, enrolment_id,
       CASE WHEN m IN (2, 4) THEN 0 END, CASE m WHEN 4 THEN 'POST' ELSE 'GET' END,
       'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0', 'o' || enrolment_id, '',
       CASE m WHEN 4 THEN json_object('answer', CASE id % 3 WHEN 0 THEN 'using' WHEN 1 THEN 'nearly' ELSE 'forgot' END)
              ELSE '{}' END
FROM mails, few
WHERE mails.enrolment_id IN (SELECT n FROM numbers)
  AND (m <= 3 OR (m = 4 AND ordinal > 9) OR (m = 5 AND ordinal <= 9) OR (m = 6 AND ordinal <= 4));
INSERT INTO audit (at, actor, action, leader_key, programme, change)
SELECT '2026-01-01 09:00:00.000000', 'config', 'enrolled', 'p' || n, 'first-100-days', '{"before": {}, "after": {}}'
FROM numbers;
INSERT INTO corrections (enrolment_id, at, role)
SELECT n, '2027-05-01 09:00:00.000000', 'chair' FROM numbers WHERE n % 1000 = 0;
"""


def build(database: Database, leaders: int) -> dict[str, int]:
    """Fills the tables by SQL alone, in portions; gives how many rows there are of the large ones."""
    for first in range(1, leaders + 1, PORTION):
        with database.sessions.begin() as session:
            run = session.connection().exec_driver_sql
            for begin in BEGIN.split(";\n"):
                run(begin)
            run(f"INSERT INTO numbers {COUNT_UP}", (min(PORTION, leaders - first + 1),))
            run("UPDATE numbers SET n = n + ?", (first - 1,))
            run(f"INSERT INTO few {COUNT_UP}", (MAILS,))
            for number, item in enumerate(list_tips()):
                run("INSERT INTO tips VALUES (?, ?)", (number, item))
            for statement in FILL.split(";\n"):
                if statement.strip():
                    run(statement)
            run("DELETE FROM touched")
    with database.sessions.begin() as session:  # a note each is enough
        session.execute(text("INSERT INTO touched (enrolment_id) SELECT id FROM enrolments"))
    with database.reading() as session:
        counted = (LeaderRow, MailRow, EventRow)
        return {row.__tablename__: session.scalar(select(func.count()).select_from(row)) or 0 for row in counted}


def keep_all(database: Database) -> None:
    """What ticks keep, and says how long that takes. Past weeks are copies of the last: to tell, not to compare."""
    begun = time.perf_counter()
    kept = bring_up_to_date(database, the_context())
    print(f"{kept:,} leaders' rows worked out in {time.perf_counter() - begun:.0f} s")
    for seen in ACCOUNTS.values():
        begun = time.perf_counter()
        parts = [replace(part, looks_back=False) for part in PARTS]
        if not keep_editions(database, the_context(), parts, [seen]):
            continue
        print(f"the figures of a week, for {seen or 'everybody'}: {time.perf_counter() - begun:.0f} s")
        with database.reading() as session, narrowed(session, Scope(organisations=seen or None)):
            weeks, scope = list_told(session, the_context()), name_scope(session) or ""
        with database.sessions.begin() as session:
            told = select(EditionRow).where(EditionRow.scope == scope, EditionRow.name == "recall")
            last, *others = session.scalars(told.order_by(EditionRow.week.desc())).all()
            for week in {*weeks[:-1]}.difference(other.week for other in others):
                session.add(
                    EditionRow(
                        scope=scope,
                        week=week,
                        name=last.name,
                        small_group=last.small_group,
                        figures=last.figures,
                        made_at=last.made_at,
                    )
                )
    with database.sessions.begin() as session:
        session.execute(text("ANALYZE"))


def list_tips() -> list[str]:
    return [item.id for item in the_programme().items.values() if item.kind == "tip"][:9]


@cache
def the_programme() -> Programme:
    return load_programme(Path(__file__).parents[1] / "config" / "first-100-days")


@cache
def the_context() -> ReportContext:
    programme = the_programme()
    return ReportContext(
        programmes={programme.id: programme},
        tracking={programme.id: "on"},
        small_group=5,
        now=NOW,
        email="p7@example.org",
        month=NOW.date().replace(month=5, day=1),
    )


# ---------------------------------------------------------------- measuring, each in a process of its own


def list_groups() -> dict[str, list[str]]:
    """What is measured, by the process that it is measured in."""
    groups = {"reports": ["peer: count of the mails", *(name for name in REPORTS if name != "leaders")]}
    groups |= {f"pages for {who}": [f"{who} /admin{path}" for path in PAGES] for who in ACCOUNTS}
    return {**groups, "csv": ["csv"]}


def prepare(name: str, database: Database, session: Session) -> Callable[[], object]:
    """One act."""
    if name.startswith("peer"):
        return lambda: session.scalar(select(func.count()).select_from(MailRow))
    if name in REPORTS:
        return lambda: REPORTS[name].read(session, the_context())
    who, path = name.split(" ", 1)
    browser = open_browser(database, who)

    def look() -> None:
        answered = browser.get(path)
        if answered.status_code != OK:
            raise SystemExit(f"{path} is answered by {answered.status_code}")

    return look


def open_browser(database: Database, who: str) -> TestClient:
    """Somebody signed in to the whole application."""
    programme = the_programme()
    settings = Settings(open_tracking="on")
    links = Links(settings.public_url, (b"a secret of the benchmark, and no other",))
    site = Site(
        database=database, settings=settings, programmes=lambda: {programme.id: programme}, links=links, now=lambda: NOW
    )
    email, token = f"{who}@example.org", f"token of {who}"
    with database.sessions.begin() as session:
        put_account(session, email, role="admin", organisations=ACCOUNTS[who], link=f"link of {who}", now=NOW)
        account = next(one for one in read_accounts(session) if one.email == email)
        begin_session(session, account, token, now=NOW, how="password")
    return TestClient(create_app(site), cookies={name_cookie(site): token})


def measure(url: str, group: str, rounds: int) -> None:
    """Prints as JSON the p95 in ms of each act, warm, and the peak memory of all in MB; of `csv` the time of once."""
    database = open_database(url)
    told: dict[str, float] = {}
    with database.reading() as session:
        for name in list_groups()[group]:
            if name == "csv":
                with Path(url.removeprefix("sqlite:///") + ".csv").open("w", newline="", encoding="utf-8") as out:
                    taken = [
                        time_once(lambda: write_csv(read_records(REPORTS["leaders"], session, the_context()), out))
                    ]
            else:
                act = prepare(name, database, session)
                first = time_once(act)
                taken = [first] if first > HOPELESS_SECONDS else sorted(time_once(act) for _ in range(rounds))
            told[name] = 1000 * taken[min(int(0.95 * len(taken)), len(taken) - 1)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": told, "mb": peak}))
    database.close()


def write_everybody(session: Session, out: TextIO) -> None:
    write_csv(read_records(REPORTS["leaders"], session, the_context()), out)


def time_once(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def run(arguments: Sequence[str] = ()) -> None:
    """Builds the database, then prints a line for each report."""
    parser = argparse.ArgumentParser(prog="benchmarks reports")
    parser.add_argument("--leaders", type=int, default=100_000, help="fewer are quicker to build")
    parser.add_argument("--rounds", type=int, default=20, help="readings of each report")
    parser.add_argument("--folder", type=Path, help="where the database is built, and kept; else it is thrown away")
    parser.add_argument("--measure", nargs=2, metavar=("URL", "GROUP"), help=argparse.SUPPRESS)
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
        keep_all(database)
        database.close()
        rows = [line for group in list_groups() for line in measure_apart(url, group, chosen.rounds)]
        title = f"Pages and reports on {there or chosen.leaders:,} leaders: p95 of {chosen.rounds} readings, warm"
        print_figures(title, ["page or report", "ms", f"of {LIMIT_MS:g} ms", "MB", f"of {LIMIT_MB:g} MB"], rows)


def measure_apart(url: str, group: str, rounds: int) -> Iterator[list[str]]:
    """A line for each act of a group."""
    command = [sys.executable, "-m", "benchmarks", "reports", "--rounds", str(rounds), "--measure", url, group]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    for name, taken_ms in told["ms"].items():
        limit = "–" if name == "csv" else f"{taken_ms / LIMIT_MS:.2f}"
        yield [name, f"{taken_ms:,.1f}", limit, f"{told['mb']:.0f}", f"{told['mb'] / LIMIT_MB:.2f}"]
