"""A site with one leader who holds one sent mail, and a browser that visits it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from config.settings import Settings
from emails.links import Links, Purpose
from models.choices import add_consent
from models.database import Database
from models.domain import Event, ItemKind, PlacedAs, Programme, QuestionKind
from models.events import read_events
from models.pseudonyms import Pseudonyms
from models.store import set_state
from models.tables import MailItemRow, MailRow, Row
from scheduler.erasing import Erasing
from tests.builders import at, build_enrolment, build_programme, keep_enrolment
from web.app import create_app
from web.site import Site

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SENT_AT = at("2027-01-12 08:30")
READ_AT = at("2027-01-12 13:00")
PROGRAMME = "first-100-days"
SECRET = b"a secret for tests, and no other"
RECALL, APPLICATION, REFLECTION, RESOURCE, CHECK_IN, PLAIN_TIP = range(6)

Tables = dict[str, list[tuple[Any, ...]]]


@dataclass
class Scene:
    """The clock goes only where a test puts it."""

    database: Database
    site: Site
    browser: TestClient
    programmes: dict[str, Programme]
    now: datetime = READ_AT
    enrolment_id: int = 0
    mail_id: int = 0
    links: Links = field(init=False)

    def __post_init__(self) -> None:
        self.links = self.site.links

    # ------------------------------------------------------------ addresses

    def path(self, purpose: Purpose, *numbers: int) -> str:
        return self.links.url(purpose, *numbers).removeprefix(self.site.settings.public_url)

    def question(self, position: int = RECALL) -> str:
        return self.path("a", self.mail_id, position)

    @property
    def check_in(self) -> str:
        return self.path("c", self.mail_id, CHECK_IN)

    @property
    def preferences(self) -> str:
        return self.path("p", self.enrolment_id, self.mail_id)

    @property
    def leaving(self) -> str:
        return self.path("u", self.enrolment_id, self.mail_id)

    @property
    def my_days(self) -> str:
        return self.path("m", self.enrolment_id, self.mail_id)

    def my_data(self, *, seconds: int = 1800) -> str:
        """By a link that is good for so long."""
        return self.path("d", self.enrolment_id, self.mail_id, int(self.now.timestamp()) + seconds)

    def every_link(self) -> list[str]:
        """All links of the mail, and of the pages that it leads to."""
        pages = [self.question(position) for position in (RECALL, APPLICATION, REFLECTION)]
        own = [self.path("o", self.mail_id), self.path("l", self.mail_id, RESOURCE), self.path("t", self.mail_id)]
        return [*own, *pages, self.check_in, self.my_days, self.preferences, self.my_data(), self.leaving]

    # ------------------------------------------------------------ visits

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return self.browser.get(path, follow_redirects=False, **options)

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def nonce(self, path: str) -> str:
        """The mark of the page as it is shown now."""
        return find_nonce(self.get(path).text)

    def press(self, path: str, *, nonce: str | None = None, **fields: Any) -> httpx2.Response:
        """Look at the page, wait for five seconds, press a button."""
        if nonce is None:
            nonce = self.nonce(path)
            self.wait(seconds=5)
        return self.browser.post(path, data={"nonce": nonce, **fields})

    # ------------------------------------------------------------ what is kept

    def tables(self, *, without: Sequence[str] = ()) -> Tables:
        """Every row of every table, save the notes of what was written."""
        with self.database.reading() as session:
            return {
                table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
                for table in Row.metadata.sorted_tables
                if table.name not in ("touched", *without)
            }

    def events(self) -> tuple[Event, ...]:
        with self.database.reading() as session:
            return read_events(session, [self.mail_id]).get(self.mail_id, ())

    def answers(self) -> list[str]:
        """The answers in the log, oldest first."""
        return [event.value["answer"] for event in self.events() if event.kind == "answer"]

    def keep_state(self, key: str, value: str) -> None:
        with self.database.sessions.begin() as session:
            set_state(session, key, value)

    def agree(self, tracking: bool = True) -> None:
        with self.database.sessions.begin() as session:
            add_consent(session, self.enrolment_id, tracking=tracking, how="test", now=self.now)

    def add_mail(self, **fields: Any) -> int:
        """One more nudge, waiting by default."""
        fields = {
            "kind": "nudge",
            "recipient": "sam.sample@example.org",
            "enrolment_id": self.enrolment_id,
            "ordinal": 2,
            "state": "planned",
            "slot": at("2027-01-15 08:30"),
            "not_before": at("2027-01-15 08:30"),
            "local_date": date(2027, 1, 15),
            "day": 4,
            "created_at": SENT_AT,
            **fields,
        }
        with self.database.sessions.begin() as session:
            mail = MailRow(**fields)
            session.add(mail)
            session.flush()
            return mail.id

    def mark_sent(self, mail_id: int, *, at: datetime) -> None:
        with self.database.sessions.begin() as session:
            session.execute(update(MailRow).where(MailRow.id == mail_id).values(state="sent", ended_at=at))


def open_scene(
    database: Database,
    *,
    agreed: bool = True,
    state: str = "sent",
    data: Path | None = None,
    public_url: str = "https://nudges.example.org",
    **settings: Any,
) -> Scene:
    """The leader agreed to tracking, and the mail was tracked, unless it is said otherwise.

    With a folder for receipts and the ledger, leaders can erase what is kept about them.
    """
    programmes = {PROGRAMME: build_programme()}
    chosen = Settings(public_url=public_url, **settings)
    links = Links(chosen.public_url, (SECRET,))
    site = Site(
        database=database,
        settings=chosen,
        programmes=lambda: programmes,
        links=links,
        now=lambda: scene.now,
        erasing=None if data is None else Erasing(database=database, pseudonyms=Pseudonyms((b"a key",)), data=data),
    )
    browser = TestClient(
        create_app(site), base_url=chosen.public_url, headers={"user-agent": FIREFOX}, raise_server_exceptions=True
    )
    scene = Scene(database=database, site=site, browser=browser, programmes=programmes)
    with database.sessions.begin() as session:
        scene.enrolment_id = keep_enrolment(session, build_enrolment()).id
    sent: dict[str, Any] = {"ordinal": 1, "state": state, "ended_at": SENT_AT, "tracked": agreed}
    slot = SENT_AT - timedelta(minutes=3)
    scene.mail_id = scene.add_mail(slot=slot, not_before=slot, local_date=SENT_AT.date(), day=1, **sent)
    with database.sessions.begin() as session:
        session.add_all(_items(scene.mail_id))
    if agreed:
        scene.agree()
    return scene


def _items(mail_id: int) -> list[MailItemRow]:
    lines: list[tuple[str, ItemKind, PlacedAs, QuestionKind | None]] = [
        ("listen-first", "tip", "prompt", "recall"),
        ("listen-first", "tip", "prompt", "application"),
        ("share-early", "tip", "prompt", "reflection"),
        ("short-report", "resource", "new", None),
        ("check-in-30", "check-in", "check-in", None),
        ("share-early", "tip", "new", None),
    ]
    return [
        MailItemRow(mail_id=mail_id, position=position, item=item, kind=kind, placed=placed, question=question)
        for position, (item, kind, placed, question) in enumerate(lines)
    ]


def find_sheet(html: str) -> str:
    """The address of a page's style sheet."""
    found = re.search(r'<link rel="stylesheet" href="([^"]+)">', html)
    assert found, "the page has no style sheet"
    return found.group(1)


def find_nonce(html: str) -> str:
    """The mark in a page's first form."""
    found = re.search(r'name="nonce" value="([^"]+)"', html)
    assert found, "the page has no form with a mark"
    return found.group(1)
