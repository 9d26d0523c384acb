"""A process that dies between dealing with a reply and saying so: the reply comes again, and counts once."""

import smtplib
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from models.database import Database
from tests.dovecot import ImapServer, find_free_ports
from tests.integration.replies.stage import SAM, Stage, open_stage
from tests.replies import write_reply

ROOT = Path(__file__).parents[3]
KILLED = -9
MAILS = (write_reply("1 forgot", number=1), write_reply("pause", number=2))


@pytest.fixture
def stage(database: Database) -> Stage:
    return open_stage(database)


def start(stage: Stage, *args: str) -> subprocess.Popen[str]:
    address = stage.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.torture.doorkeeper", address, *args]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def look_into_mailbox(stage: Stage, imap: ImapServer, user: str, then: str) -> tuple[int, str]:
    process = start(stage, "imap", str(imap.port), user, then)
    said, _ = process.communicate(timeout=60)
    return process.returncode, said.strip()


def test_a_mail_in_a_mailbox_counts_once(stage: Stage, imap: ImapServer) -> None:
    user = f"killed-{uuid4().hex}"
    imap.put(user, *MAILS)
    assert look_into_mailbox(stage, imap, user, "die") == (KILLED, "")
    assert (stage.answers(), imap.read(user)) == ({1: "forgot"}, list(MAILS))
    assert look_into_mailbox(stage, imap, user, "live") == (0, "{'known': 1, 'pause': 1}")
    assert (len(stage.events()), imap.read(user)) == (2, [])
    assert (len(stage.pauses()), sorted(stage.told())) == (1, ["answered", "paused"])


@contextmanager
def serving(stage: Stage, then: str) -> Generator[tuple[subprocess.Popen[str], smtplib.LMTP]]:
    (port,) = find_free_ports(1)
    with start(stage, "lmtp", str(port), then) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with smtplib.LMTP("127.0.0.1", port, timeout=30) as client:
            client.ehlo()
            yield process, client


def hand_over(client: smtplib.LMTP, mail: bytes) -> int:
    client.mail(SAM)
    client.rcpt("first100@example.org")
    return client.data(mail)[0]


def test_a_mail_that_nobody_acknowledged_is_brought_again_and_counts_once(stage: Stage) -> None:
    with serving(stage, "die") as (process, client):
        with pytest.raises(smtplib.SMTPServerDisconnected):
            hand_over(client, MAILS[0])
        assert process.wait(30) == KILLED
    assert len(stage.events()) == 1
    with serving(stage, "live") as (_, client):
        assert [hand_over(client, mail) for mail in (MAILS[0], MAILS[1], MAILS[0])] == [250, 250, 250]
    assert (stage.answers(), len(stage.events()), stage.told()) == ({1: "forgot"}, 2, ["answered", "paused"])
