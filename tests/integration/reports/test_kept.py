"""What is kept for reports is what the log says, whatever is written, whenever one looks."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment
from models.standings import read_stale, read_touched, tally_mails
from models.tables import (
    AttemptRow,
    ConsentRow,
    CorrectionRow,
    EnrolmentRow,
    EventRow,
    GradeRow,
    LeaderRow,
    MailRow,
    PauseRow,
    StandingRow,
    TouchedRow,
)
from reports import kept
from reports.kept import bring_up_to_date, find_stand, read_each
from reports.progress import LeaderProgress, work_out
from reports.report import ReportContext
from tests.builders import at
from tests.integration.reports.stage import (
    NOW,
    agree,
    build_context,
    enrol,
    hit,
    keep_nudge,
    message,
    press,
    prompt,
    tip,
)

Act = Callable[[Session, Enrolment], object]


@pytest.fixture(name="sam")
def enrol_sam(database: Database) -> Enrolment:
    """A leader who agreed to tracking and has been sent two mails, one of which was opened; kept up to date."""
    with database.sessions.begin() as session:
        sam = enrol(session, agrees=True)
        first = keep_nudge(session, sam, "2027-01-12", tip("ask-early"), tracked=True)
        second = keep_nudge(session, sam, "2027-01-19", tip("be-open"), prompt("ask-early"), tracked=True)
        keep_nudge(session, sam, "2027-02-09", state="planned")
        hit(session, first, "open", "2027-01-12 12:00")
        session.add(
            GradeRow(event_id=_the_event(session), mail_id=first, credence="human", why="a", crowd=False, edition="1")
        )
        hit(session, second, "open", "2027-01-19 12:00")
    bring_up_to_date(database, build_context())
    return sam


def _the_event(session: Session) -> int:
    return session.scalars(select(func.max(EventRow.id))).one() or 0


def look(database: Database, context: ReportContext) -> tuple[dict[int, LeaderProgress], dict[int, LeaderProgress]]:
    """What is told, and what the log says."""
    with database.reading() as session:
        everybody = list(session.scalars(select(EnrolmentRow.id)))
        return read_each(session, context, everybody), {
            enrolment.id: row for enrolment, row in work_out(session, context, everybody)
        }


def read_stale_now(database: Database, context: ReportContext) -> set[int]:
    with database.reading() as session:
        return read_stale(session, find_stand(context))


# ---------------------------------------------------------------- whatever is written


def _change(table: Any, **fields: Any) -> Act:
    return lambda session, _: session.execute(update(table).values(**fields))


ACTS: dict[str, Act] = {
    "a mail is sent": lambda session, sam: keep_nudge(session, sam, "2027-01-26", tip("case"), tracked=True),
    "the last mail is sent": lambda session, sam: keep_nudge(session, sam, "2027-02-02", message("closing-summary")),
    "the planned mail is dropped": lambda session, _: session.execute(
        delete(MailRow).where(MailRow.state == "planned")
    ),
    "the planned mail fails": _change(MailRow, state="failed", ended_at=NOW),
    "a mail is refused": lambda session, sam: keep_nudge(
        session, sam, "2027-01-28", state="failed", attempts=[("permanent", "550 no such mailbox")]
    ),
    "a mail is put off": lambda session, _: session.add(
        AttemptRow(mail_id=3, at=NOW, outcome="not_composed", detail="no words")
    ),
    "a mail is answered": lambda session, _: press(session, 2, "2027-01-19 13:00", position=1, answer="using"),
    "a mail is opened": lambda session, _: hit(session, 2, "open", "2027-01-19 13:00"),
    "an opening turns out a crowd's": _change(GradeRow, crowd=True),
    "another turns out a crowd's": lambda session, _: session.add(
        GradeRow(event_id=_the_event(session), mail_id=2, credence="machine", why="a", crowd=True, edition="1")
    ),
    "a pause begins": lambda session, sam: session.add(
        PauseRow(enrolment_id=sam.id, first=date(2027, 2, 1), last=None, by="admin", created_at=NOW)
    ),
    "the leader leaves": _change(EnrolmentRow, left_at=NOW),
    "the row is gone": _change(EnrolmentRow, held_at=NOW),
    "the role is another": _change(EnrolmentRow, role="nobody"),
    "the start moves": _change(EnrolmentRow, start_date=date(2027, 1, 4)),
    "answers are removed": _change(EnrolmentRow, kept_counts={"opened": 7, "engaged": 6, "check_ins_done": 5}),
    "the address is another": _change(LeaderRow, email="sam.sample.two@example.org"),
    "the organisation is another": _change(LeaderRow, organisation="Sample Trust"),
    "somebody else reads the mail": _change(LeaderRow, assistant_reads=True),
    "tracking is taken back": lambda session, sam: agree(session, sam, tracking=False),
    "consents are forgotten": lambda session, _: session.execute(delete(ConsentRow)),
    "a correction is asked for": lambda session, sam: session.add(
        CorrectionRow(enrolment_id=sam.id, at=NOW, role="chair", start_date=None)
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_whatever_is_written_the_row_is_worked_out_anew(database: Database, sam: Enrolment, act: Act) -> None:
    context = build_context()
    before, _ = look(database, context)
    assert read_stale_now(database, context) == set()
    with database.sessions.begin() as session:
        act(session, sam)

    assert read_stale_now(database, context) == {sam.id}
    told, truth = look(database, context)
    assert told == truth != before
    bring_up_to_date(database, context)
    assert read_stale_now(database, context) == set()
    assert look(database, context) == (truth, truth)


def test_a_pause_or_correction_that_goes_is_noticed_too(database: Database, sam: Enrolment) -> None:
    with database.sessions.begin() as session:
        session.add(PauseRow(enrolment_id=sam.id, first=date(2027, 2, 1), last=None, by="admin", created_at=NOW))
        session.add(CorrectionRow(enrolment_id=sam.id, at=NOW, role="chair", start_date=None))
    bring_up_to_date(database, build_context())
    for table, gone in ((PauseRow, update(PauseRow).values(last=date(2027, 2, 2))), (PauseRow, delete(PauseRow))):
        with database.sessions.begin() as session:
            session.execute(gone)
        told, truth = look(database, build_context())
        assert told == truth, table
        bring_up_to_date(database, build_context())
    with database.sessions.begin() as session:
        session.execute(delete(CorrectionRow))
    told, truth = look(database, build_context())
    assert told == truth


# ---------------------------------------------------------------- whenever one looks


DAYS = ("02-09 09:00", "02-09 23:30", "02-10 12:00", "02-20 09:00", "02-21 12:00", "03-02 12:00", "05-20 12:00")


@pytest.mark.parametrize(("time_zone", "late"), [("Europe/London", "active"), ("Pacific/Auckland", "paused")])
def test_the_calendar_alone_changes_what_is_kept(database: Database, time_zone: str, late: str) -> None:
    with database.sessions.begin() as session:
        sam = enrol(session, time_zone=time_zone)
        keep_nudge(session, sam, "2027-01-12", tip("ask-early"))
        for first, last in ((date(2027, 2, 10), date(2027, 2, 20)), (date(2027, 3, 1), date(2027, 3, 2))):
            session.add(PauseRow(enrolment_id=sam.id, first=first, last=last, by="leader", created_at=NOW))
    bring_up_to_date(database, build_context())

    seen: list[tuple[str, int, Sequence[str]]] = []
    for day in DAYS:
        context = build_context(now=at(f"2027-{day}"))
        told, truth = look(database, context)
        assert told == truth, day
        seen.append((told[sam.id].status, told[sam.id].day, told[sam.id].problems))
        if day.startswith("02-2"):
            bring_up_to_date(database, context)
    assert [status for status, _, _ in seen][:3] == ["active", late, "paused"]
    assert seen[-1][2] == ("the programme ended on day 103 without a closing summary",)


def test_another_programme_or_setting_puts_every_row_out_of_date(database: Database, sam: Enrolment) -> None:
    untracked = build_context(tracking={"first-100-days": "off"})
    assert read_stale_now(database, untracked) == {sam.id}
    told, truth = look(database, untracked)
    assert told == truth
    assert told[sam.id].opened is None
    assert read_stale_now(database, build_context(programmes={})) == {sam.id}
    bring_up_to_date(database, untracked)
    assert read_stale_now(database, untracked) == set()


# ---------------------------------------------------------------- many, and at once


def test_the_rest_is_brought_up_to_date_the_next_time(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(7):
            enrol(session, f"person{number}")
    context = build_context()

    assert bring_up_to_date(database, context, most=5) == 5
    assert len(read_stale_now(database, context)) == 2
    assert bring_up_to_date(database, context) == 2
    assert bring_up_to_date(database, context) == 0
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StandingRow)) == 7


def test_a_change_meanwhile_leaves_the_row_out_of_date(
    database: Database, sam: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody answers after the row was worked out and before it is kept; somebody else keeps the newer row."""
    context = build_context()
    with database.sessions.begin() as session:
        hit(session, 2, "open", "2027-01-19 13:00")

    def work_out_slowly(*args: Any) -> Any:
        rows = work_out(*args)
        monkeypatch.undo()
        with database.sessions.begin() as session:
            press(session, 2, "2027-01-19 14:00", position=1, answer="using")
        bring_up_to_date(database, context)
        return rows

    monkeypatch.setattr(kept, "work_out", work_out_slowly)
    bring_up_to_date(database, context)

    told, truth = look(database, context)
    assert told == truth
    assert told[sam.id].engaged == 1


def test_notes_about_who_is_gone_are_taken_away(database: Database, sam: Enrolment) -> None:
    with database.sessions.begin() as session:
        session.execute(delete(EnrolmentRow).where(EnrolmentRow.id == sam.id))
    bring_up_to_date(database, build_context())
    with database.reading() as session:
        assert read_touched(session, most=5) == {}
        assert session.scalar(select(func.count()).select_from(TouchedRow)) == 0
        assert session.scalar(select(func.count()).select_from(StandingRow)) == 0


def test_mails_are_tallied_as_the_outbox_has_them(database: Database, sam: Enrolment) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, sam, "2027-01-28", state="failed", attempts=[("temporary", "451"), ("permanent", "550")])
        keep_nudge(session, sam, "2027-02-01", state="cancelled", kind="notice")
    with database.reading() as session:
        tallies = tally_mails(session, [sam.id])[sam.id]
    assert {name: number for name, number in tallies.items() if number} == {
        "mails_sent": 2,
        "mails_failed": 1,
        "mails_cancelled": 1,
        "refused_hard": 1,
        "refused_soft": 1,
    }
