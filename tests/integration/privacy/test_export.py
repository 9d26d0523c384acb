"""What a person gets of their data: all of it, nobody else's, to read and for programs, the same bytes each time."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from config.settings import Settings
from emails.links import Links
from models.database import Database
from models.domain import Event
from models.events import record_event
from models.personal import ABOUT_NOBODY, find_leaders
from models.tables import EnrolmentRow, MailRow, NoteRow, Row
from tests.builders import at, build_entry, build_programme
from tests.integration.privacy.stage import (
    ADDRESS,
    EARLIER,
    ID,
    KIM,
    NAME,
    NOTE,
    ORGANISATION,
    SUBJECT,
    Stage,
    set_stage,
)
from web.export.package import DOCUMENT, PAGE, build_export
from web.site import Site

MADE_AT = at("2027-02-03 09:00")
DOCS = Path(__file__).parents[3] / "docs" / "export.md"


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return set_stage(database, tmp_path)


def export(stage: Stage, address: str = ADDRESS) -> bytes:
    programme = build_programme()
    settings = Settings(public_url="https://nudges.example.org", hr_contact="hr@example.org")
    rows = (
        build_entry(ADDRESS, key=ID, name=NAME, formerly=(EARLIER,), origin="leaders.yaml:1"),
        build_entry(KIM, origin="leaders.yaml:9"),
    )
    site = Site(
        database=stage.database,
        settings=settings,
        programmes=lambda: {programme.id: programme},
        links=Links(settings.public_url, (b"a secret for tests, and no other",)),
        now=lambda: MADE_AT,
        roster=lambda: rows,
    )
    with stage.database.reading() as session:
        (leader,) = find_leaders(session, address)
        return build_export(session, site, leader)


def unpack(octets: bytes) -> tuple[str, Mapping[str, Any]]:
    """The page, and the document."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.namelist() == [PAGE, DOCUMENT]
        return archive.read(PAGE).decode(), json.loads(archive.read(DOCUMENT))


# ---------------------------------------------------------------- for programs


def test_the_document_has_every_column_of_every_table_about_the_person(stage: Stage) -> None:
    _, document = unpack(export(stage))

    tables = {table.name: table for table in Row.metadata.sorted_tables if table.name not in ABOUT_NOBODY}
    assert set(document["tables"]) == set(tables)
    for name, rows in document["tables"].items():
        assert rows, f"nothing of {name}"
        for row in rows:
            assert set(row) == {column.name for column in tables[name].columns}


def test_the_document_has_the_rows_as_the_database_has_them_and_none_of_anybody_else(stage: Stage) -> None:
    _, document = unpack(export(stage))
    _, kims = unpack(export(stage, KIM))

    text = json.dumps(document)
    assert KIM not in text
    assert ADDRESS not in json.dumps(kims)
    for name, rows in document["tables"].items():
        assert len(rows) + len(kims["tables"][name]) == stage.count_rows()[name]
    (leader,) = document["tables"]["leaders"]
    assert (leader["key"], leader["email"], leader["created_at"]) == (ID, ADDRESS, "2026-12-07T09:00:00Z")
    first = document["tables"]["mails"][0]
    assert (first["recipient"], first["subject"], first["local_date"]) == (EARLIER, SUBJECT, "2027-01-11")
    assert {mail["message"] for mail in document["tables"]["mails"]} >= {"VG86IFdpbGhlbG1pbmEgUXVhcnR6"}
    assert [note["text"] for note in document["tables"]["notes"]] == [NOTE]
    assert document["known_as"] == sorted([ID.lower(), ADDRESS, EARLIER], key=str.lower) or document[
        "known_as"
    ] == sorted([ID, ADDRESS, EARLIER])
    assert [row["origin"] for row in document["roster"]] == ["leaders.yaml:1"]
    assert (document["format"], document["made_at"]) == ("first100 export 1", "2027-02-03T09:00:00Z")


def test_every_key_is_documented(stage: Stage) -> None:
    _, document = unpack(export(stage))
    sections = re.split(r"(?m)^### `(\w+)`$", DOCS.read_text(encoding="utf-8"))
    documented = {
        name: set(re.findall(r"`(\w+)`", text)) for name, text in zip(sections[1::2], sections[2::2], strict=True)
    }

    assert set(re.findall(r"(?m)^\| `(\w+)` \|", sections[0])) == set(document)
    assert set(documented) == set(document["tables"])
    for name, rows in document["tables"].items():
        assert set(rows[0]) - documented[name] == set(), name


def test_the_same_data_gives_the_same_bytes(stage: Stage) -> None:
    assert export(stage) == export(stage)


# ---------------------------------------------------------------- for people


def test_the_page_tells_who_what_and_when(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        mail_id, enrolment_id = session.execute(
            select(MailRow.id, MailRow.enrolment_id).where(MailRow.recipient == EARLIER)
        ).one()
        pressed = Event(
            at=at("2027-01-11 12:00"),
            kind="answer",
            mail_id=mail_id,
            enrolment_id=enrolment_id,
            position=0,
            method="POST",
            value={"answer": "nearly"},
        )
        record_event(session, pressed)

    page, _ = unpack(export(stage))

    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for words in (
        NAME,
        ORGANISATION,
        f"Earlier addresses and ids {EARLIER}",
        "Day 0, your start 11 January 2027",
        "Pauses 1 February 2027 to 5 February 2027",
        f"11 January 2027, 08:31 {SUBJECT} sent",
        "11 January 2027, 12:00 Listen first Nearly",
        f"1 February 2027, 10:00 Listen first {NOTE}",
        "1 February 2027, 10:00 Listen first kept as a habit",
        "1 February 2027, 10:00 agreed preferences page",
        "HR’s file changed email: w.q@elsewhere.example.org → wilhelmina.quartz@example.org",
        "You chose how many e-mails light",
        "Write to hr@example.org",
        f"leaders.yaml:1 {NAME}, {ADDRESS} active",
    ):
        assert words in text
    assert re.search(r"Listen first (almost certainly|probably|perhaps|probably not) \(\d+ in 100\)", text)


def test_what_somebody_wrote_is_shown_and_never_run(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        session.execute(update(NoteRow).values(text="<script>alert(1)</script>"))

    page, _ = unpack(export(stage))

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_loads_nothing_and_holds_no_live_link(stage: Stage) -> None:
    page, _ = unpack(export(stage))

    assert re.findall(r"(?:href|src)=\"([^\"]*)\"", page) == ["mailto:hr@example.org"]
    assert "nudges.example.org" not in page


def test_an_enrolment_whose_programme_is_gone_is_told_all_the_same(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        session.execute(update(EnrolmentRow).values(programme="gone"))

    page, _ = unpack(export(stage))

    assert "<h2>gone</h2>" in page
    assert "listen first" in page
