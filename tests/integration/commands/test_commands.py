"""The commands as people and programs call them: what they print, what they change, how they fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.mailbox import read_mailbox
from tests.builders import at
from tests.integration.commands.house import ROW, House

TOP = Path(__file__).parents[3]


def test_check_says_that_all_is_in_order_or_warns(house: House) -> None:
    outcome = house.run("check")
    assert outcome.code == 0
    assert all("(a warning)" in line for line in outcome.out.splitlines())


def test_a_wrong_row_gets_its_line_and_changes_nothing(house: House) -> None:
    house.write_roster(ROW)
    assert house.run("sync").code == 0
    house.write_roster(ROW.replace("chief-executive", "chief-exectuive"))
    for command in (["check"], ["sync"], ["tick"]):
        outcome = house.run(*command)
        assert outcome.code == 1
        assert "leaders.yaml:3:9: " in outcome.out + outcome.err
        assert "chief-executive" in outcome.out + outcome.err
        assert "Traceback" not in outcome.err
    house.write_roster(ROW)
    assert house.run("sync", "--json").document["changes"] == []


def test_errors_come_before_warnings_and_alone_where_they_stand_in_the_way(house: House) -> None:
    house.write_roster(ROW.replace("chief-executive", "chief-exectuive"))
    lines = house.run("check").out.splitlines()
    assert "leaders.yaml:3:9: " in lines[0]
    assert len(lines) > 1
    assert all(line.endswith("(a warning)") for line in lines[1:])
    assert len(house.run("sync").err.splitlines()) == 1


def test_check_as_json_is_one_document(house: House) -> None:
    house.write_roster(ROW.replace("2027-01-11", "2027-02-31"))
    outcome = house.run("check", "--json")
    assert outcome.code == 1
    errors = [problem for problem in outcome.document["problems"] if problem["severity"] == "error"]
    assert [(error["line"], error["column"]) for error in errors] == [(5, 15)]


def test_a_dry_run_says_when_the_first_mail_leaves_and_changes_nothing(house: House) -> None:
    house.write_roster(ROW)
    dry = house.run("sync", "--dry-run")
    assert "Sam Sample (first-100-days): enrolled" in dry.out
    assert "The first mail leaves Mon 21 Dec 2026 08:30 GMT." in dry.out
    assert "nothing has been changed" in dry.out
    assert house.run("plan", "sam.sample@example.org").code == 1
    real = house.run("sync", "--json").document
    assert [(change["what"], change["next_mail"]) for change in real["changes"]] == [
        ("enrolled", "2026-12-21T08:30:00Z")
    ]
    assert house.run("sync").out == "Nothing to change: the enrolments are as config says.\n"


def test_a_tick_enrols_plans_and_sends_what_is_due(house: House) -> None:
    house.write_roster(ROW)
    first = house.run("tick", "--json").document
    assert first == {
        "now": "2026-12-07T09:00:00Z",
        "enrolled": 1,
        "planned": 1,
        "sent": 0,
        "deferred": 0,
        "failed": 0,
        "in_doubt": 0,
        "expired": 0,
        "next_due": "2026-12-21T08:30:00Z",
    }
    house.now = at("2026-12-21 08:30")
    second = house.run("tick", "--json").document
    assert (second["sent"], second["next_due"]) == (1, "2026-12-29T08:30:00Z")
    assert [mail.recipient for mail in read_mailbox(house.mailbox)] == ["sam.sample@example.org"]
    assert house.run("tick", "--json").document["sent"] == 0


def test_a_virtual_clock_needs_its_setting_and_an_unused_database(house: House) -> None:
    refused = house.run("tick", "--at", "2026-12-21T08:30Z")
    assert refused.code == 1
    assert "FIRST100_ALLOW_TIME_TRAVEL=1" in refused.err
    house.run("tick")
    used = house.run("tick", "--at", "2026-12-21T08:30Z", environ={"FIRST100_ALLOW_TIME_TRAVEL": "1"})
    assert used.code == 1
    assert "used with the real clock" in used.err


def test_a_tick_at_an_instant_works_at_that_instant(house: House) -> None:
    house.environ["FIRST100_ALLOW_TIME_TRAVEL"] = "1"
    house.write_roster(ROW)
    house.run("tick", "--at", "2026-12-07T09:00Z")
    ticked = house.run("tick", "--at", "2026-12-21T08:31Z", "--json").document
    assert (ticked["now"], ticked["sent"]) == ("2026-12-21T08:31:00Z", 1)
    assert house.run("tick", "--at", "yesterday").code == 1


def test_a_plan_shows_what_was_sent_and_what_is_to_come(house: House) -> None:
    house.write_roster(ROW)
    house.run("tick")
    house.now = at("2026-12-21 08:30")
    house.run("tick")
    plan = house.run("plan", "Sam.Sample@example.org", "--json").document
    assert (plan["leader"], plan["role"], plan["start_date"]) == (
        "sam.sample@example.org",
        "chief-executive",
        "2027-01-11",
    )
    first, second = plan["nudges"][:2]
    assert (first["state"], first["day"], first["items"][0]["as"]) == ("sent", -21, "message")
    assert second["state"] == "planned"
    assert second["slot"] == "2026-12-29T08:30:00Z"
    assert second["local"] == "Tue 29 Dec 2026 08:30 GMT"
    assert second["items"][0] == {"item": "connect-before-day-one", "kind": "tip", "as": "new", "question": None}
    assert second["why"]
    assert plan["nudges"][-1]["items"][0]["item"] == "closing-summary"
    table = house.run("plan", "sam.sample@example.org").out
    assert "Sam Sample, Chief executive, Example Hospitals: starts Monday 11 January 2027" in table


def test_nobody_of_that_address_is_said_plainly(house: House) -> None:
    outcome = house.run("plan", "nobody@example.org")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("nobody with the address nobody@example.org is enrolled")


@pytest.mark.parametrize("name", ["leaders", "items", "delivery"])
def test_every_report_has_a_table_and_one_json_document(house: House, name: str) -> None:
    house.write_roster(ROW)
    house.run("tick")
    assert house.run("report", name).code == 0
    assert house.run("report", name, "--format", "json").document == house.run("report", name, "--json").document


def test_an_unknown_report_is_a_usage_error_that_names_the_known_ones(house: House) -> None:
    outcome = house.run("report", "leader")
    assert outcome.code == 2
    assert "leaders" in outcome.err


def test_a_database_out_of_reach_is_a_failure_of_the_service(house: House) -> None:
    nowhere = "postgresql+psycopg://first100:hush@127.0.0.1:9/first100"
    outcome = house.run("tick", environ={"FIRST100_DATABASE_URL": nowhere})
    assert outcome.code == 3
    assert "hush" not in outcome.err + outcome.out
    assert len(outcome.err.splitlines()) == 1


def test_the_data_folder_and_its_key_are_for_the_owner_alone(house: House) -> None:
    house.run("tick")
    data = house.folder / "var"
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "link.key").stat().st_mode & 0o777 == 0o600
    assert (data / "first100.sqlite3").stat().st_mode & 0o777 == 0o600


def test_help_lists_the_commands_without_importing_what_they_need() -> None:
    code = (
        "import sys, main\n"
        "try:\n    main.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'fastapi', 'pydantic', 'holidays', 'jinja2'} & sys.modules.keys()\n"
        "sys.stderr.write(','.join(sorted(heavy)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    assert all(name in ran.stdout for name in ("check", "sync", "plan", "tick", "run", "report", "demo"))
