"""A leader's notes in words for the page, and what a new one may be about."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from emails.words import write_date
from models.domain import Enrolment
from models.own import read_notes
from models.store import SentMailItem
from scheduler.calendar import local_date
from web.outlook import name_item
from web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNote:
    id: int
    about: str
    on: str
    text: str


def read_notebook(session: Session, site: Site, enrolment: Enrolment) -> tuple[ShownNote, ...]:
    """All notes, the newest first."""
    return tuple(
        ShownNote(
            id=note.id,
            about=name_item(site, enrolment, note.about) if note.about else "",
            on=write_date(local_date(enrolment.leader, note.at)),
            text=note.text,
        )
        for note in read_notes(session, enrolment.id)
    )


def list_subjects(site: Site, enrolment: Enrolment, items: Iterable[SentMailItem]) -> dict[str, str]:
    """What came that a note may be about: tips, things to read and check-ins, by id."""
    came = dict.fromkeys(item.item for item in items if item.kind != "message")
    return {item: name_item(site, enrolment, item) for item in came}
