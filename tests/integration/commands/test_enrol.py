"""`enrol`: one leader written into leaders.yaml, shown before, brought about, and taken back."""

import io
import sys

import pytest

from rehearsal.mailbox import read_mailbox
from tests.builders import at
from tests.integration.commands.house import DEE_ROW, ROW, House, Terminal

SAM = "sam.sample@example.org"
COMMENTED = "# Spring intake\n" + ROW.replace("chief-executive", "chief-executive  # since May") + "\n# The end\n"
DEE = ["enrol", "dee@example.org", "--name", "Dee Sample", "--role", "chair", "--organisation", "Example Trust"]


def roster(house: House) -> str:
    return (house.config / "leaders.yaml").read_text(encoding="utf-8")


def leaders(house: House) -> list[str]:
    return [row["email"] for row in house.run("report", "leaders", "--json").document["rows"]]


def test_a_leader_is_written_below_the_others_shown_with_four_mails_and_enrolled(house: House) -> None:
    house.write_roster(COMMENTED)
    outcome = house.run(*DEE, "--start", "2027-01-11")
    assert outcome.code == 0
    assert roster(house) == COMMENTED + DEE_ROW
    assert "Dee Sample (dee@example.org): new" in outcome.out
    lines = outcome.out.splitlines()
    enrolled = next(
        place for place, line in enumerate(lines) if line.startswith("Dee Sample (first-100-days): enrolled")
    )
    assert lines[enrolled].endswith("The first mail leaves Mon 21 Dec 2026 08:30 GMT.")
    assert lines[enrolled + 1].startswith("  Mon 21 Dec 2026 08:30 GMT  ")
    mails = [line for line in lines if line.startswith("  ")]
    assert len(mails) == 8  # four of each: Sam was not in force yet either
    assert leaders(house) == ["dee@example.org", SAM]


def test_a_dry_run_writes_nothing(house: House) -> None:
    outcome = house.run(*DEE, "--start", "2027-01-11", "--dry-run")
    assert (outcome.code, roster(house), leaders(house)) == (0, "[]\n", [])
    assert "nothing has been changed" in outcome.out


def test_as_json_it_is_one_document_with_the_first_mails(house: House) -> None:
    document = house.run(*DEE, "--start", "11 January 2027", "--json").document
    assert document["written"]
    assert [one["what"] for one in document["leaders"]] == ["new"]
    mails = document["changes"][0]["first_mails"]
    assert len(mails) == 4
    assert mails[0]["slot"] == "2026-12-21T08:30:00Z"
    assert all(mail["subject"] for mail in mails)


def test_every_mistake_is_named_and_nothing_written(house: House) -> None:
    house.write_roster(ROW)
    outcome = house.run("enrol", "dee@example", "--name", "Dee", "--role", "chiar", "--start", "2027-02-30")
    assert outcome.code == 1
    assert [line.split(" ", 2)[1] for line in outcome.err.splitlines()] == ["email:", "organisation", "start_date:"]
    assert (
        "enrol: start_date: '2027-02-30' is no date: February 2027 has 28 days; write a day that exists" in outcome.err
    )
    assert roster(house) == ROW
    chair = house.run(*DEE, "--start", "2027-01-11", "--role", "chiar")
    assert chair.err == "enrol: role: 'chiar' is no role of first-100-days; did you mean chair?\n"


def test_a_broken_file_is_left_alone_and_named(house: House) -> None:
    broken = ROW.replace("chief-executive", "chief-exectuive")
    house.write_roster(broken)
    outcome = house.run(*DEE, "--start", "2027-01-11")
    assert outcome.code == 1
    assert "leaders.yaml:3:9: " in outcome.err
    assert roster(house) == broken


def test_of_somebody_who_is_there_only_what_is_given_changes(house: House) -> None:
    house.write_roster(COMMENTED)
    house.run("sync")
    outcome = house.run("enrol", SAM.upper(), "--start", "2027-01-18", "--pace", "light")
    assert outcome.code == 0
    assert roster(house) == COMMENTED.replace("start_date: 2027-01-11\n", "start_date: 2027-01-18\n  pace: light\n")
    assert "start_date: 2027-01-11 → 2027-01-18; pace: nothing → light" in outcome.out
    assert "moved, start date moved from 2027-01-11 to 2027-01-18" in outcome.out
    same = house.run("enrol", SAM, "--name", "Sam Sample")
    assert "Nothing to change" in same.out


def test_a_changed_address_goes_with_the_earlier_one_or_the_id(house: House) -> None:
    house.write_roster(ROW)
    house.run("sync")
    outcome = house.run("enrol", "sam.new@example.org", "--formerly", SAM)
    assert outcome.code == 0
    assert roster(house) == ROW.replace(SAM, "sam.new@example.org") + "  formerly: [sam.sample@example.org]\n"
    assert leaders(house) == ["sam.new@example.org"]


def test_somebody_in_the_csv_is_changed_there(house: House) -> None:
    header = "name,email,role,organisation,start_date\n"
    house.write_roster(f"{header}Dee Sample,dee@example.org,chair,Example Trust,2027-01-11\n", name="leaders.csv")
    outcome = house.run(*DEE, "--start", "2027-01-18")
    assert outcome.code == 1
    assert outcome.err.startswith("enrol: dee@example.org stands in leaders.csv; change the row there")


def test_at_a_terminal_what_is_missing_is_asked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("chair\nExample Trust\n11/13\n"))
    asked = house.run("enrol", "dee@example.org", "--name", "Dee Sample")
    assert "Role (chief-executive, chair, " in asked.err
    assert asked.code == 1
    assert "'11/13' is no date" in asked.err
    monkeypatch.setattr(sys, "stdin", Terminal("chair\nExample Trust\n11 January 2027\ny\n"))
    outcome = house.run("enrol", "dee@example.org", "--name", "Dee Sample")
    assert outcome.code == 0
    assert roster(house) == DEE_ROW.replace("- name", "\n- name", 1)
    assert "Write this into" in outcome.err


def test_who_says_no_at_the_terminal_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    outcome = house.run(*DEE, "--start", "2027-01-11")
    assert outcome.code == 1
    assert outcome.err.endswith("Nothing has been changed.\n")
    assert (roster(house), leaders(house)) == ("[]\n", [])


def test_without_a_terminal_nothing_is_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("chair\n"))
    outcome = house.run("enrol", "dee@example.org")
    assert outcome.code == 1
    assert outcome.err.splitlines()[0] == "enrol: name is missing; add it here"


# ---------------------------------------------------------------- taken back


def test_a_fridays_mistake_taken_back_before_monday_leaves_no_trace(house: House) -> None:
    house.write_roster(COMMENTED.replace("2027-01-11", "2027-06-01"))
    before = roster(house)
    house.now = at("2027-01-08 16:00")  # a Friday, and the start date is past: all could leave at once
    house.run(*DEE, "--start", "2027-01-04")
    ticked = house.run("tick", "--json").document
    assert (ticked["sent"], ticked["next_due"]) == (0, "2027-01-11T08:30:00Z")
    outcome = house.run("enrol", "Dee@example.org", "--undo")
    assert outcome.out == "Dee Sample is taken back: no row, no enrolment, and no mail has left.\n"
    assert roster(house) == before
    house.now = at("2027-01-11 08:30")
    assert house.run("tick", "--json").document["sent"] == 0
    assert read_mailbox(house.mailbox) == []
    assert leaders(house) == [SAM]


def test_a_row_deleted_by_hand_before_the_first_mail_sends_nothing(house: House) -> None:
    house.now = at("2027-01-08 16:00")
    house.write_roster(ROW.replace("2027-01-11", "2027-01-04"))
    house.run("tick")
    house.write_roster("[]\n")
    house.now = at("2027-01-11 08:30")
    assert house.run("tick", "--json").document["sent"] == 0
    assert read_mailbox(house.mailbox) == []


def test_what_has_been_written_to_cannot_be_taken_back(house: House) -> None:
    house.write_roster(ROW)
    house.run("tick")
    house.now = at("2026-12-21 08:30")
    assert house.run("tick", "--json").document["sent"] == 1
    outcome = house.run("enrol", SAM, "--undo")
    assert outcome.code == 1
    assert outcome.err.startswith("Sam Sample: a mail has left already, so this cannot be undone")
    assert (roster(house), leaders(house)) == (ROW, [SAM])


def test_whoever_is_not_there_cannot_be_taken_back(house: House) -> None:
    outcome = house.run("enrol", "nobody@example.org", "--undo")
    assert outcome.code == 1
    assert outcome.err.startswith("nobody@example.org: no row of ")
    assert house.run("enrol", SAM, "--undo", "--pace", "light").code == 2
