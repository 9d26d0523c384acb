"""Replies fetched from a real mailbox: each once, moved when it has been dealt with, else left where it was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from emails.doors import DoorError, ImapDoor
from emails.imap import collect
from emails.incoming import READ_BYTES
from models.database import Database
from models.failures import DatabaseError
from scheduler.receiving import receive
from tests.conftest import require_dovecot
from tests.dovecot import PASSWORD, ImapServer, open_dovecot
from tests.integration.replies.stage import Stage, open_stage
from tests.mail_server import make_certificates
from tests.replies import write_reply


@pytest.fixture
def stage(database: Database) -> Stage:
    return open_stage(database)


@pytest.fixture
def door(imap: ImapServer) -> ImapDoor:
    """A mailbox of the test's own."""
    return open_mailbox(imap)


def open_mailbox(server: ImapServer) -> ImapDoor:
    user = f"replies-{uuid4().hex}"
    return ImapDoor(host="127.0.0.1", port=server.port, encrypted=False, user=user, password=PASSWORD, timeout=30)


def taking(stage: Stage) -> Callable[[bytes], str]:
    return lambda raw: receive(stage.reception, raw)


def test_each_mail_is_dealt_with_once_and_moved(imap: ImapServer, door: ImapDoor, stage: Stage) -> None:
    mails = (write_reply("1 knew it", number=1), write_reply("hello?", number=2), write_reply("stop", number=3))
    imap.put(door.user, *mails)
    assert collect(door, taking(stage)) == {"answer": 1, "not_understood": 1, "leave": 1}
    assert (imap.read(door.user), imap.read(door.user, "First100")) == ([], list(mails))
    assert collect(door, taking(stage)) == {}


def test_a_server_that_cannot_move_copies(stage: Stage) -> None:
    with open_dovecot(require_dovecot(), moves=False) as server:
        door = open_mailbox(server)
        server.put(door.user, write_reply("pause"))
        assert collect(door, taking(stage)) == {"pause": 1}
        assert (server.read(door.user), len(server.read(door.user, "First100"))) == ([], 1)


def test_a_mail_that_was_dealt_with_and_not_moved_is_moved(imap: ImapServer, door: ImapDoor, stage: Stage) -> None:
    mail = write_reply("1 forgot")
    receive(stage.reception, mail)
    imap.put(door.user, mail)
    assert collect(door, taking(stage)) == {"known": 1}
    assert (len(stage.events()), imap.read(door.user)) == (1, [])


def test_what_cannot_be_kept_stays_where_it_was(imap: ImapServer, door: ImapDoor) -> None:
    mails = [write_reply("stop", number=number) for number in range(3)]
    imap.put(door.user, *mails)
    taken: list[bytes] = []

    def take(raw: bytes) -> str:
        if taken:
            raise DatabaseError("the disk is full")
        taken.append(raw)
        return "leave"

    with pytest.raises(DatabaseError, match="the disk is full"):
        collect(door, take)
    assert imap.read(door.user) == mails[1:]


def test_a_mail_that_trips_a_fault_holds_up_no_other(imap: ImapServer, door: ImapDoor) -> None:
    bad, good = write_reply("a fault", number=1), write_reply("stop", number=2)
    imap.put(door.user, bad, good)
    unfinished: set[str] = set()

    def take(raw: bytes) -> str:
        if raw == bad:
            raise KeyError("a fault")
        return "leave"

    for _ in range(2):
        with pytest.raises(KeyError):
            collect(door, take, unfinished=unfinished)
    assert (imap.read(door.user), imap.read(door.user, "First100")) == ([bad], [good])
    assert collect(door, lambda raw: "leave", unfinished=unfinished) == {"leave": 1}
    assert unfinished == set()


def test_what_was_dealt_with_long_ago_goes_and_nothing_else(imap: ImapServer, door: ImapDoor) -> None:
    old, fresh = write_reply("stop", number=1), write_reply("stop", number=2)
    collect(door, lambda raw: "leave")  # makes the folder
    with imap.logged_in(door.user) as client:
        client.append("First100", "", '" 1-Jan-2026 10:00:00 +0000"', old)
        client.append("First100", "", '" 2-Jan-2026 10:00:00 +0000"', fresh)
    assert collect(door, lambda raw: "leave") == {}
    assert imap.read(door.user, "First100") == [old, fresh]
    assert collect(door, lambda raw: "leave", forget_before=date(2026, 1, 2)) == {}
    assert imap.read(door.user, "First100") == [fresh]


def test_of_a_huge_mail_the_beginning_is_read(imap: ImapServer, door: ImapDoor) -> None:
    imap.put(door.user, write_reply("stop") + b"x" * 2 * READ_BYTES)
    taken: list[int] = []
    collect(door, lambda raw: taken.append(len(raw)) or "leave")
    assert taken == [READ_BYTES]
    assert len(imap.read(door.user, "First100")[0]) > 2 * READ_BYTES


def test_other_folders_may_be_named(imap: ImapServer, door: ImapDoor) -> None:
    with imap.logged_in(door.user) as client:
        client.create("Réponses".encode("utf-7").decode("ascii").replace("+", "&"))
        client.create("Replies")
        client.append("Replies", "", "", write_reply("stop"))
    named = replace(door, folder="Replies", handled="Done é")
    assert collect(named, lambda raw: "leave") == {"leave": 1}
    assert collect(replace(door, folder="Done é", handled="Again"), lambda raw: "leave") == {"leave": 1}


def test_a_service_that_stops_leaves_the_rest(imap: ImapServer, door: ImapDoor) -> None:
    imap.put(door.user, write_reply("stop"))
    assert collect(door, lambda raw: "leave", stopping=lambda: True) == {}
    assert len(imap.read(door.user)) == 1


def test_over_tls_the_servers_certificate_counts(tmp_path: Path, stage: Stage) -> None:
    certificates = make_certificates(tmp_path)
    with open_dovecot(require_dovecot(), certificate=certificates.server) as server:
        plain = open_mailbox(server)
        door = replace(plain, port=server.tls_port, encrypted=True, ca=certificates.authority)
        server.put(door.user, write_reply("1 knew it"))
        with pytest.raises(DoorError, match=r"INBOX at 127.0.0.1:\d+ cannot be read: .*certificate verify failed"):
            collect(replace(door, ca=None), taking(stage))
        assert collect(door, taking(stage)) == {"answer": 1}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"password": "wrong"}, "AUTHENTICATIONFAILED"),
        ({"folder": "Nowhere"}, "Nowhere at 127.0.0.1"),
        ({"port": 1}, "refused"),
        ({"user": "é"}, "characters that cannot be sent"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told_in_one_line(door: ImapDoor, changed: dict[str, str], says: str) -> None:
    with pytest.raises(DoorError, match=says) as caught:
        collect(replace(door, **changed), lambda raw: "leave")  # pyright: ignore[reportArgumentType]
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
