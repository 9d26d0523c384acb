"""What is a leader's own, and no report reads: habits and notes. Functions take a session and never commit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.dialects import insert_into
from models.tables import HabitRow, NoteRow
from models.transitions import count_changed

LONGEST_NOTE = 1500  # characters
MOST_NOTES = 400  # of one enrolment: more than anybody writes, and a bound on what a link can fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    id: int
    about: str  # an item; "": nothing in particular
    text: str
    at: datetime


def keep_habit(session: Session, enrolment_id: int, item: str, *, now: datetime) -> None:
    """Mark a tip as a habit; one that is marked stays so."""
    row = insert_into(session, HabitRow).values(enrolment_id=enrolment_id, item=item, kept_at=now)
    session.execute(row.on_conflict_do_nothing())


def drop_habit(session: Session, enrolment_id: int, item: str) -> None:
    """Take the mark back."""
    session.execute(delete(HabitRow).where(HabitRow.enrolment_id == enrolment_id, HabitRow.item == item))


def read_habits(session: Session, enrolment_id: int) -> tuple[str, ...]:
    """The tips marked as habits, the first one first."""
    marked = select(HabitRow.item).where(HabitRow.enrolment_id == enrolment_id)
    return tuple(session.scalars(marked.order_by(HabitRow.kept_at, HabitRow.id)))


def add_note(session: Session, enrolment_id: int, text: str, *, about: str = "", now: datetime) -> bool:
    """Keep what was written; False, and nothing kept, where there are too many notes already."""
    written = session.scalar(select(func.count()).where(NoteRow.enrolment_id == enrolment_id)) or 0
    if written >= MOST_NOTES:
        return False
    session.add(NoteRow(enrolment_id=enrolment_id, about=about, text=text, at=now))
    session.flush()
    return True


def remove_note(session: Session, enrolment_id: int, note_id: int) -> bool:
    """Forget a note of this enrolment's; False where there is none such."""
    removed = delete(NoteRow).where(NoteRow.enrolment_id == enrolment_id, NoteRow.id == note_id)
    return count_changed(session, removed) > 0


def read_notes(session: Session, enrolment_id: int) -> tuple[Note, ...]:
    """All notes, the newest first."""
    rows = select(NoteRow).where(NoteRow.enrolment_id == enrolment_id).order_by(NoteRow.at.desc(), NoteRow.id.desc())
    return tuple(Note(id=row.id, about=row.about, text=row.text, at=row.at) for row in session.scalars(rows))
