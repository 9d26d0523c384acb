"""How many messages a second webhooks are told, and what a mail's journal costs when the mail becomes sent.

SQLite with every commit on the disk; whoever takes the messages is a process of its own. The peers, in turn in the same
run: the same messages posted over the same HTTP library with no database, and a mail recorded without a journal.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import count, product
from pathlib import Path
from statistics import median
from typing import IO, Any, cast
from unittest.mock import patch

import httpcore2
from sqlalchemy import delete, insert, update

from benchmarks.measuring import print_figures, time_each
from models.database import Database, migrate, open_database
from models.happenings import Happening, note_happenings
from models.outcomes import record_sent
from models.tables import EnrolmentRow, HappeningRow, LeaderRow, MailRow, WebhookRow
from models.transitions import ClaimedMail
from models.webhooks import KINDS, add_webhook
from scheduler.webhooks.courier import Courier, deliver_due
from scheduler.webhooks.posting import Outlet, trust
from scheduler.webhooks.signing import HookSecrets
from scheduler.webhooks.telling import write_body

MESSAGES, MAILS, ROUNDS = 400, 200, 5
SECRETS = HookSecrets([b"a key for benchmarks, and no other"])
CLAIM = "a claim"
NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
TOP = Path(__file__).parents[1]


def run() -> None:
    """Prints medians, and ratios to the peers."""
    taking = [sys.executable, "-m", "benchmarks.taking"]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(taking, cwd=TOP, stdout=subprocess.PIPE) as taker:
        port = int(cast(IO[bytes], taker.stdout).readline())
        database = open_database(f"sqlite:///{Path(folder) / 'webhooks.sqlite3'}")
        migrate(database)
        enrolments = _enrol(database)
        _print_telling(database, enrolments[0], f"http://127.0.0.1:{port}/")
        _print_recording(database, enrolments)
        database.close()
        taker.terminate()


def _enrol(database: Database) -> list[int]:
    """Leaders, each with a programme, who are on their way nowhere."""
    leader: dict[str, Any] = {
        "name": "Sam Sample",
        "organisation": "Example Hospitals",
        "time_zone": "Europe/London",
        "holidays": "GB-ENG",
        "working_days": [0, 1, 2, 3, 4],
        "send_at": "08:30",
        "away": [],
        "assistant_reads": False,
        "source": "leaders.yaml",
        "created_at": NOW,
    }
    enrolment: dict[str, Any] = {
        "programme": "first-100-days",
        "role": "director",
        "start_date": NOW.date(),
        "enrolled_on": NOW.date(),
        "cohort": "2027-01",
        "skip": [],
        "config_status": "active",
        "source": "leaders.yaml",
        "created_at": NOW,
    }
    with database.sessions.begin() as session:
        addresses = [f"sam.{number}@example.org" for number in range(MAILS)]
        leaders = session.scalars(
            insert(LeaderRow).returning(LeaderRow.id), [{**leader, "key": one, "email": one} for one in addresses]
        ).all()
        made = insert(EnrolmentRow).returning(EnrolmentRow.id)
        return list(session.scalars(made, [{**enrolment, "leader_id": number} for number in leaders]))


def _set_webhooks(database: Database, number: int, url: str) -> None:
    with database.sessions.begin() as session:
        session.execute(delete(HappeningRow))
        session.execute(delete(WebhookRow))
        for salt in range(number):
            add_webhook(session, url, events=KINDS, seal=SECRETS.seal(bytes([salt]) * 32), now=NOW)


# ---------------------------------------------------------------- telling


def _print_telling(database: Database, enrolment: int, url: str) -> None:
    tokens = count()
    courier = Courier(
        database=database,
        secrets=SECRETS,
        outlet=Outlet(trusted=trust(None), allowed=(ip_network("127.0.0.0/8"),)),
        new_token=lambda: f"{next(tokens)}",
        clock=lambda: NOW,
    )
    taken: dict[str, float] = {}
    for number in (1, 8):
        _set_webhooks(database, number, url)

        def tell(number: int = number) -> None:
            with database.sessions.begin() as session:
                session.execute(delete(HappeningRow))
                each = Happening(kind="sent", at=NOW, enrolment_id=enrolment)
                note_happenings(session, [each] * (MESSAGES // number))
            if deliver_due(courier)["delivered"] != MESSAGES:
                sys.exit("not all was delivered")

        seconds = time_each(tell, lambda: asyncio.run(_post_all(url)), rounds=ROUNDS)
        taken[f"told, {number} at a time" if number > 1 else "told, one webhook"] = seconds[0]
        taken["only posted, one connection (the peer)"] = seconds[1]
    peer = taken.pop("only posted, one connection (the peer)")
    rows = [
        [name, f"{MESSAGES / seconds:,.0f}", f"{seconds / peer:.1f}"]
        for name, seconds in {"only posted, one connection (the peer)": peer, **taken}.items()
    ]
    print_figures(f"Webhooks: {MESSAGES} messages, SQLite (median of {ROUNDS})", ["", "a second", "time, ratio"], rows)


async def _post_all(url: str) -> None:
    body = write_body("sent", NOW, {"event": 812, "enrolment": 17, "programme": "first-100-days", "id": None, "day": 1})
    async with httpcore2.AsyncConnectionPool(max_connections=1) as pool:
        for _ in range(MESSAGES):
            await pool.request("POST", url, content=body)


# ---------------------------------------------------------------- what a mail costs


def _print_recording(database: Database, enrolments: list[int]) -> None:
    """Each way in turn, from mails that are between intent and record."""
    ways = {"no journal (the peer)": (0, False), "no webhook": (0, True), "one webhook": (1, True), "ten": (10, True)}
    mails = _make_mails(database, enrolments)
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _, (way, (webhooks, journal)) in product(range(ROUNDS), ways.items()):
        _set_webhooks(database, webhooks, "https://hooks.example.org/")
        with database.sessions.begin() as session:
            session.execute(update(MailRow).values(state="sending", token=CLAIM))
        begun = time.perf_counter()
        with nullcontext() if journal else patch("models.outcomes.note_sent"):
            for mail in mails:
                with database.sessions.begin() as session:
                    if not record_sent(session, mail, now=NOW, detail="250 2.0.0 queued as 42"):
                        sys.exit("a mail was not recorded")
        taken[way].append((time.perf_counter() - begun) / MAILS)
    middle = {way: median(seconds) for way, seconds in taken.items()}
    first = middle["no journal (the peer)"]
    rows = [[way, f"{seconds * 1000:.2f}", f"{seconds / first:.2f}"] for way, seconds in middle.items()]
    title = f"A mail becomes sent: {MAILS} transactions, SQLite (median of {ROUNDS})"
    print_figures(title, ["", "ms a mail", "ratio"], rows)


def _make_mails(database: Database, enrolments: list[int]) -> list[ClaimedMail]:
    recipient = "sam.sample@example.org"
    row = {
        "kind": "nudge",
        "recipient": recipient,
        "ordinal": 1,
        "state": "sending",
        "slot": NOW,
        "not_before": NOW,
        "why": "",
        "token": CLAIM,
        "tracked": False,
        "tries": 1,
        "created_at": NOW - timedelta(hours=1),
    }
    with database.sessions.begin() as session:
        made = insert(MailRow).returning(MailRow.id, MailRow.enrolment_id)
        numbers = session.execute(made, [{**row, "enrolment_id": one} for one in enrolments]).all()
    alike: dict[str, Any] = {"token": CLAIM, "kind": "nudge", "recipient": recipient, "slot": NOW, "tries": 0}
    alike |= {"envelope_sender": None, "notice": None, "message": None}
    return [ClaimedMail(id=mail, enrolment_id=own, **alike) for mail, own in numbers]
