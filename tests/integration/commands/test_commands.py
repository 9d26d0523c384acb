"""The commands as people and programs call them: what they print, what they change, how they fail."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.database import open_database
from models.domain import Event
from models.events import record_event
from models.tables import MailRow
from rehearsal.mailbox import read_mailbox
from scheduler.telltales import EDITION
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


def send_first(house: House) -> None:
    """The welcome has gone out on 21 December."""
    house.write_roster(ROW)
    house.run("tick")
    house.now = at("2026-12-21 08:30")
    house.run("tick")


def test_a_plan_says_what_it_assumes_about_answers(house: House) -> None:
    send_first(house)
    assert house.run("plan", "sam.sample@example.org", "--json").document["assumes"].startswith("What is to come is")
    assert "as if no question were answered" in house.run("plan", "sam.sample@example.org").out


def test_a_dry_run_shows_what_a_change_does_to_the_plan_before_it_happens(house: House) -> None:
    send_first(house)
    before = house.run("plan", "sam.sample@example.org", "--json").document
    house.write_roster(ROW.replace("2027-01-11", "2027-01-18"))
    dry = house.run("sync", "--dry-run").out
    assert "  already sent: 1; kept: 0; moved: 24; dropped: 0; new: 0\n" in dry
    assert "  moved: “See your organisation as others see it” from Tue 12 Jan 2027 to Tue 19 Jan 2027\n" in dry
    assert house.run("plan", "sam.sample@example.org", "--json").document == before
    (change,) = house.run("sync", "--json").document["changes"]
    assert {"item": "walk-in-other-shoes", "from": "2027-01-12", "to": "2027-01-19"} in change["plan"]["moved"]
    after = house.run("plan", "sam.sample@example.org", "--json").document
    assert [nudge["items"] for nudge in after["nudges"][:1]] == [nudge["items"] for nudge in before["nudges"][:1]]
    assert "welcome" not in {moved["item"] for moved in change["plan"]["moved"]}


def test_a_withdrawn_leader_is_told_to_drop_everything(house: House) -> None:
    send_first(house)
    house.write_roster(ROW + "  status: withdrawn\n")
    (change,) = house.run("sync", "--dry-run", "--json").document["changes"]
    assert (change["plan"]["sent"], change["plan"]["kept"], change["plan"]["moved"]) == (1, [], [])
    assert {dropped["why"] for dropped in change["plan"]["dropped"]} == {"withdrawn"}


def test_a_changed_name_leaves_the_plan_as_it_is(house: House) -> None:
    send_first(house)
    house.write_roster(ROW.replace("Sam Sample", "Samira Sample"))
    (change,) = house.run("sync", "--dry-run", "--json").document["changes"]
    assert (change["plan"]["moved"], change["plan"]["dropped"], len(change["plan"]["kept"])) == ([], [], 24)


def test_why_tells_of_a_mail_that_went_out_and_of_a_day_without_one(house: House) -> None:
    send_first(house)
    sent = house.run("why", "sam.sample@example.org", "2026-12-21", "--json").document
    assert (sent["day"], sent["verdict"]) == (-21, "a mail went out.")
    assert [(mail["state"], mail["ended_at"]) for mail in sent["mails"]] == [("sent", "2026-12-21T08:30:00Z")]
    house.now = at("2026-12-30 09:00")
    looked_back = house.run("why", "sam.sample@example.org", "2026-12-21").out
    assert "calendar: a working day; mail leaves at 08:30 GMT." in looked_back
    assert "mail: sent on Mon 21 Dec 2026 08:30 GMT" in looked_back
    christmas = house.run("why", "sam.sample@example.org", "2026-12-25").out
    assert christmas.startswith(
        "Sam Sample (first-100-days), Friday 25 December 2026: no mail: holiday: Christmas Day."
    )
    assert christmas.endswith("mail: none was sent.\n")
    assert "mail: due, and not out yet" in house.run("why", "sam.sample@example.org", "2026-12-29").out
    house.run("tick")
    missed = house.run("why", "sam.sample@example.org", "2026-12-29").out  # it left a day late
    assert "none was sent, though by today's settings one would have been" in missed


def test_why_counts_the_rules_and_names_what_changed_that_day(house: House) -> None:
    send_first(house)
    lines = house.run("why", "sam.sample@example.org", "2026-12-07").out.splitlines()
    assert lines[0].startswith("Sam Sample (first-100-days), Monday 7 December 2026: no mail: enrolled on Mon 7 Dec")
    assert [line.split(".")[0].strip() for line in lines[1:]] == [str(n) for n in range(1, len(lines))]
    assert lines[-2].endswith("changed that day: enrolled, by the config.")
    house.write_roster(ROW.replace("2027-01-11", "2027-01-18"))
    house.run("sync")
    changed = house.run("why", "sam.sample@example.org", "2026-12-21").out
    assert "changed that day: moved, by the config (start date from 2027-01-11 to 2027-01-18" in changed


def test_why_knows_that_a_row_was_held_that_day(house: House) -> None:
    send_first(house)
    house.write_roster("[]\n")
    house.run("sync")
    house.now = at("2026-12-31 08:30")
    house.write_roster(ROW)
    house.run("sync")
    held = house.run("why", "sam.sample@example.org", "2026-12-29")
    assert "no mail: held: the row is missing from config" in held.out
    assert "held" not in house.run("why", "sam.sample@example.org", "2026-12-31").out


@pytest.mark.parametrize(
    ("day", "code", "words"),
    [
        ("2033-01-01", 1, "is years away from the start date"),
        ("9999-12-31", 2, "9999-12-31"),
        ("0001-01-01", 2, "0001"),
    ],
)
def test_why_of_a_day_years_away_is_said_plainly(house: House, day: str, code: int, words: str) -> None:
    send_first(house)
    outcome = house.run("why", "sam.sample@example.org", day)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def test_a_programme_more_or_less_is_told_with_what_it_does_to_the_other(house: House) -> None:
    shutil.copytree(house.config / "first-100-days", house.config / "again")
    (house.config / "settings.yaml").write_text("programmes: [first-100-days, again]\n", encoding="utf-8")
    send_first(house)
    both = ROW + "  programmes: [first-100-days, again]\n"
    house.write_roster(both)
    more = house.run("sync").out
    assert "Sam Sample (again): enrolled" in more
    assert "Sam Sample (first-100-days): updated, makes way for, or takes over from" in more
    house.write_roster(ROW + "  programmes: [again]\n")
    less = house.run("sync", "--dry-run").out
    assert "held, leaders.yaml no longer names this programme" in less
    assert "  dropped: all 24 that were to come: nothing is sent while held" in less
    assert "Sam Sample (again): updated, makes way for, or takes over from" in less


def test_why_refuses_what_is_no_date_and_whom_it_does_not_know(house: House) -> None:
    send_first(house)
    wrong = house.run("why", "sam.sample@example.org", "2027-02-31")
    assert (wrong.code, wrong.out) == (2, "")
    assert "is no date" in wrong.err
    nobody = house.run("why", "nobody@example.org")
    assert (nobody.code, nobody.out) == (1, "")


def test_check_warns_where_not_all_of_a_programme_fits(house: House) -> None:
    house.write_roster(ROW + "  working_days: [fri]\n  pace: light\n")
    outcome = house.run("check")
    (line,) = [line for line in outcome.out.splitlines() if "fits into this leader's days" in line]
    assert outcome.code == 0
    assert "leaders.yaml:1:1: Sam Sample: not all of first-100-days fits" in line
    assert "leave no room" in line
    assert line.endswith("(a warning)")
    house.write_roster(ROW)
    assert "fits into" not in house.run("check").out


def test_a_replay_finds_what_is_kept_right(house: House) -> None:
    send_first(house)
    for day in ("2026-12-29", "2027-01-04"):
        house.now = at(f"{day} 08:30")
        house.run("tick")
    assert house.run("replay", "--json").document == {"enrolments": 1, "changed": 0}
    assert house.run("replay", "SAM.sample@example.org").out.startswith("Enrolments worked out anew: 1.")
    assert house.run("replay", "nobody@example.org").code == 1


def test_the_log_is_graded_afresh_and_what_moved_is_said(house: House) -> None:
    assert house.run("classify", "--json").document == {
        "since": None,
        "rules": EDITION,
        "mails": 0,
        "events": 0,
        "grades": {"human": 0, "proxied": 0, "suspect": 0, "machine": 0},
        "changed": 0,
        "moved": [],
    }
    send_first(house)
    database = open_database(f"sqlite:///{house.folder / 'var' / 'first100.sqlite3'}")
    with database.sessions.begin() as session:
        sent = session.scalars(select(MailRow).where(MailRow.state == "sent")).one()
        for minutes in (1, 90):
            at_that = house.now + timedelta(minutes=minutes)
            hit = Event(kind="open", at=at_that, mail_id=sent.id, enrolment_id=sent.enrolment_id, agent="Firefox")
            record_event(session, hit)
    database.close()
    outcome = house.run("classify", "--since", house.now.date().isoformat())
    assert outcome.out.splitlines() == [
        "Mails: 1. Hits on them: 2 (1 human, 0 proxied, 1 suspect, 0 machine).",
        "Graded otherwise before, or not at all: 2.",
        "  not graded -> human: 1",
        "  not graded -> suspect: 1",
    ]
    assert house.run("classify", "--since", "2027-12-01", "--json").document["events"] == 0
    wrong = house.run("classify", "--since", "yesterday")
    assert (wrong.code, "Traceback" in wrong.err) == (2, False)


def test_nobody_of_that_address_is_said_plainly(house: House) -> None:
    outcome = house.run("plan", "nobody@example.org")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("nobody with the address nobody@example.org is enrolled")


@pytest.mark.parametrize("name", ["leaders", "cohorts", "items", "delivery", "learning"])
def test_every_report_has_a_table_and_one_json_document(house: House, name: str) -> None:
    house.write_roster(ROW)
    house.run("tick")
    assert house.run("report", name).code == 0
    assert house.run("report", name, "--format", "json").document == house.run("report", name, "--json").document


def test_the_report_on_one_leader_asks_for_an_address(house: House) -> None:
    house.write_roster(ROW)
    house.run("tick")
    assert "Sam Sample" in house.run("report", "leader", "--email", "Sam.Sample@example.org").out
    nobody = house.run("report", "leader", "--email", "nobody@example.org")
    assert (nobody.code, len(nobody.err.splitlines())) == (1, 1)
    assert house.run("report", "leader").code == 2
    assert house.run("report", "items", "--email", "sam.sample@example.org").code == 2


def test_a_report_is_written_to_a_file_in_every_form(house: House, tmp_path: Path) -> None:
    house.write_roster(ROW)
    house.run("tick")
    starts = {
        "table": b"Leaders on",
        "json": b"{",
        "csv": b"\xef\xbb\xbfemail,name",
        "xlsx": b"PK",
        "html": b"<!doctype",
    }
    for written_as, start in starts.items():
        path = tmp_path / f"leaders.{written_as}"
        assert house.run("report", "leaders", "--format", written_as, "--out", str(path)).out == ""
        assert path.read_bytes().startswith(start)
    assert house.run("report", "leaders", "--format", "csv").out.startswith("email,name,role,")
    assert house.run("report", "leaders", "--format", "xlsx").code == 2
    wrong = house.run(
        "report", "leader", "--email", "no@example.org", "--format", "csv", "--out", str(tmp_path / "x.csv")
    )
    assert (wrong.code, (tmp_path / "x.csv").exists(), list(tmp_path.glob(".*"))) == (1, False, [])


def test_an_unknown_report_is_a_usage_error_that_names_the_known_ones(house: House) -> None:
    outcome = house.run("report", "leaderz")
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
