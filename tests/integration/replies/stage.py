"""A leader who holds one sent mail, and a place where replies to it come in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from config.settings import Settings
from emails.links import Links, Purpose
from models.database import Database
from models.domain import Event, RosterEntry
from models.events import read_events
from models.store import read_enrolments
from models.tables import IncomingRow, MailItemRow, MailRow, PauseRow
from scheduler.receiving import Outcome, Reception, receive
from tests.builders import at, build_enrolment, build_leader, keep_enrolment
from tests.replies import OURS, write_reply

READ_AT = at("2027-01-12 13:00")
SECRET = b"a secret for tests, and no other"
SAM = "sam.sample@example.org"


@dataclass
class Stage:
    """The clock goes only where a test puts it."""

    database: Database
    reception: Reception
    enrolment_id: int
    mail_id: int
    now: datetime = READ_AT
    roster: list[RosterEntry] = field(default_factory=list[RosterEntry])
    replies: int = 100

    # ------------------------------------------------------------ what comes in

    def reply(self, words: str = "", *, number: int = 0, **fields: Any) -> Outcome:
        """Sam's reply to the mail; each of another Message-ID, unless it is numbered."""
        self.replies += 1
        return self.take(write_reply(words, number=number or self.replies, **fields))

    def take(self, raw: bytes, *, envelope_sender: str = SAM, recipients: tuple[str, ...] = ()) -> Outcome:
        return receive(self.reception, raw, envelope_sender=envelope_sender, recipients=recipients)

    def token(self, purpose: Purpose, *numbers: int) -> str:
        return self.reception.links.token(purpose, *numbers)

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    # ------------------------------------------------------------ what came of it

    def events(self) -> list[Event]:
        with self.database.reading() as session:
            return list(read_events(session, [self.mail_id]).get(self.mail_id, ()))

    def answers(self) -> dict[int | None, str]:
        """The last answer in the log of each position."""
        return {event.position: event.value["answer"] for event in self.events() if "answer" in event.value}

    def notices(self) -> list[tuple[str, dict[str, str]]]:
        """What the outbox holds besides nudges, to whom, and what it says."""
        with self.database.reading() as session:
            rows = session.execute(
                select(MailRow.recipient, MailRow.notice).where(MailRow.kind != "nudge").order_by(MailRow.id)
            ).all()
        return [(to, {"says": notice["says"], **notice["values"]}) for to, notice in rows if notice]

    def told(self) -> list[str]:
        return [values["says"] for _, values in self.notices()]

    def stopped(self) -> str | None:
        with self.database.reading() as session:
            return read_enrolments(session, tracking={}, ids=[self.enrolment_id])[0].stopped

    def pauses(self) -> list[tuple[Any, Any]]:
        with self.database.reading() as session:
            return [(row.first, row.last) for row in session.scalars(select(PauseRow).order_by(PauseRow.id))]

    def incoming(self) -> list[IncomingRow]:
        with self.database.reading() as session:
            return list(session.scalars(select(IncomingRow).order_by(IncomingRow.id)))


def open_stage(database: Database, *asked: tuple[str, str, str], **settings: Any) -> Stage:
    """`asked`: item, kind and question of each thing the mail asks, after its new tip; two of them without it."""
    chosen = Settings.model_validate({"public_url": "https://nudges.example.org", **settings})
    links = Links(chosen.public_url, (SECRET,))
    with database.sessions.begin() as session:
        enrolment_id = keep_enrolment(session, build_enrolment(leader=build_leader())).id
        sent = at("2027-01-12 08:30")
        mail = MailRow(
            kind="nudge",
            recipient=SAM,
            enrolment_id=enrolment_id,
            ordinal=1,
            state="sent",
            slot=sent,
            not_before=sent,
            local_date=sent.date(),
            day=1,
            created_at=sent,
            ended_at=sent,
            message_id=OURS,
        )
        session.add(mail)
        session.flush()
        lines = asked or (("listen-first", "tip", "recall"), ("short-report", "resource", "application"))
        session.add(
            MailItemRow(mail_id=mail.id, position=0, item="share-early", kind="tip", placed="new", question=None)
        )
        for position, (item, kind, question) in enumerate(lines, 1):
            placed = "check-in" if kind == "check-in" else "prompt"
            row = MailItemRow(mail_id=mail.id, position=position, item=item, kind=kind, placed=placed)
            row.question = question or None
            session.add(row)
        mail_id = mail.id
    reception = Reception(
        database=database,
        settings=chosen,
        links=links,
        tracking=lambda: {"first-100-days": "ask"},
        roster=lambda: stage.roster,
        now=lambda: stage.now,
    )
    stage = Stage(database=database, reception=reception, enrolment_id=enrolment_id, mail_id=mail_id)
    return stage


def rename_mail(stage: Stage, message_id: str) -> None:
    """The relay gave the mail another Message-ID, and ours is unknown to whoever replies."""
    with stage.database.sessions.begin() as session:
        session.execute(update(MailRow).values(message_id=message_id))
