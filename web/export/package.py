"""One person's data as a file to take away: a page to read and the same for programs, in one ZIP."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy.orm import Session

from models.memories import read_memories
from models.personal import collect_names, read_rows_about
from models.store import read_enrolments
from models.tables import LeaderRow
from scheduler.history import read_histories
from scheduler.remembering import recall_today
from web.export.rows import build_document
from web.export.story import Person, tell
from web.pages import fill_template
from web.site import Site

PAGE, DOCUMENT = "my-data.html", "my-data.json"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of all files: the same data gives the same bytes
_PRIVATE = 0o600 << 16


def build_export(session: Session, site: Site, leader: LeaderRow) -> bytes:
    """The ZIP of all that is kept about this leader. The same data at the same instant gives the same bytes."""
    person = read_person(session, site, leader)
    document = build_document(person.rows, person.entries, names=person.names, now=person.now)
    page = fill_template(
        "export.html",
        brand=site.settings.brand_name,
        made_at=person.when(person.now),
        name=leader.name,
        sections=tell(site, person),
        document=DOCUMENT,
        hr_contact=site.settings.hr_contact or "",
    )
    return _pack({PAGE: page, DOCUMENT: json.dumps(document, ensure_ascii=False, indent=2) + "\n"})


def read_person(session: Session, site: Site, leader: LeaderRow) -> Person:
    """Every row about the leader, and what their enrolments and HR's files make of it."""
    names = collect_names(session, leader)
    rows = read_rows_about(session, leader, names)
    ids = [row["id"] for row in rows["enrolments"]]
    enrolments = read_enrolments(session, tracking=site.tracking(), ids=ids)
    histories, kept = read_histories(session, enrolments), read_memories(session, ids)
    now = site.now()
    return Person(
        rows=rows,
        enrolments=enrolments,
        memories={
            enrolment.id: recall_today(enrolment, histories[enrolment.id], kept.get(enrolment.id), now=now)
            for enrolment in enrolments
            if enrolment.kept_counts is None
        },
        entries=tuple(
            entry
            for entry in site.roster()
            if not names.all.isdisjoint((entry.leader.key, entry.leader.email.lower(), *entry.formerly))
        ),
        names=names.all,
        now=now,
    )


def _pack(files: dict[str, str]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = ZipInfo(name, _EARLIEST)
            entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, _PRIVATE, 3
            archive.writestr(entry, text.encode())
    return packed.getvalue()
