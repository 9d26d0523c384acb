"""Every link of every mail leads somewhere on the running service, and is short enough for a mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from typing import Any, Final, cast

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from emails.compose import Composed
from emails.links import Links, Purpose
from emails.weekly import Week
from models.choices import add_consent, choose_format
from models.database import Database, migrate, open_database
from models.digests import Digest
from models.domain import CheckIn, Enrolment, History, Notice, PlannedNudge, Programme, Resource
from models.notices import post_notice
from models.outbox import plan_nudges
from scheduler.dispatch import Dispatch, send_due
from tests.builders import keep_enrolment
from tests.fakes import RecordingTransport, Tokens
from tests.integration.mail.gallery import SECRETS, Mail, compose, open_composer
from tests.integration.mail.variants import (
    LONGEST_URL,
    WITH_LOGO,
    Variant,
    choose_some,
    list_variants,
    shipped_programme,
)
from web.app import create_app
from web.site import Site

READ_AFTER: Final = timedelta(hours=5)
LINKS: Final = Links(LONGEST_URL, SECRETS)
OURS = re.compile(rf"{re.escape(LONGEST_URL)}(?P<path>/(?P<purpose>[a-z])/(?P<token>[\w-]+)[\w.]*)")


@dataclass(kw_only=True)
class Post:
    """Each variant as it was really sent, and a browser on the service that sent it. `now` is the service's clock."""

    mails: tuple[Mail, ...]
    browser: TestClient = field(init=False)
    now: datetime = field(init=False)

    def visit(self, path: str, *, at: datetime) -> httpx2.Response:
        self.now = at
        return self.browser.get(path, follow_redirects=False)


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('post')}/first100.sqlite3")
    migrate(database)
    post = Post(mails=tuple(send_all(database)))
    programmes = {shipped_programme().id: shipped_programme()}
    site = Site(database=database, settings=WITH_LOGO, programmes=lambda: programmes, links=LINKS, now=lambda: post.now)
    post.browser = TestClient(create_app(site))
    yield post
    database.close()


def send_all(database: Database) -> Iterator[Mail]:
    """Each variant in the outbox for a leader of its own, and sent when its time has come; what left."""
    with database.sessions.begin() as session:
        variants = {variant.enrolment.id: variant for variant in post_all(session)}
    composed: dict[int, Composed] = {}

    def plan(_: Programme, enrolment: Enrolment, history: History, now: datetime) -> PlannedNudge:
        return cast(PlannedNudge, variants[enrolment.id].says)

    def compose_nudge(nudge: PlannedNudge, *, enrolment: Enrolment, **given: Any) -> Composed:
        composer = open_composer(variants[enrolment.id].settings)
        composed[enrolment.id] = composer.compose_nudge(nudge, enrolment=enrolment, **given)
        return composed[enrolment.id]

    def compose_notice(notice: Notice, *, enrolment: Enrolment, **given: Any) -> Composed:
        composer = open_composer(variants[enrolment.id].settings)
        composed[enrolment.id] = composer.compose_notice(notice, enrolment=enrolment, **given)
        return composed[enrolment.id]

    transport = RecordingTransport()
    programme = shipped_programme()
    for instant in sorted({variant.leaves_at for variant in variants.values()}):
        send_due(
            Dispatch(
                database=database,
                programmes={programme.id: programme},
                tracking={programme.id: "ask"},
                plan=plan,
                compose=compose_nudge,
                compose_notice=compose_notice,
                transport=transport,
                new_token=Tokens(f"{instant}"),
                clock=partial(instant.astimezone, UTC),
            )
        )
    left = {envelope.message for envelope in transport.accepted}
    for number, variant in variants.items():
        assert composed[number].message in left
        yield Mail(variant=variant, composed=composed[number])


def post_all(session: Session) -> Iterator[Variant]:
    for number, variant in enumerate(choose_some()):
        address, says, now = f"leader-{number}@example.org", variant.says, variant.leaves_at
        if isinstance(says, Digest | Week):  # about no enrolment, and their one link has no token
            continue
        leader = replace(variant.enrolment.leader, key=address, email=address)
        enrolment = keep_enrolment(session, replace(variant.enrolment, leader=leader))
        if leader.tracking:
            add_consent(session, enrolment.id, tracking=True, how="test", now=now)
        if leader.plain:
            choose_format(session, enrolment.id, plain=True, now=now)
        posted = replace(variant, enrolment=enrolment)
        if isinstance(says, Notice):
            post_notice(session, says, recipient=posted.recipient, enrolment_id=enrolment.id, now=now)
        else:
            assert plan_nudges(session, [(enrolment, says)], now=now) == 1
        yield posted


def list_links(mail: Mail) -> set[str]:
    """Every address in a mail: shown, hidden, of images, in headers."""
    addresses = {address for _, address in mail.page.links} | {image["src"] or "" for image in mail.page.images}
    addresses |= {trap["href"] or "" for trap in mail.page.traps}
    leave: str = mail.parsed["List-Unsubscribe"] or ""
    return addresses | set(re.findall(r"https?://\S+", mail.text)) | set(re.findall("<(https://[^>]+)>", leave))


# ---------------------------------------------------------------- where they lead


def test_every_link_of_every_mail_leads_to_what_it_names(post: Post) -> None:
    seen: set[str] = set()
    for mail in post.mails:
        for address in list_links(mail) - list_addresses(mail):
            if address.startswith(f"{LONGEST_URL}/brand/"):
                logo = post.visit(address.removeprefix(LONGEST_URL), at=mail.variant.leaves_at)
                assert logo.headers["content-type"] == "image/png", (mail.name, logo)
                continue
            found = OURS.fullmatch(address)
            assert found is not None, (mail.name, address)
            purpose = cast(Purpose, found["purpose"])
            answer = post.visit(found["path"], at=mail.variant.leaves_at + READ_AFTER)  # a proxy takes off the rest
            assert leads_right(answer, mail, purpose, LINKS.read(purpose, found["token"])), (mail.name, address, answer)
            seen.add(purpose)

    assert seen == set("oltacmpu")


def list_addresses(mail: Mail) -> set[str]:
    """Where a mail may lead beside our pages: to the resources it holds; the closing mail to all of them."""
    if isinstance(mail.variant.says, Notice):
        return {mail.variant.says.values.get("url", "")}  # the page that asked for the notice made it
    items = shipped_programme().items
    names = list(items) if mail.is_closing else [planned.item for planned in mail.items]
    return {item.url for name in names if isinstance(item := items[name], Resource) and item.url}


def leads_right(answer: httpx2.Response, mail: Mail, purpose: Purpose, numbers: tuple[int, ...] | None) -> bool:
    """Whether an answer is what a link of that purpose promises."""
    assert numbers is not None
    words = " ".join(unescape(answer.text).split())
    planned = mail.items[numbers[1]] if purpose in "lac" else None
    item = shipped_programme().items[planned.item] if planned else None
    match purpose, item:
        case "o", _:
            return (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        case "t", _:
            return answer.status_code == 200 and "There is nothing to see here" in words
        case "l", Resource(url=url):
            return (answer.status_code, answer.headers["location"]) == (302, url)
        case "a", _ if planned and item and planned.question:
            question = item.question(planned.question)
            return answer.status_code == 200 and question is not None and question.ask in words
        case "c", CheckIn(asks=asks):
            return answer.status_code == 200 and all(ask in words for ask in asks)
        case "m" | "p" | "u", None:
            return answer.status_code == 200 and "<form" in words and numbers[0] == mail.variant.enrolment.id
        case _:
            return False


# ---------------------------------------------------------------- how long they are


def test_no_link_of_ours_is_longer_than_eighty_characters_however_many_mails_there_were() -> None:
    for variant in list_variants():
        mail = compose(replace(variant, enrolment=replace(variant.enrolment, id=1_000_000)), mail_id=100_000_000)
        ours = list_links(mail) - list_addresses(mail)
        assert {address for address in ours if len(address) > 80 or not address.startswith(LONGEST_URL)} == set()
