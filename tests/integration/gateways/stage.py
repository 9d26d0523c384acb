"""The 100 days of every role, played with gateways before each mailbox and people behind them."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from sqlalchemy import event as listening
from sqlalchemy import select

from commands.opening import House, open_house, open_pages
from commands.rehearsing import items_by_question
from commands.wiring import Wiring
from models.choices import add_consent
from models.domain import Credence, Event
from models.events import read_events
from models.grades import read_grades
from models.store import read_enrolments
from models.tables import LeaderRow, MailRow
from rehearsal.clock import VirtualClock
from rehearsal.play import Play
from rehearsal.readers import Habits, Reader
from scheduler.classifying import classify_recent
from scheduler.tick import run_tick
from tests.builders import at
from tests.integration.gateways.traffic import APPLE, GATEWAYS, Network, Recipient

CONFIG = Path(__file__).parents[3] / "config"
BASE = "http://127.0.0.1:8100"
BEGINS, ENDS = at("2026-12-07 08:00"), at("2027-06-01 00:00")
UNTRACKED = "unasked.about.tracking"
EAGER = Habits(opens=0.95, answers=0.7, clicks=0.7, checks_in=0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """An event, when its mail was taken, who really made it, and what it was taken for."""

    event: Event
    accepted_at: datetime
    by_machine: bool
    credence: Credence | None  # as it is kept; None: it has no grade

    @property
    def late(self) -> bool:
        return self.event.at - self.accepted_at > timedelta(minutes=5)

    @property
    def is_press(self) -> bool:
        return self.event.method == "POST"


@dataclass(kw_only=True)
class Played:
    """What came of it. `writes`: how each statement began that wrote while a machine was being answered."""

    network: Network
    mails: int
    hits: list[Graded]
    of_untracked: list[Event]
    writes: Counter[str]
    left: list[str] = field(default_factory=list[str])
    chosen: list[str] = field(default_factory=list[str])


@contextmanager
def open_stage(folder: Path, clock: VirtualClock, *, roles: int) -> Generator[House]:
    """An installation with somebody in each of so many roles, and one more who never said a word about tracking."""
    shutil.copytree(CONFIG / "first-100-days", folder / "config" / "first-100-days")
    tokens = count()
    wiring = Wiring(
        environ={
            "FIRST100_CONFIG": str(folder / "config"),
            "FIRST100_DATA": str(folder / "var"),
            "FIRST100_PUBLIC_URL": BASE,
            "FIRST100_ALLOW_TIME_TRAVEL": "1",
        },
        clock=clock,
        stopwatch=lambda: 0.0,
        new_token=lambda: f"token-{next(tokens)}",
        new_secret=lambda: b"a key for tests only, 32 octets.",
    )
    (folder / "config" / "leaders.yaml").write_text("[]\n", encoding="utf-8")
    with open_house(wiring) as house:
        (programme,) = house.config.current.programmes.values()
        played = list(programme.roles)[:roles]
        cast = [*((role, role) for role in played), (UNTRACKED, played[0])]
        rows = (
            f"- {{name: {name}, email: {name}@example.org, role: {role}, organisation: X, start_date: 2027-01-11}}\n"
            for name, role in cast
        )
        (folder / "config" / "leaders.yaml").write_text("".join(rows), encoding="utf-8")
        run_tick(house.installation, now=clock())
        with house.database.sessions.begin() as session:
            for enrolment in read_enrolments(session, tracking={}):
                if enrolment.leader.name != UNTRACKED:
                    add_consent(session, enrolment.id, tracking=True, how="test", now=clock())
        yield house


def play(folder: Path, *, seed: int, roles: int) -> Played:
    """Every mail of the 100 days, from enrolment to closing summary."""
    clock = VirtualClock(BEGINS)
    with open_stage(folder, clock, roles=roles) as house:
        network = Network(app=open_pages(house), clock=clock, base=BASE)
        writes: Counter[str] = Counter()

        def note(*call: object) -> None:
            words = str(call[2]).split()
            if network.visiting and words[0] in ("INSERT", "UPDATE", "DELETE"):
                writes[" ".join(words[:3])] += 1

        listening.listen(house.database.engine, "before_cursor_execute", note)
        mails = asyncio.run(_play(house, network, clock, seed=seed))
        listening.remove(house.database.engine, "before_cursor_execute", note)
        classify_recent(house.database, now=clock())
        return _sum_up(house, network, mails=mails, writes=writes)


async def _play(house: House, network: Network, clock: VirtualClock, *, seed: int) -> int:
    items = items_by_question(house.config.current.programmes)
    with house.database.reading() as session:
        people = [enrolment.leader.email for enrolment in read_enrolments(session, tracking={})]
    recipients = {
        email: Recipient(
            network=network,
            reader=Reader(habits=EAGER, random=Random(f"{seed} {email}"), items=items),
            random=Random(f"{seed} {email} and what stands before it"),
            origin=f"192.0.2.{1 + number // 2}",  # two behind one hospital's address
            apple=number % 3 == 1,
            gmail=number % 3 == 2,
            guesses=number % 4 == 0,
        )
        for number, email in enumerate(people)
    }
    played = Play(
        installation=house.installation,
        app=network.app,
        clock=clock,
        mailbox=house.settings.data / "mailbox",
        base=BASE,
        readers=recipients,
    )
    await played.run(until=ENDS)
    await network.close()
    return len(played.mails)


def _sum_up(house: House, network: Network, *, mails: int, writes: Counter[str]) -> Played:
    machines = {house.site.links.fingerprint(f"origin\n{address}") for address in (*GATEWAYS, APPLE)}
    with house.database.reading() as session:
        nudges = session.execute(select(MailRow.id, MailRow.ended_at, MailRow.tracked).where(MailRow.kind == "nudge"))
        accepted = {mail_id: (ended_at or ENDS, tracked) for mail_id, ended_at, tracked in nudges}
        events, kept = read_events(session, list(accepted)), read_grades(session, list(accepted))
        enrolments = read_enrolments(session, tracking={"first-100-days": "ask"})
        rows = session.scalars(select(LeaderRow)).all()
        chosen = [row.name for row in rows if row.chosen_send_at or row.chosen_working_days or row.chosen_format]
    hits = [
        Graded(
            event=event,
            accepted_at=accepted[mail_id][0],
            by_machine=event.origin in machines or event.purpose != "",
            credence=kept[event.id or 0].credence if event.id in kept else None,
        )
        for mail_id, own in events.items()
        if accepted[mail_id][1]
        for event in own
    ]
    return Played(
        network=network,
        mails=mails,
        hits=hits,
        of_untracked=[event for mail_id, own in events.items() if not accepted[mail_id][1] for event in own],
        writes=writes,
        left=[enrolment.leader.name for enrolment in enrolments if enrolment.stopped],
        chosen=[*chosen, *(enrolment.leader.name for enrolment in enrolments if enrolment.pace or enrolment.pauses)],
    )
