"""What a leader asks HR to put right, settled with one command."""

from datetime import date

import pytest

from commands.opening import open_house
from models.corrections import Correction, ask_correction
from models.store import read_enrolments
from rehearsal.mailbox import read_mailbox
from tests.integration.commands.house import ROW, House

SAM = "sam.sample@example.org"


@pytest.fixture
def asked(house: House) -> House:
    """One leader, who asks for a later start in another role."""
    house.write_roster("# Spring\n" + ROW)
    house.run("sync")
    with open_house(house.wiring()) as opened, opened.database.sessions.begin() as session:
        (enrolment,) = read_enrolments(session, tracking={})
        correction = Correction(at=house.now, role="chair", start_date=date(2027, 1, 18))
        assert ask_correction(session, enrolment, correction)
    return house


def roster(house: House) -> str:
    return (house.config / "leaders.yaml").read_text(encoding="utf-8")


def test_a_granted_correction_is_written_in_force_settled_and_told(asked: House) -> None:
    listed = asked.run("corrections").out
    assert listed == (
        "Sam Sample (sam.sample@example.org, first-100-days), 2026-12-07: "
        "Role: Chair (now Chief executive); Start date: 18 January 2027 (now 11 January 2027)\n"
    )
    assert "nothing has been changed" in asked.run("corrections", SAM, "--dry-run").out
    assert roster(asked) == "# Spring\n" + ROW
    outcome = asked.run("corrections", SAM)
    assert outcome.code == 0
    assert "Sam Sample: granted." in outcome.out
    assert roster(asked) == "# Spring\n" + ROW.replace("chief-executive", "chair").replace("01-11", "01-18")
    assert asked.run("corrections").out == "Nobody asks for a correction.\n"
    (row,) = asked.run("report", "leaders", "--json").document["rows"]
    assert (row["role"], row["start_date"], row["problems"]) == ("chair", "2027-01-18", [])
    asked.run("tick")
    (mail,) = read_mailbox(asked.mailbox)
    assert (mail.recipient, mail.subject) == (SAM, "Put right, as you asked")
    assert "Start date: 18 January 2027 (now 11 January 2027)" in mail.text
    again = asked.run("corrections", SAM)
    assert (again.code, again.err.startswith("Sam Sample asks for nothing")) == (1, True)


def test_a_declined_correction_changes_nothing_and_the_leader_is_told(asked: House) -> None:
    document = asked.run("corrections", SAM, "--decline", "--json").document
    assert document["outcome"] == "declined"
    assert roster(asked) == "# Spring\n" + ROW
    assert asked.run("corrections", "--json").document == {"rows": []}
    asked.run("tick")
    assert [mail.subject for mail in read_mailbox(asked.mailbox)] == ["Your correction was not made"]


def test_what_cannot_be_written_leaves_the_request_open(asked: House) -> None:
    header = "name,email,role,organisation,start_date\n"
    asked.write_roster("[]\n")
    asked.write_roster(f"{header}Sam Sample,{SAM},chief-executive,Example Hospitals,2027-01-11\n", name="leaders.csv")
    asked.run("sync")
    outcome = asked.run("corrections", SAM)
    assert outcome.code == 1
    assert "stands in leaders.csv; change the row there" in outcome.err
    assert len(asked.run("corrections", "--json").document["rows"]) == 1
