"""Mail handed over by LMTP: taken once it is on disk, put off where it cannot be; none holds up the others."""

import smtplib
import socket
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from emails.doors import DoorError, LmtpDoor
from emails.lmtp import LARGEST_BYTES, Take, open_lmtp
from models.database import Database
from models.failures import DatabaseError
from models.writer import WriterBusyError
from scheduler.receiving import receive
from tests.dovecot import find_free_ports
from tests.integration.replies.stage import SAM, Stage, open_stage
from tests.replies import write_reply

OUR_ADDRESS = "first100@example.org"


@contextmanager
def serving(take: Take) -> Generator[smtplib.LMTP]:
    (port,) = find_free_ports(1)
    with open_lmtp(LmtpDoor("127.0.0.1", port), take), smtplib.LMTP("127.0.0.1", port, timeout=30) as client:
        client.ehlo()
        yield client


@contextmanager
def receiving(stage: Stage) -> Generator[smtplib.LMTP]:
    with serving(
        lambda raw, sender, to: receive(stage.reception, raw, envelope_sender=sender, recipients=to)
    ) as client:
        yield client


@pytest.fixture
def stage(database: Database) -> Stage:
    return open_stage(database)


def hand_over(client: smtplib.LMTP, message: bytes, *, sender: str = SAM) -> tuple[int, bytes]:
    client.mail(sender)
    client.rcpt(OUR_ADDRESS)
    return client.data(message)


def test_a_reply_is_taken_and_has_been_dealt_with_by_then(stage: Stage) -> None:
    with receiving(stage) as client:
        assert hand_over(client, write_reply("1 knew it\n2 forgot")) == (250, b"2.0.0 taken")
        assert stage.answers() == {1: "using", 2: "forgot"}


def test_the_envelope_tells_a_machine(stage: Stage) -> None:
    with receiving(stage) as client:
        assert hand_over(client, write_reply("stop"), sender="")[0] == 250
    assert stage.stopped() is None


def test_a_report_comes_to_the_address_of_its_mail(stage: Stage) -> None:
    with receiving(stage) as client:
        client.mail("")
        client.rcpt(f"bounce+{stage.token('b', stage.mail_id)}@example.org")
        report = b"From: MAILER-DAEMON@relay.example.org\r\nMessage-ID: <1@relay>\r\n\r\n550 no such mailbox\r\n"
        assert client.data(report)[0] == 250
    assert [(row.taken_as, row.mail_id) for row in stage.incoming()] == [("report", stage.mail_id)]


def test_each_recipient_is_answered() -> None:
    taken: list[tuple[str, ...]] = []
    with serving(lambda raw, sender, to: taken.append(to)) as client:
        client.mail(SAM)
        for address in ("a@example.org", "b@example.org"):
            client.rcpt(address)
        client.docmd("DATA")
        client.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
        assert [client.getreply()[0] for _ in range(2)] == [250, 250]
        assert client.noop()[0] == 250  # nothing more was said
    assert taken == [("a@example.org", "b@example.org")]


@pytest.mark.parametrize("error", [DatabaseError("the disk is full"), WriterBusyError("too many"), KeyError("a fault")])
def test_what_cannot_be_kept_now_is_put_off(error: Exception) -> None:
    def refuse(raw: bytes, sender: str, to: tuple[str, ...]) -> None:
        raise error

    with serving(refuse) as client:
        assert hand_over(client, write_reply("stop")) == (451, b"4.3.2 not now; please try again later")
        assert hand_over(client, write_reply("stop"))[0] == 451  # on the same connection


def test_what_is_too_large_is_refused_and_the_next_is_taken() -> None:
    taken: list[bytes] = []
    with serving(lambda raw, sender, to: taken.append(raw)) as client:
        code, words = client.docmd("MAIL", f"FROM:<{SAM}> SIZE={LARGEST_BYTES + 1}")
        assert (code, b"\n" in words) == (552, False)
        assert hand_over(client, b"Subject: x\r\n\r\nx\r\n")[0] == 250
    assert len(taken) == 1


def test_a_very_long_line_is_no_reason_to_refuse_a_mail() -> None:
    taken: list[bytes] = []
    with serving(lambda raw, sender, to: taken.append(raw)) as client:
        assert hand_over(client, b"Subject: x\r\n\r\n" + b"x" * 200_000 + b"\r\n")[0] == 250
    assert len(taken[0]) > 200_000


HOSTILE = (
    b"",
    b"\0" * 1000,
    b"From: \xff\xfe\r\nSubject: \xff\r\n\r\n\xff",
    b"Content-Type: message/rfc822\r\n\r\n" * 50_000,
    b"From: " + b"(" * 3900 + b"\r\n\r\n",
    b'Content-Type: text/plain; charset="\0"\r\n\r\nstop',
    write_reply(html="<blockquote>" * 100_000, number=9),
)


def test_hostile_mails_are_taken_and_do_nothing(stage: Stage) -> None:
    with receiving(stage) as client:
        for mail in HOSTILE:
            assert hand_over(client, mail)[0] == 250
        assert (stage.events(), stage.stopped()) == ([], None)
        assert hand_over(client, write_reply("1 knew it"))[0] == 250
    assert stage.answers() == {1: "using"}


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(DoorError, match=f"port {port} on 127.0.0.1 is in use"),
            open_lmtp(LmtpDoor("127.0.0.1", port), lambda raw, sender, to: None),
        ):
            pass
