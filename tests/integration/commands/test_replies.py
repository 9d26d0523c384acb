"""Replies to real mails, taken in by the service or by one pass over their mailbox, seen in the reports."""

import smtplib
import socket
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from commands.opening import open_house
from commands.replies import find_door, make_look, open_door
from emails.doors import ImapDoor
from models.store import get_state
from scheduler.receiving import WAITING
from tests.builders import at
from tests.dovecot import ImapServer, find_free_ports
from tests.integration.commands.house import ROW, House
from tests.replies import write_reply

SAM = "sam.sample@example.org"
QUOTED_PASSWORD = "p%2Fss%3Aw%40rd"


@pytest.fixture
def started(house: House) -> House:
    """Sam has got the welcome and a first tip with nothing to ask, and a second that asks."""
    house.environ["FIRST100_REPLIES"] = "lmtp://127.0.0.1:1"
    house.write_roster(ROW)
    for instant in ("2026-12-07 09:00", "2026-12-21 08:30", "2026-12-29 08:30", "2027-01-04 08:30"):
        house.now = at(instant)
        assert house.run("tick").code == 0
    house.now = at("2027-01-04 12:00")
    return house


def read_newest(house: House) -> tuple[str, str]:
    """The Message-ID and the text of the newest nudge."""
    path = max((house.mailbox / "new").iterdir(), key=lambda path: (path.stat().st_mtime_ns, path.name))
    mail: Any = message_from_bytes(path.read_bytes())
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    return mail["Message-ID"], text.get_payload(decode=True).decode()


def row_of(house: House) -> dict[str, Any]:
    return house.run("report", "leaders", "--json").document["rows"][0]


def use_mailbox(house: House, imap: ImapServer) -> str:
    user = f"house-{uuid4().hex}"
    house.environ["FIRST100_REPLIES"] = f"imap://{user}:{QUOTED_PASSWORD}@127.0.0.1:{imap.port}/INBOX"
    return user


def read_waiting(house: House) -> str | None:
    with open_house(house.wiring()) as opened, opened.database.reading() as session:
        return get_state(session, WAITING)


# ---------------------------------------------------------------- by LMTP


def test_the_running_service_takes_what_a_mail_server_hands_over(started: House) -> None:
    ours, text = read_newest(started)
    assert "To reply, write: " in text
    (port,) = find_free_ports(1)
    started.environ["FIRST100_REPLIES"] = f"lmtp://127.0.0.1:{port}"
    with (
        open_house(started.wiring()) as opened,
        open_door(opened, stopping=lambda: False),
        smtplib.LMTP("127.0.0.1", port, timeout=30) as client,
    ):
        client.sendmail(SAM, "first100@example.org", write_reply("pause two weeks", to=ours))
    assert row_of(started)["status"] == "paused"


def test_a_port_that_is_in_use_stops_the_service_at_its_start(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        house.environ["FIRST100_REPLIES"] = f"lmtp://127.0.0.1:{port}"
        outcome = house.run("run")
    assert outcome.code == 3
    assert f"port {port} on 127.0.0.1 is in use" in outcome.err


# ---------------------------------------------------------------- by IMAP


def test_one_pass_answers_what_the_mail_asked_and_says_what_it_did(started: House, imap: ImapServer) -> None:
    ours, text = read_newest(started)
    assert "To reply, write: " in text
    numbered = "\n1. " in text
    user = use_mailbox(started, imap)
    imap.put(user, write_reply("1 forgot" if numbered else "forgot", to=ours), write_reply("Who are you?", number=2))
    assert row_of(started)["engaged"] == 0
    assert started.run("collect", "--json").document == {"collected": 2, "taken_as": {"answer": 1, "not_understood": 1}}
    assert row_of(started)["engaged"] == 1
    again = started.run("collect")
    assert (again.code, again.out.strip()) == (0, "no replies were waiting")
    assert imap.read(user) == []

    started.now = at("2027-01-04 12:05")
    assert started.run("tick").code == 0
    subjects = [message_from_bytes(path.read_bytes())["Subject"] for path in (started.mailbox / "new").iterdir()]
    assert {"Noted: your answer", "We could not read your e-mail"} <= set(subjects)


def test_what_is_told_back_leads_nowhere_when_a_machine_sends_it_back(started: House, imap: ImapServer) -> None:
    ours, _ = read_newest(started)
    user = use_mailbox(started, imap)
    imap.put(user, write_reply("hello", to=ours))
    started.run("collect")
    started.now = at("2027-01-04 12:05")
    started.run("tick")
    before = len(list((started.mailbox / "new").iterdir()))
    for path in (started.mailbox / "new").iterdir():
        imap.put(user, path.read_bytes())
    assert started.run("collect", "--json").document["taken_as"] == {"automatic": before}


def test_the_running_service_looks_into_the_mailbox(started: House, imap: ImapServer) -> None:
    ours, _ = read_newest(started)
    user = use_mailbox(started, imap)
    imap.put(user, write_reply("stop", to=ours))
    with open_house(started.wiring()) as opened:
        door = find_door(opened)
        assert isinstance(door, ImapDoor)
        make_look(opened, door, stopping=lambda: False)()
    assert row_of(started)["status"] == "withdrawn"


def test_the_running_service_goes_on_where_the_mailbox_cannot_be_read(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with open_house(house.wiring()) as opened:
        make_look(
            opened, ImapDoor(host="127.0.0.1", port=1, encrypted=False, user="u", password=""), stopping=lambda: False
        )()
    assert "replies wait: the mailbox INBOX at 127.0.0.1:1 cannot be read: " in caplog.text


def test_since_when_a_mailbox_cannot_be_read_is_kept_until_it_can(house: House, imap: ImapServer) -> None:
    use_mailbox(house, imap)
    working = house.environ["FIRST100_REPLIES"]
    house.environ["FIRST100_REPLIES"] = working.replace(QUOTED_PASSWORD, "hunter2")
    outcome = house.run("collect")
    assert (outcome.code, outcome.out) == (3, "")
    assert "INBOX at 127.0.0.1" in outcome.err
    assert "hunter2" not in outcome.err
    assert read_waiting(house) == "2026-12-07T09:00:00Z"
    house.now = at("2026-12-07 10:00")
    house.run("collect")
    assert read_waiting(house) == "2026-12-07T09:00:00Z"
    house.environ["FIRST100_REPLIES"] = working
    assert house.run("collect").code == 0
    assert read_waiting(house) is None


# ---------------------------------------------------------------- wrong settings


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ("", "`replies` names no mailbox to look into; write imaps://user:password@host/INBOX"),
        ("lmtp://127.0.0.1", "`replies` names no mailbox to look into"),
        ("lmtp://mail.example.org", "must lie on this machine, as whoever reaches it may write"),
        ("imaps://mail.example.org", "names no mailbox; write imaps://user:password@host/INBOX"),
        ("imaps://u:hunter2@h/A?handled=A", "names one folder twice"),
        ("imaps://u:hunter2@h?handeld=A", "has an unknown option 'handeld'; known: handled, ca, timeout"),
        ("imaps://u:hunter2@h?timeout=0", "needs a timeout between 0 and 300 seconds"),
    ],
)
def test_a_way_that_makes_no_sense_is_told_in_one_line(house: House, replies: str, says: str) -> None:
    outcome = house.run("collect", environ={"FIRST100_REPLIES": replies})
    assert (outcome.code, outcome.out) == (1, "")
    assert says in " ".join(outcome.err.split())
    assert "hunter2" not in outcome.err


def test_a_virtual_clock_reads_no_mailbox_elsewhere(house: House, tmp_path: Path) -> None:
    house.environ |= {"FIRST100_ALLOW_TIME_TRAVEL": "1", "FIRST100_DATA": str(tmp_path / "virtual")}
    outcome = house.run("collect", environ={"FIRST100_REPLIES": "imaps://u:p@mail.example.org"})
    assert (outcome.code, outcome.out) == (1, "")
    assert "has a virtual clock" in outcome.err
