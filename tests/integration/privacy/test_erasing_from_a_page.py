"""Somebody erases themselves while the service runs: nothing of theirs is left, and the others' hits go on."""

import logging
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from config.settings import Settings
from emails.links import Links, Purpose
from models.database import Database
from models.personal import find_leaders
from models.tables import EnrolmentRow, MailRow, Row
from scheduler.erasing import erase, finish_erasures
from tests.builders import build_programme
from tests.integration.privacy.stage import ADDRESS, AGENT, KIM, NOW, PERSONAL, Stage, find_in_files, set_stage
from tests.integration.web.scene import find_nonce
from web import preferences
from web.app import create_app
from web.site import Site

PUBLIC = "https://nudges.example.org"


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return set_stage(database, tmp_path)


@pytest.fixture
def site(stage: Stage) -> Site:
    programme = build_programme()
    return Site(
        database=stage.database,
        settings=Settings(public_url=PUBLIC),
        programmes=lambda: {programme.id: programme},
        links=Links(PUBLIC, (b"a secret for tests, and no other",)),
        now=lambda: NOW,
        erasing=stage.erasing,
    )


@contextmanager
def browse(site: Site, agent: str = AGENT) -> Generator[TestClient]:
    with TestClient(create_app(site), base_url=PUBLIC, headers={"user-agent": agent}) as browser:
        yield browser


def link(stage: Stage, site: Site, purpose: Purpose, *end: int, name: str = ADDRESS) -> str:
    with stage.database.reading() as session:
        (leader,) = find_leaders(session, name)
        enrolment_id = session.scalars(select(EnrolmentRow.id).where(EnrolmentRow.leader_id == leader.id)).one()
        theirs = select(MailRow.id).where(MailRow.enrolment_id == enrolment_id, MailRow.tracked)
        return site.links.url(purpose, enrolment_id, session.scalars(theirs).one(), *end)


def find_in_rows(stage: Stage) -> set[str]:
    """The personal words that stand in any row of any table."""
    with stage.database.reading() as session:
        rows = [str(row).lower() for table in Row.metadata.sorted_tables for row in session.execute(select(table))]
    return {word for word in PERSONAL if any(word.lower() in row for row in rows)}


def test_erasing_from_a_page_leaves_no_word_of_theirs_while_others_hits_go_on(
    stage: Stage, site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    data = link(stage, site, "d", int(NOW.timestamp()) + 1800)
    kims = link(stage, site, "p", name=KIM)
    assert find_in_rows(stage) >= {ADDRESS, AGENT}
    with browse(site) as browser, browse(site, "Kimfox/1.0") as other, ThreadPoolExecutor(4) as several:
        browser.get(link(stage, site, "m"))
        nonce = find_nonce(browser.get(data).text)
        going_on = [several.submit(other.get, kims) for _ in range(40)]
        done = browser.post(data, data={"action": "erase-now", "nonce": nonce})
        going_on += [several.submit(other.get, kims) for _ in range(10)]
        assert {hit.result().status_code for hit in going_on} == {200}

        assert (done.status_code, "1 person" in done.text) == (200, True)
        assert find_in_rows(stage) == set()
        finish_erasures(stage.erasing)  # as each tick does: the others may have been reading at that moment
        assert {word for _, word in find_in_files(tmp_path)} == set()  # database, its log, mailbox, ledger, receipt
    assert not any(word.lower() in caplog.text.lower() for word in PERSONAL)
    assert not any(word.lower() in done.text.lower() for word in PERSONAL)


def test_a_hit_of_somebody_erased_at_that_moment_finds_nothing_more(
    stage: Stage, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader_id, path, real = stage.leader_id(), link(stage, site, "p"), preferences.note_arrival

    def erase_first(*args: object, **options: object) -> None:
        erase(stage.erasing, leader_id, by="admin", now=NOW)
        real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(preferences, "note_arrival", erase_first)
    with browse(site) as browser:
        assert browser.get(path).status_code == 404
