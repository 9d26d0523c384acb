"""What is a leader's own: habits, notes, and what is asked of HR; gone with the enrolment."""

from datetime import date, timedelta

from models.corrections import Correction, ask_correction, read_correction
from models.database import Database
from models.own import MOST_NOTES, add_note, drop_habit, keep_habit, read_habits, read_notes, remove_note
from models.tables import LeaderRow
from tests.builders import build_entry
from tests.integration.store.rows import NOW, enrol, read_audit, read_one


def test_a_tip_is_kept_as_a_habit_once_and_let_go(database: Database) -> None:
    own = enrol(database, build_entry())
    with database.sessions.begin() as session:
        keep_habit(session, own, "share-early", now=NOW)
        keep_habit(session, own, "listen-first", now=NOW + timedelta(days=1))
        keep_habit(session, own, "share-early", now=NOW + timedelta(days=2))
        assert read_habits(session, own) == ("share-early", "listen-first")
        drop_habit(session, own, "share-early")
        drop_habit(session, own, "share-early")
        assert read_habits(session, own) == ("listen-first",)


def test_notes_are_read_newest_first_and_removed_by_their_own_enrolment_alone(database: Database) -> None:
    own = enrol(database, build_entry())
    other = enrol(database, build_entry("kim.specimen@example.org"), source="other.yaml")
    with database.sessions.begin() as session:
        assert add_note(session, own, "First", about="check-in-30", now=NOW)
        assert add_note(session, own, "Second", now=NOW)
        second, first = read_notes(session, own)
        assert [(first.text, first.about), (second.text, second.about)] == [("First", "check-in-30"), ("Second", "")]
        assert not remove_note(session, other, first.id)
        assert remove_note(session, own, first.id)
        assert [note.text for note in read_notes(session, own)] == ["Second"]
        assert read_notes(session, other) == ()


def test_there_is_an_end_to_the_notes_that_a_link_can_fill_the_disk_with(database: Database) -> None:
    own = enrol(database, build_entry())
    with database.sessions.begin() as session:
        assert all(add_note(session, own, f"{number}", now=NOW) for number in range(MOST_NOTES))
        assert not add_note(session, own, "one more", now=NOW)


def test_a_request_to_hr_changes_nothing_but_is_on_record(database: Database) -> None:
    own = enrol(database, build_entry())
    enrolment = read_one(database, own)
    asked = Correction(at=NOW, start_date=date(2027, 2, 1))
    with database.sessions.begin() as session:
        assert ask_correction(session, enrolment, asked)
        assert not ask_correction(session, enrolment, Correction(at=NOW, start_date=date(2027, 2, 1)))
        assert read_correction(session, own) == asked
    assert read_one(database, own) == enrolment
    assert read_audit(database, "correction_asked") == [
        {
            "before": {"role": "director", "start_date": "2027-01-11"},
            "after": {"role": "director", "start_date": "2027-02-01"},
        }
    ]
    assert not asked.is_made(enrolment)
    assert Correction(at=NOW, role="director").is_made(enrolment)


def test_all_of_it_goes_with_the_leader(database: Database) -> None:
    own = enrol(database, build_entry())
    enrolment = read_one(database, own)
    with database.sessions.begin() as session:
        keep_habit(session, own, "share-early", now=NOW)
        add_note(session, own, "First", now=NOW)
        ask_correction(session, enrolment, Correction(at=NOW, role="chair"))
    with database.sessions.begin() as session:
        for leader in session.query(LeaderRow):
            session.delete(leader)
    with database.reading() as session:
        assert (read_habits(session, own), read_notes(session, own), read_correction(session, own)) == ((), (), None)
