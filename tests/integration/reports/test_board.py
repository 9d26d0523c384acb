from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.database import Database
from reports.board import BoardReport, lay_out_board, read_board
from reports.report import ReportError, Share
from tests.builders import at
from tests.integration.reports.stage import build_context, check_in, enrol, keep_nudge, message, press, prompt, tip


def play(session: Session, name: str, day: str, answer: str) -> None:
    """Somebody who was asked on 26 January and answered on that day."""
    enrolment = enrol(session, name)
    keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"))
    mail = keep_nudge(session, enrolment, "2027-01-26", prompt("ask-early"))
    press(session, mail, f"{day} 20:00", answer=answer)


def read(database: Database, **fields: Any) -> BoardReport:
    with database.reading() as session:
        return read_board(session, build_context(**fields))


def figures(report: BoardReport) -> dict[str, tuple[object, object]]:
    return {row.what: (row.month, row.before) for row in report.rows}


def test_a_month_stands_beside_the_one_before(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(5):
            play(session, f"leader.{number}", "2027-01-27", "using")
        enrolment = enrol(session, "another")
        keep_nudge(session, enrolment, "2027-02-02", check_in(30))
        keep_nudge(session, enrolment, "2027-02-03", message("closing-summary"))
    told = figures(read(database, month=date(2027, 2, 1), now=at("2027-03-10 12:00")))
    assert told["mails sent"] == (2, 10)
    assert told["people who got mail"] == (1, 5)
    assert told["people who came to the end"] == (1, 0)
    assert told["check-ins sent"] == (1, 0)
    assert told["people who started"] == (0, 6)
    assert told["questions answered"] == (0, 5)
    assert told["of these: put to use or known"] == (None, 1.0)


def test_an_answer_that_had_to_wait_counts_in_the_month_of_its_release(database: Database) -> None:
    with database.sessions.begin() as session:
        for number, day in enumerate(["2027-01-27", "2027-02-03", "2027-02-03", "2027-02-03", "2027-02-03"]):
            play(session, f"leader.{number}", day, "using")
    for now in ("2027-02-08 12:00", "2027-03-08 12:00"):
        report = read(database, month=date(2027, 2, 1), now=at(now))
        assert figures(report)["questions answered"] == (5, 0)
        assert report.whole is (now == "2027-03-08 12:00")


def test_no_name_stands_on_the_page(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(5):
            play(session, f"leader.{number}", "2027-01-27", "using")
    sheet = lay_out_board(read(database))
    assert len(sheet.rows) == 12
    assert "leader" not in str(sheet).lower()
    assert Share(1.0) in sheet.rows[7]


def test_a_month_to_come_is_refused(database: Database) -> None:
    with pytest.raises(ReportError, match="2027-03 has not begun"):
        read(database, month=date(2027, 3, 1))
