"""`erase` and `readmit` as people run them, and what `check`, `sync` and a tick make of somebody erased."""

import io
import json
import logging
import shutil
import sys
from collections.abc import Generator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text as sql
from sqlalchemy.exc import StatementError

from commands.opening import open_house
from commands.service import begin_log
from emails.links import Purpose
from rehearsal.mailbox import read_mailbox
from scheduler.tick import run_tick
from tests.builders import at
from tests.integration.commands.house import ROW, House, Terminal
from tests.integration.privacy.stage import find_in_files
from tests.integration.web.scene import find_nonce
from tests.mail_server import ScriptedServer
from web.app import create_app

BASE = "http://127.0.0.1:8100"
SAM, KIM = "sam.sample@example.org", "kim.example@example.org"
KIMS_ROW = ROW.replace("Sam Sample", "Kim Example").replace(SAM, KIM).replace("Example Hospitals", "Kimberley Trust")
WORDS = ("sam.sample", "Sam Sample", "Example Hospitals")


@pytest.fixture
def busy(house: House) -> House:
    """Two leaders who have had their first mail."""
    house.write_roster(ROW + KIMS_ROW)
    house.run("tick")
    house.now = at("2026-12-21 08:30")
    house.run("tick")
    return house


def test_erasing_removes_every_trace_and_says_what_went(busy: House) -> None:
    var = busy.folder / "var"
    assert {word for _, word in find_in_files(var, WORDS)} == set(WORDS)

    erased = busy.run("erase", SAM, "--yes", "--receipt", str(busy.folder / "receipt.txt"))

    assert erased.code == 0
    assert list(find_in_files(var, WORDS)) == []
    assert "1 person" in erased.out
    assert "1 e-mail in the local mailbox" in erased.out
    assert f"Now delete the row at line 1 of {busy.config / 'leaders.yaml'}" in erased.out
    assert [mail.recipient for mail in read_mailbox(busy.mailbox)] == [KIM]
    receipt = (busy.folder / "receipt.txt").read_text()
    assert erased.out.startswith(receipt)
    assert "sam" not in receipt.lower()


def test_the_receipt_as_json_is_the_one_that_is_kept(busy: House) -> None:
    document = busy.run("erase", SAM, "--yes", "--json").document

    assert document.pop("rows_to_delete") == [f"{busy.config / 'leaders.yaml'}:1"]
    (kept,) = (busy.folder / "var" / "receipts").iterdir()
    assert json.loads(kept.read_text()) == document
    assert document["removed"] | {"leaders": 1, "enrolments": 1, "mailbox": 1} == document["removed"]
    assert document["by"] == "admin"


def test_the_others_go_on_and_the_row_that_is_left_is_named(busy: House) -> None:
    receipt = busy.run("erase", SAM, "--yes", "--json").document["receipt"]
    busy.now = at("2026-12-29 08:30")
    ticked = busy.run("tick")

    line = (
        f"{busy.config / 'leaders.yaml'}:1:1: this row is of somebody erased on 2026-12-21 (receipt {receipt}), so it "
        "enrols nobody; delete the row; to enrol them again on purpose: python main.py readmit EMAIL"
    )
    assert line in ticked.out
    assert "1 sent" in ticked.out
    assert [mail.recipient for mail in read_mailbox(busy.mailbox)] == [KIM, KIM]
    checked = busy.run("check")
    assert checked.code == 0
    assert f"{line} (a warning)" in checked.out
    synced = busy.run("sync")
    assert synced.code == 0
    assert synced.out.splitlines()[0] == line
    refused = {"path": str(busy.config / "leaders.yaml"), "line": 1, "erased_on": "2026-12-21", "receipt": receipt}
    assert busy.run("sync", "--json").document == {"dry_run": False, "changes": [], "refused": [refused]}
    assert busy.run("plan", SAM).code == 1

    busy.write_roster(KIMS_ROW)
    assert "erased" not in busy.run("tick").out + busy.run("check").out


def test_a_new_row_beside_a_refused_one_is_enrolled(busy: House) -> None:
    busy.run("erase", SAM, "--yes")
    busy.write_roster(ROW + KIMS_ROW + ROW.replace("Sam Sample", "Ash Sample").replace(SAM, "ash@example.org"))

    assert busy.run("tick", "--json").document["enrolled"] == 1
    assert {row["email"] for row in busy.run("report", "leaders", "--json").document["rows"]} == {
        KIM,
        "ash@example.org",
    }


def test_readmitting_enrols_afresh(busy: House) -> None:
    assert busy.run("readmit", SAM, "--yes").code == 1
    receipt = busy.run("erase", SAM, "--yes", "--json").document["receipt"]
    assert busy.run("tick", "--json").document["enrolled"] == 0

    assert busy.run("readmit", SAM, "--yes", "--json").document == {"lifted": [receipt]}
    assert busy.run("tick", "--json").document["enrolled"] == 1
    assert busy.run("plan", SAM, "--json").document["nudges"][0]["state"] == "planned"


def test_an_older_copy_put_back_is_erased_before_anything_is_sent(busy: House) -> None:
    database = busy.folder / "var" / "first100.sqlite3"
    shutil.copy(database, busy.folder / "older.sqlite3")
    busy.run("erase", SAM, "--yes")
    shutil.copy(busy.folder / "older.sqlite3", database)
    busy.now = at("2026-12-29 08:30")
    assert {word for _, word in find_in_files(busy.folder / "var", WORDS)} == set(WORDS)

    assert busy.run("tick", "--json").document["sent"] == 1
    assert list(find_in_files(busy.folder / "var", WORDS)) == []
    assert [mail.recipient for mail in read_mailbox(busy.mailbox)] == [KIM, KIM]


# ---------------------------------------------------------------- asked before, and errors in a line


@pytest.mark.parametrize(("typed", "code", "left"), [("y\n", 0, 1), ("n\n", 1, 2), ("\n", 1, 2)])
def test_at_a_terminal_it_is_asked_whether_this_is_meant(
    busy: House, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, left: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    outcome = busy.run("erase", SAM)

    assert outcome.code == code
    assert "Erase Sam Sample (sam.sample@example.org), Example Hospitals?" in outcome.err
    assert len(busy.run("report", "leaders", "--json").document["rows"]) == left


@pytest.mark.parametrize("command", ["erase", "readmit"])
def test_without_a_terminal_it_takes_the_word_yes(busy: House, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    outcome = busy.run(command, SAM)

    assert outcome.code == 2
    assert "add --yes" in outcome.err
    assert len(busy.run("report", "leaders", "--json").document["rows"]) == 2


def test_who_is_not_here_is_said_in_a_line(busy: House) -> None:
    nobody = busy.run("erase", "nobody@example.org", "--yes")
    assert (nobody.code, nobody.err) == (1, "nothing is kept about anybody with the address or id nobody@example.org\n")

    receipt = busy.run("erase", SAM, "--yes", "--json").document["receipt"]
    twice = busy.run("erase", SAM, "--yes")
    assert (twice.code, twice.err) == (
        1,
        f"{SAM} was erased on 2026-12-21, receipt {receipt}; nothing else is kept\n",
    )


def test_a_receipt_is_not_written_over_another_file(busy: House) -> None:
    (busy.folder / "receipt.txt").write_text("mine")

    outcome = busy.run("erase", SAM, "--yes", "--receipt", str(busy.folder / "receipt.txt"))

    assert (outcome.code, outcome.err) == (1, f"{busy.folder / 'receipt.txt'} is there already; name a new file\n")
    assert len(busy.run("report", "leaders", "--json").document["rows"]) == 2


def test_a_damaged_ledger_stops_everything_before_anybody_is_written_to(busy: House) -> None:
    busy.run("erase", SAM, "--yes")
    ledger = busy.folder / "var" / "erasures.jsonl"
    ledger.write_text("{\n")
    busy.now = at("2026-12-29 08:30")

    ticked = busy.run("tick")

    assert ticked.code == 3
    assert f"{ledger}:1: this line is damaged" in ticked.err
    checked = busy.run("check")
    assert checked.code == 1
    assert "this line is damaged" in checked.out


def test_a_changed_secret_changes_nothing_about_who_was_erased(busy: House) -> None:
    busy.run("erase", SAM, "--yes")
    busy.environ["FIRST100_SECRET"] = "another secret of some length"
    (busy.folder / "var" / "link.key").unlink()

    assert "this row is of somebody erased" in busy.run("check").out
    assert "this row is of somebody erased" in busy.run("tick").out


def test_a_key_that_was_lost_is_warned_of(busy: House) -> None:
    busy.run("erase", SAM, "--yes")
    words = "1 person was erased under a key that is not here"
    assert words not in busy.run("check").out

    busy.environ["FIRST100_SECRET"] = "another secret of some length"
    for name in ("link.key", "pseudonyms.keys"):
        (busy.folder / "var" / name).unlink()
    assert words in busy.run("check").out
    assert words in busy.run("tick").out


# ---------------------------------------------------------------- the log


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Generator[io.StringIO]:
    """What the service's own log gets, down to the least of our lines."""
    written = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        begin_log()
    root.setLevel(logging.DEBUG)
    yield written
    root.handlers[:], root.level = before, level


def test_the_log_names_nobody_whatever_happens(busy: House, log: io.StringIO) -> None:
    renamed = ROW.replace("Sam Sample", "Samantha Sample").replace("example.org", "mail.example.org")
    answers = {"RCPT": f"550 5.1.1 <{SAM}>: no such mailbox for Sam", "MAIL": "250 ok"}
    with ScriptedServer(answers=answers) as server:
        mail = {"FIRST100_MAIL": f"smtp://127.0.0.1:{server.port}"}
        busy.write_roster(renamed + KIMS_ROW)
        busy.run("tick", environ=mail)
        busy.now = at("2026-12-29 08:30")
        busy.run("tick", environ=mail)
    busy.run("erase", KIM, "--yes")
    logging.getLogger("somebody.else").error("what about %s?", KIM)
    try:
        raise ValueError(f"no such leader: {KIM}")
    except ValueError:
        logging.getLogger("scheduler.ticker").exception("a tick failed")

    text = log.getvalue()
    assert "what about (address)" in text
    assert "no such leader: (address)" in text
    assert "permanent" in text
    for word in ("@", "Sample", "Kim", "Example Hospitals", "Kimberley"):
        assert word not in text.replace("for Sam", "")


def test_an_error_of_the_database_quotes_nothing_that_was_written(busy: House) -> None:
    with open_house(busy.wiring()) as house, house.database.sessions() as session:
        with pytest.raises(StatementError) as caught:
            session.execute(sql("INSERT INTO leaders (email) VALUES (:email)"), {"email": SAM})
        assert SAM not in str(caught.value)


def test_the_page_of_somebody_erased_is_like_any_that_never_was(busy: House) -> None:
    (mail,) = [mail for mail in read_mailbox(busy.mailbox) if mail.recipient == SAM]
    link = mail.links("p", base=BASE)[0]
    busy.run("erase", SAM, "--yes")
    with open_house(busy.wiring()) as house:
        browser = TestClient(create_app(house.site), base_url=BASE)
        gone, never = browser.get(link), browser.get(f"{BASE}/p/nonsense")
    assert (gone.status_code, gone.text) == (404, never.text)


def test_a_leader_erases_themselves_by_the_links_that_came_by_mail(busy: House, log: io.StringIO) -> None:
    var = busy.folder / "var"
    with open_house(busy.wiring()) as house:
        browser = TestClient(create_app(house.site), base_url=BASE)

        def press(path: str, action: str) -> str:
            return browser.post(path, data={"action": action, "nonce": find_nonce(browser.get(path).text)}).text

        press(newest_link(busy, "p"), "my-data")
        run_tick(house.installation, now=busy.now)
        fresh = newest_link(busy, "d")
        assert "This cannot be undone." in press(fresh, "erase")
        assert {word for _, word in find_in_files(var, WORDS)} == set(WORDS)
        receipt = press(fresh, "erase-now")

        assert "2 e-mails in the local mailbox" in receipt
        assert list(find_in_files(var, WORDS)) == []
        assert browser.get(fresh).status_code == 404
    busy.now = at("2026-12-29 08:30")
    assert "this row is of somebody erased on 2026-12-21" in busy.run("tick").out
    assert {mail.recipient for mail in read_mailbox(busy.mailbox)} == {KIM}
    assert list(find_in_files(var, WORDS)) == []
    assert not any(word in log.getvalue() for word in WORDS)


def newest_link(house: House, purpose: Purpose) -> str:
    """The link of that purpose in the newest mail to Sam that has one."""
    mails = [mail for mail in read_mailbox(house.mailbox) if mail.recipient == SAM]
    return [link for mail in mails for link in mail.links(purpose, base=BASE)][-1]


def test_paths_are_for_this_account_alone(busy: House) -> None:
    busy.run("erase", SAM, "--yes", "--receipt", str(busy.folder / "receipt.txt"))
    var = busy.folder / "var"
    kept = [var / "erasures.jsonl", *(var / "receipts").iterdir(), busy.folder / "receipt.txt"]

    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600] * 3
    assert (var / "receipts").stat().st_mode & 0o777 == 0o700


# ---------------------------------------------------------------- by itself


def test_the_service_erases_whoever_has_been_withdrawn_for_thirty_days_and_the_row_may_stay(busy: House) -> None:
    busy.write_roster(ROW + "  status: withdrawn\n" + KIMS_ROW)
    busy.run("tick")
    busy.now = at("2027-01-20 08:30")
    busy.run("tick")
    assert {row["email"] for row in busy.run("report", "leaders", "--json").document["rows"]} == {SAM, KIM}

    busy.now = at("2027-01-21 08:30")
    ticked = busy.run("tick")

    assert {row["email"] for row in busy.run("report", "leaders", "--json").document["rows"]} == {KIM}
    assert list(find_in_files(busy.folder / "var", WORDS)) == []
    assert "erased" not in ticked.out + busy.run("tick").out + busy.run("check").out
    busy.write_roster(ROW + KIMS_ROW)
    assert "this row is of somebody erased on 2027-01-21" in busy.run("tick").out
