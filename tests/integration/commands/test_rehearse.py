"""`rehearse` as people call it: the folder, one item, one item watched, and how it refuses."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO

import pytest
from icalendar import Calendar

from tests.integration.commands.house import ROW, House

TOP = Path(__file__).parents[3]
PATIENCE_SECONDS = 60


def test_it_writes_a_folder_and_says_where_without_a_database(house: House) -> None:
    outcome = house.run("rehearse", "--role", "chair")
    data = house.folder / "var"
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "54 mails for one sample leader, as three kinds of reader get them. Nothing was sent.",
        f"Open {data / 'rehearsal' / 'index.html'} in a browser.",
    ]
    assert [path.name for path in data.iterdir()] == ["rehearsal"]
    assert data.stat().st_mode & 0o777 == 0o700


def test_as_json_it_tells_what_it_wrote(house: House) -> None:
    document = house.run("rehearse", "--role", "chair", "--start", "2027-02-01", "--json").document
    (part,) = document["parts"]
    assert (part["role"], part["start_date"], part["enrolled_on"]) == ("chair", "2027-02-01", "2026-12-28")
    assert [reader["reader"] for reader in part["readers"]] == ["none", "half", "all"]
    assert Path(document["index"]).exists()
    assert (Path(document["folder"]) / part["folder"] / "plan.ics").exists()


def test_roles_and_start_dates_may_be_repeated(house: House) -> None:
    starts = ["--start", "2027-02-01", "--start", "2027-01-11"]
    document = house.run("rehearse", "--role", "chair", "--role", "system-leader", *starts, "--json").document
    assert [(part["role"], part["start_date"]) for part in document["parts"]] == [
        ("chair", "2027-01-11"),
        ("chair", "2027-02-01"),
        ("system-leader", "2027-01-11"),
        ("system-leader", "2027-02-01"),
    ]


def test_without_a_start_date_it_is_the_next_monday_five_weeks_ahead(house: House) -> None:
    document = house.run("rehearse", "--role", "chair", "--json").document  # today is Monday 7 December 2026
    assert document["parts"][0]["start_date"] == "2027-01-11"


def test_it_is_made_again_in_its_own_folder_and_nowhere_else(house: House) -> None:
    out = house.folder / "for-ld"
    assert house.run("rehearse", "--role", "chair", "--out", str(out)).code == 0
    (out / "remarks.txt").write_text("ours")
    assert house.run("rehearse", "--role", "system-leader", "--out", str(out)).code == 0
    assert (out / "remarks.txt").read_text() == "ours"
    assert sorted(path.name for path in (out / "first-100-days").iterdir()) == ["system-leader"]
    refused = house.run("rehearse", "--out", str(house.config))
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert "holds something that no rehearsal made" in refused.err


def test_a_roster_that_is_wrong_does_not_stand_in_its_way(house: House) -> None:
    house.write_roster("- wrong\n")
    assert house.run("rehearse", "--role", "chair").code == 0


def test_a_text_that_is_wrong_is_named(house: House) -> None:
    tip = house.config / "first-100-days" / "tips" / "share-risk-early.md"
    tip.write_text(tip.read_text(encoding="utf-8").replace("when_late: send", "when_late: sned"), encoding="utf-8")
    outcome = house.run("rehearse")
    assert (outcome.code, len(outcome.err.splitlines())) == (1, 1)
    assert "share-risk-early.md:8:12: when_late: 'sned' is not known" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--role", "chiar"], 1, "there is no role 'chiar'; known: chief-executive"),
        (["--item", "share-risk-erly"], 1, "there is no item 'share-risk-erly'; did you mean share-risk-early?"),
        (["--item", "qqq"], 1, "there is no item 'qqq'; known: anchor-institution-infographic"),
        (
            ["--item", "citizen-leadership-toolkit", "--role", "chief-executive"],
            1,
            "citizen-leadership-toolkit does not come to chief-executive: it comes to chair, executive-director",
        ),
        (["--item", "share-risk-early", "--enrolled", "2027-06-01"], 1, "share-risk-early does not come to chief"),
        (["--start", "2027-02-30"], 2, "'2027-02-30' is no date: February 2027 has 28 days"),
        (["--start", "9999-12-31"], 2, "the year 9999 in '9999-12-31' cannot be meant"),
        (["--enrolled", "11.1.2027"], 2, "write 2027-01-11"),
        (["--watch"], 2, "it goes with --item ID"),
    ],
)
def test_what_makes_no_sense_is_refused_plainly(house: House, arguments: list[str], code: int, words: str) -> None:
    outcome = house.run("rehearse", *arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert words in " ".join(outcome.err.split())
    assert code == 2 or len(outcome.err.splitlines()) == 1


# ---------------------------------------------------------------- one item


def test_one_item_is_shown_as_it_comes_and_as_it_is_asked_about(house: House) -> None:
    outcome = house.run("rehearse", "--item", "share-risk-early", "--role", "chair")
    page = house.folder / "var" / "rehearsal-item" / "index.html"
    assert outcome.out == f"“The risk your neighbours should hear about” (Chair, day 43): {page}\n"
    html = page.read_text(encoding="utf-8")
    assert html.index("The risk your neighbours should hear about") < html.index("Asked again")
    assert "watch.js" not in html


def test_one_item_as_json_lists_its_mails(house: House) -> None:
    document = house.run("rehearse", "--item", "share-risk-early", "--json").document
    first = document["mails"][0]
    assert (document["role"], first["subject"], first["day"]) == (
        "chief-executive",
        "The risk your neighbours should hear about",
        43,
    )
    assert (Path(document["folder"]) / first["eml"]).exists()


def test_a_warning_about_the_item_is_told_with_it(house: House) -> None:
    tip = house.config / "first-100-days" / "tips" / "share-risk-early.md"
    tip.write_text(tip.read_text(encoding="utf-8").replace("Your partners", "And so it is " * 9 + "Your partners"))
    outcome = house.run("rehearse", "--item", "share-risk-early")
    assert outcome.code == 0
    assert "share-risk-early.md" in outcome.out.splitlines()[0]
    assert outcome.out.splitlines()[0].endswith("(a warning)")


# ---------------------------------------------------------------- one item watched


@contextmanager
def watching(house: House, *arguments: str) -> Generator[tuple[subprocess.Popen[str], IO[str]]]:
    """`rehearse --watch` in a process of its own, ended for certain."""
    own = {"FIRST100_CONFIG": str(house.config), "FIRST100_DATA": str(house.folder / "var")}
    # Tests that run in the background of a shell ignore Ctrl-C, and so would what they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "main.py", "rehearse", "--watch", *arguments],
        cwd=TOP,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    watchdog = Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        with process.stdout as lines:
            yield process, lines
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()


def test_a_saved_edit_is_shown_again_a_broken_one_is_named_and_ctrl_c_ends_it(house: House) -> None:
    tip = house.config / "first-100-days" / "tips" / "share-risk-early.md"
    page = house.folder / "var" / "rehearsal-item" / "index.html"
    sound = tip.read_text(encoding="utf-8")
    with watching(house, "--item", "share-risk-early") as (process, lines):
        assert lines.readline().startswith("Watching ")
        assert lines.readline().startswith("“The risk your neighbours should hear about”")
        assert "watch.js" in page.read_text(encoding="utf-8")
        tip.write_text(sound.replace("The risk your neighbours", "What your neighbours"), encoding="utf-8")
        assert lines.readline().startswith("“What your neighbours should hear about”")
        before = (page.parent / "version.js").read_bytes()
        tip.write_text(sound.replace("when_late: send", "when_late: sned"), encoding="utf-8")
        assert "'sned' is not known; did you mean send?" in lines.readline()
        assert "sned" in page.read_text(encoding="utf-8")
        assert (page.parent / "version.js").read_bytes() != before
        tip.write_text(sound, encoding="utf-8")
        assert lines.readline().startswith("“The risk your neighbours should hear about”")
        process.send_signal(signal.SIGINT)
        assert lines.read() == "Ended.\n"
        assert process.wait() == 0


def test_a_watched_item_that_nobody_knows_is_refused_at_once(house: House) -> None:
    outcome = house.run("rehearse", "--watch", "--item", "share-risk-erly")
    assert (outcome.code, outcome.out) == (1, "")
    assert "did you mean share-risk-early?" in outcome.err


# ---------------------------------------------------------------- the plan as a calendar file


def test_a_plan_can_be_had_as_a_calendar_file(house: House) -> None:
    house.write_roster(ROW)
    house.run("sync")
    file = house.folder / "sam.ics"
    document = house.run("plan", "sam.sample@example.org", "--ics", str(file), "--json").document
    assert len(Calendar.from_ical(file.read_bytes()).events) == len(document["nudges"])
    nowhere = house.run("plan", "sam.sample@example.org", "--ics", str(house.folder / "no" / "sam.ics"))
    assert (nowhere.code, len(nowhere.err.splitlines())) == (1, 1)
