import json
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from models.database import Database
from models.tables import EnrolmentRow, NoteRow, PauseRow
from reports.leader import LEADER, LeaderReport, read_leader
from reports.render import build_document, render_table
from reports.report import ReportError
from tests.builders import at
from tests.integration.reports.stage import build_context, check_in, enrol, keep_nudge, press, prompt, tip

SAM = "sam.sample@example.org"


def tell_a_story(session: Session) -> None:
    enrolment = enrol(session)
    keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"), subject="Ask early")
    mail = keep_nudge(session, enrolment, "2027-01-19", tip("be-open"), prompt("ask-early"), subject="Be open")
    press(session, mail, "2027-01-19 20:00", position=1, answer="forgot")
    keep_nudge(session, enrolment, "2027-01-26", state="failed", attempts=[("permanent", "550 no such mailbox")])
    mail = keep_nudge(session, enrolment, "2027-02-02", check_in(30), subject="A month in")
    press(session, mail, "2027-02-03 07:00", kind="check_in", done="yes")
    session.add(NoteRow(enrolment_id=enrolment.id, about="check-in-30", text="my secret", at=at("2027-02-03 07:00")))
    session.add(
        PauseRow(
            enrolment_id=enrolment.id,
            first=at("2027-01-28 00:00").date(),
            last=at("2027-01-30 00:00").date(),
            by="leader",
            created_at=at("2027-01-27 09:00"),
        )
    )
    keep_nudge(session, enrolment, "2027-02-09", state="planned", why="Next in the sequence.")


def read(database: Database, **fields: Any) -> LeaderReport:
    with database.reading() as session:
        return read_leader(session, build_context(**{"email": SAM, **fields}))


def test_the_mails_of_one_leader_come_in_order_with_what_came_back(database: Database) -> None:
    with database.sessions.begin() as session:
        tell_a_story(session)
        keep_nudge(session, enrol(session, "ann.other"), "2027-01-12", tip("ask-early"))
    report = read(database, email="SAM.sample@example.org")
    told = [(story.subject, story.state, story.engaged, story.checked_in, story.opened) for story in report.rows]
    assert told == [
        ("Ask early", "sent", False, None, None),
        ("Be open", "sent", True, None, None),
        ("", "failed", None, None, None),
        ("A month in", "sent", True, True, None),
    ]
    assert [(row.email, row.sent, row.engaged, row.check_ins_done) for row in report.progress] == [(SAM, 3, 2, 1)]
    assert [(hold.why, hold.by, str(hold.since), str(hold.until)) for hold in report.holds] == [
        ("paused", "leader", "2027-01-28", "2027-01-30")
    ]
    assert [(mail.slot, mail.why) for mail in report.next] == [(at("2027-02-09 08:30"), "Next in the sequence.")]


@pytest.mark.parametrize("visible", [True, False])
def test_how_it_was_answered_is_there_only_where_the_setting_allows_it(database: Database, visible: bool) -> None:
    with database.sessions.begin() as session:
        tell_a_story(session)
    report = read(database, answers_visible=visible)
    written = json.dumps(build_document(report)) + render_table_of(report)
    assert ("forgot" in written, "ask-early: forgot" in written) == (visible, visible)
    assert "my secret" not in written


def render_table_of(report: LeaderReport) -> str:
    return render_table(LEADER, report, build_context())


def test_a_mail_that_was_tracked_says_whether_it_was_opened(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session, agrees=True), "2027-01-12", tip("ask-early"), tracked=True)
    assert [story.opened for story in read(database).rows] == [False]


def test_after_answers_were_removed_a_mail_says_nothing_of_what_came_back(database: Database) -> None:
    with database.sessions.begin() as session:
        tell_a_story(session)
        kept = {"opened": None, "engaged": 2, "check_ins_done": 1}
        session.execute(update(EnrolmentRow).values(kept_counts=kept))
    report = read(database, answers_visible=True)
    assert {(story.engaged, story.checked_in, story.opened) for story in report.rows} == {(None, None, None)}
    assert report.progress[0].engaged == 2
    assert "removed" in render_table_of(report)


def test_the_tables_stand_one_below_the_other(database: Database) -> None:
    with database.sessions.begin() as session:
        tell_a_story(session)
    table = render_table_of(read(database))
    titles = ("Sam Sample <sam.sample@example.org> on 08 February", "\nMails\n", "\nPauses and holds\n", "\nNext\n")
    places = [table.index(title) for title in titles]
    assert places == sorted(places)
    assert "To look at: 1 mail refused for good" in table


def test_of_nobody_there_is_no_report(database: Database) -> None:
    with pytest.raises(ReportError, match="nobody with the address sam"):
        read(database)
