"""A leader about whom there is something in every table, beside another one, and what of it lies on the disk."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emails.envelope import Envelope
from emails.maildir import MaildirTransport
from models.choices import add_consent, choose_pace, pause
from models.database import Database
from models.domain import Belief, Event, Memory
from models.events import read_events, record_event
from models.grades import KeptGrade, keep_grades
from models.happenings import note_sent
from models.memories import KeptMemory, keep_memories
from models.personal import find_leaders
from models.pseudonyms import Pseudonyms
from models.roster import sync_rosters
from models.store import set_state
from models.tables import AttemptRow, CorrectionRow, HabitRow, IncomingRow, LeaderRow, NoteRow, Row
from models.webhooks import KINDS, Seal, add_webhook
from reports.kept import bring_up_to_date
from reports.report import ReportContext
from scheduler.erasing import Erasing
from tests.builders import at, build_entry
from tests.integration.store.rows import add_mail

NOW = at("2027-02-01 10:00")
EARLIER, ADDRESS, ID = "w.q@elsewhere.example.org", "wilhelmina.quartz@example.org", "ESR-77431"
NAME, ORGANISATION = "Wilhelmina Quartz", "Zephyr and Umber Trust"
NOTE, AGENT, SUBJECT = "my deputy wants my chair", "Quartzfox/1.0", "Wilhelmina, ring a partner"
PERSONAL = (EARLIER, ADDRESS, ID, NAME, ORGANISATION, NOTE, AGENT, SUBJECT, "Wilhelmina", "Quartz")
KIM = "kim.example@example.org"
SECRET = b"a secret for tests, and no other"


@dataclass
class Stage:
    """`data` holds ledger, receipts and mailbox, and on SQLite the database."""

    database: Database
    data: Path
    pseudonyms: Pseudonyms = field(default_factory=lambda: Pseudonyms((SECRET,)))

    @property
    def mailbox(self) -> Path:
        return self.data / "mailbox"

    @property
    def erasing(self) -> Erasing:
        return Erasing(database=self.database, pseudonyms=self.pseudonyms, data=self.data, mailboxes=(self.mailbox,))

    def leader_id(self, name: str = ADDRESS) -> int:
        with self.database.reading() as session:
            (leader,) = find_leaders(session, name)
            return leader.id

    def is_here(self, name: str = ADDRESS) -> bool:
        with self.database.reading() as session:
            return bool(find_leaders(session, name))

    def count_rows(self) -> dict[str, int]:
        with self.database.reading() as session:
            return {
                table.name: session.scalar(select(func.count()).select_from(table)) or 0
                for table in Row.metadata.sorted_tables
            }


def set_stage(database: Database, data: Path) -> Stage:
    """Wilhelmina, whose address changed once, and Kim."""
    stage = Stage(database, data)
    with database.sessions.begin() as session:
        seal = Seal(salt="00", mark="x")
        add_webhook(session, "https://hr.example.org/", events=KINDS, seal=seal, now=at("2026-12-07 09:00"))
        wilhelmina = {"name": NAME, "organisation": ORGANISATION, "key": ID}
        before = build_entry(EARLIER, **wilhelmina, origin="leaders.yaml:1")
        kim = build_entry(KIM, name="Kim Example", origin="leaders.yaml:9")
        enrol(session, before, kim, now=at("2026-12-07 09:00"))
        after = build_entry(ADDRESS, **wilhelmina, formerly=(EARLIER,), origin="leaders.yaml:1")
        enrol(session, after, kim, now=at("2026-12-14 09:00"))
        for name in (ADDRESS, KIM):
            (leader,) = find_leaders(session, name)
            fill(session, leader)
        set_state(session, "config_problems", f"leaders.yaml:1: {ADDRESS} stands twice")
    bring_up_to_date(database, ReportContext(programmes={}, tracking={}, small_group=5, now=NOW))
    transport = MaildirTransport(stage.mailbox)
    for number, address in enumerate((EARLIER, ADDRESS, KIM)):
        name, body = ("Kim Example", b"all is well") if address == KIM else (NAME, b64encode(NOTE.encode()))
        head = f"To: {name} <{address}>\r\nMessage-ID: <{number}.x@example.org>\r\n\r\n"
        transport.deliver(Envelope("bounces@example.org", address, head.encode() + body + b"\r\n"))
    return stage


def enrol(session: Session, *entries: Any, now: datetime) -> None:
    sync_rosters(session, {"leaders.yaml": entries}, now=now)


def fill(session: Session, leader: LeaderRow) -> None:
    """Something in every table about this leader; the words are Wilhelmina's where it is she."""
    hers = leader.email == ADDRESS
    (enrolment_id,) = session.scalars(select(_enrolments().c.id).where(_enrolments().c.leader_id == leader.id))
    first = add_mail(
        session,
        enrolment_id,
        state="sent",
        items=["listen-first"],
        recipient=EARLIER if hers else leader.email,
        subject=SUBJECT if hers else "Ring a partner",
        message_id=f"<1.{leader.id}@example.org>",
        ended_at=at("2027-01-11 08:31"),
        tracked=True,
    )
    note_sent(session, first, now=NOW)
    session.add(AttemptRow(mail_id=first, at=NOW, outcome="sent", detail=f"250 queued for <{leader.email}>"))
    value = {"done": "yes", "text": NOTE if hers else "all is well"}
    agent = AGENT if hers else "Firefox"
    done = Event(
        at=NOW, kind="check_in", mail_id=first, enrolment_id=enrolment_id, method="POST", agent=agent, value=value
    )
    record_event(session, done)
    (events,) = read_events(session, [first]).values()
    grade = KeptGrade(credence="human", why="a press", crowd=False, edition="x")
    keep_grades(session, {first: {event.id or 0: grade for event in events}})
    session.add(HabitRow(enrolment_id=enrolment_id, item="listen-first", kept_at=NOW))
    session.add(NoteRow(enrolment_id=enrolment_id, about="listen-first", text=value["text"], at=NOW))
    report = f"550 no mailbox {leader.email} ({leader.name})".encode()
    named = {"at": NOW, "mail_id": first, "answered": False}
    session.add(IncomingRow(name=f"r{leader.id}", taken_as="report", message=report, **named))
    session.add(IncomingRow(name=f"p{leader.id}", taken_as="pause", enrolment_id=enrolment_id, **named))
    session.add(CorrectionRow(enrolment_id=enrolment_id, at=NOW, role="chair", start_date=None))
    pause(session, enrolment_id, now=NOW, until=date(2027, 2, 5))
    choose_pace(session, enrolment_id, "light", now=NOW)
    add_consent(session, enrolment_id, tracking=True, how="preferences page", now=NOW)
    add_mail(
        session,
        enrolment_id,
        ordinal=2,
        slot=at("2027-02-08 08:30"),
        local_date=date(2027, 2, 8),
        recipient=leader.email,
        message=f"To: {leader.name}".encode(),
    )
    memory = Memory(beliefs={"listen-first": Belief(3.0, 5.0, 1.0)}, opened=3.5, unopened=1.5)
    keep_memories(session, {enrolment_id: KeptMemory(memory=memory, through=1, made_from="x")})
    if hers:
        leader.name = NAME


def _enrolments() -> Any:
    return Row.metadata.tables["enrolments"]


def find_in_files(folder: Path, words: tuple[str, ...] = PERSONAL) -> Iterator[tuple[str, str]]:
    """Each file under the folder that holds one of the words, as it is or as mail encodes it, in any case."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        octets = path.read_bytes().lower()
        for word in words:
            spelt = (word.encode(), b64encode(word.encode()), word.replace(" ", "_").encode(), word.encode("utf-16-le"))
            if any(one.lower() in octets for one in spelt):
                yield path.name, word
