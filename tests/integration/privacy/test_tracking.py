"""Nothing that reports back without consent, in any mail of the programme; taken back, it holds at once."""

import asyncio
import re
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import httpx2
import pytest

from commands.opening import open_house
from config.load import load_programme
from config.settings import Settings
from rehearsal.clock import VirtualClock
from rehearsal.mailbox import ReceivedMail, read_mailbox
from rehearsal.readers import Browser
from rehearsal.storyboard.casting import Part, cast_parts
from rehearsal.storyboard.mails import StagedMail, make_composer, write_mails
from rehearsal.storyboard.walking import READERS, walk
from tests.builders import at
from tests.integration.commands.house import ROW, House, build_house
from web.app import create_app

PROGRAMME = load_programme(Path(__file__).parents[3] / "config" / "first-100-days")
OURS = "https://n.example.org"
BASE = "http://127.0.0.1:8100"
REPORTS_BACK = re.compile(rf"{OURS}/[olt]/|<img")


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    return build_house(tmp_path, capsys)


def cast(*, tracking: bool, plain: bool = False) -> list[Part]:
    """Everybody, as somebody who agreed to tracking or did not."""
    parts = cast_parts(Settings(), {PROGRAMME.id: PROGRAMME}, roles=(), starts=(date(2027, 1, 11),))
    leaders = [replace(part.enrolment.leader, tracking=tracking, plain=plain) for part in parts]
    return [
        replace(part, enrolment=replace(part.enrolment, leader=leader))
        for part, leader in zip(parts, leaders, strict=True)
    ]


def write_all(parts: list[Part]) -> list[StagedMail]:
    composer = make_composer(Settings(), url=OURS)
    return [mail for part, reader in product(parts, READERS) for mail in write_mails(composer, walk(part, reader))]


# ---------------------------------------------------------------- every mail


@pytest.mark.parametrize("plain", [False, True])
def test_no_mail_of_any_role_reports_back_without_consent(plain: bool) -> None:
    mails = write_all(cast(tracking=False, plain=plain))

    assert len(mails) > 400
    reporting = [mail.stem for mail in mails if REPORTS_BACK.search(mail.composed.html + mail.composed.text)]
    assert reporting == []


def test_with_consent_each_mail_does_and_so_the_test_above_would_see_it() -> None:
    parts = cast(tracking=True)[:1]
    mails = write_all(parts)

    assert all(len(re.findall(rf"{OURS}/o/", mail.composed.html)) == 1 for mail in mails)
    assert any(f"{OURS}/l/" in mail.composed.text for mail in mails)


def test_without_consent_answers_still_move_what_is_asked() -> None:
    (part,) = cast(tracking=False)[:1]
    asked = [
        [(item.item, item.question) for nudge in walk(part, reader).after.nudges for item in nudge.items]
        for reader in READERS
    ]

    assert len({str(one) for one in asked}) == len(READERS)


# ---------------------------------------------------------------- taken back


def press_tracking(house: House, mail: ReceivedMail, value: str) -> None:
    """The button on the page that the mail links to, a quarter of an hour from now."""

    async def visit() -> None:
        clock = VirtualClock(house.now)
        with open_house(replace(house.wiring(), clock=clock)) as opened:
            transport = httpx2.ASGITransport(app=create_app(opened.site))
            async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
                browser = Browser(client, clock)
                (address,) = mail.links("p", base=BASE)
                await browser.press(address, await browser.read(address), "tracking", value, after_seconds=5)

    asyncio.run(visit())


def tick(house: House, when: str) -> ReceivedMail:
    """The newest nudge, after a tick at that time."""
    house.now = at(when)
    assert house.run("tick").code == 0
    nudges = [mail for mail in read_mailbox(house.mailbox) if ":nudge:" in dict(mail.headers)["Feedback-ID"]]
    return nudges[-1]


def test_consent_given_or_taken_back_holds_for_mail_that_was_planned_before(house: House) -> None:
    house.write_roster(ROW)
    house.run("tick")
    welcome = tick(house, "2026-12-21 08:30")  # and the next is planned from now on
    assert welcome.links("o", base=BASE) == ()

    press_tracking(house, welcome, "on")
    second = tick(house, "2026-12-29 08:30")
    assert len(second.links("o", base=BASE)) == 1

    press_tracking(house, second, "off")
    third = tick(house, "2027-01-04 08:30")
    assert third.file != second.file
    assert third.links("o", base=BASE) == third.links("l", base=BASE) == ()
    assert "<img" not in third.html
