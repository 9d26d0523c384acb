"""Transports on real sockets and real files: what arrives, and how each way of failing is graded."""

import os
import shutil
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, Session
from aiosmtpd.smtp import Envelope as Received

from emails.transport import Envelope, Transport, TransportError, open_transport
from tests.mail_server import DROP, HANG, Certificates, Inbox, ScriptedServer, make_certificates, serving

MESSAGE = (
    b"From: First100 <first100@example.org>\r\nTo: sam.sample@example.org\r\nSubject: Dots\r\n"
    b"Date: Mon, 11 Jan 2027 08:30:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\n"
    b".\r\n..two\r\nthree.\r\n.\r\n\r\n"
)
ENVELOPE = Envelope("bounce+abc@example.org", "sam.sample@example.org", MESSAGE)


@contextmanager
def opened(url: str, *, virtual: bool = False) -> Generator[Transport]:
    transport = open_transport(url, virtual=virtual)
    try:
        yield transport
    finally:
        transport.close()


def fail(transport: Transport, envelope: Envelope = ENVELOPE) -> TransportError:
    with pytest.raises(TransportError) as caught:
        transport.deliver(envelope)
    return caught.value


class Login:
    """Knows one person."""

    def __call__(self, server: SMTP, session: Session, envelope: Received, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"first100", b"p/ss:w@rd")
        return AuthResult(success=known, handled=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is missing: apt-get install openssl")
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def server_tls(certificates: Certificates) -> SSLContext:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    return context


# ---------------------------------------------------------------- the mailbox


def test_a_mail_lies_in_the_mailbox_byte_for_byte(tmp_path: Path) -> None:
    with opened(f"maildir:{tmp_path / 'mail box'}") as transport:
        words = transport.deliver(ENVELOPE)
    [path] = (tmp_path / "mail box" / "new").iterdir()
    assert path.read_bytes() == MESSAGE
    assert words == f"in the mailbox as {path.name}"
    assert path.name == "1799656200.c0723f335f0367840f98117d.first100"


def test_the_mailbox_is_for_its_owner_alone(tmp_path: Path) -> None:
    box = tmp_path / "box"
    old_mask = os.umask(0)
    try:
        open_transport(f"maildir:{box}", virtual=False).deliver(ENVELOPE)
    finally:
        os.umask(old_mask)
    assert [stat.S_IMODE((box / name).stat().st_mode) for name in (".", "tmp", "new", "cur")] == [0o700] * 4
    assert stat.S_IMODE(next((box / "new").iterdir()).stat().st_mode) == 0o600
    assert list((box / "tmp").iterdir()) == []


def test_a_mail_delivered_twice_lies_in_the_mailbox_twice(tmp_path: Path) -> None:
    transport = open_transport(f"maildir:{tmp_path}", virtual=True)
    changed = Envelope("a@example.org", "b@example.org", MESSAGE + b"more\r\n")
    names = [transport.deliver(envelope).split()[-1] for envelope in (ENVELOPE, changed, ENVELOPE)]
    stem = names[0].removesuffix(".first100")
    assert names == [f"{stem}.first100", f"{stem}_2.first100", f"{stem}_3.first100"]
    assert [(tmp_path / "new" / name).read_bytes() for name in names] == [MESSAGE, changed.message, MESSAGE]


def test_a_mail_that_was_read_and_moved_on_keeps_its_name(tmp_path: Path) -> None:
    transport = open_transport(f"maildir:{tmp_path}", virtual=False)
    name = transport.deliver(ENVELOPE).split()[-1]
    (tmp_path / "new" / name).rename(tmp_path / "cur" / f"{name}:2,S")
    assert transport.deliver(ENVELOPE).split()[-1] == name.replace(".first100", "_2.first100")


def test_a_message_without_date_or_id_is_kept_too(tmp_path: Path) -> None:
    transport = open_transport(f"maildir:{tmp_path}", virtual=False)
    for message in (b"Subject: a\r\n\r\nx\r\n", b"Date: nonsense\r\n\r\ny\r\n"):
        transport.deliver(Envelope("a@example.org", "b@example.org", message))
    assert sorted(path.name.partition(".")[0] for path in (tmp_path / "new").iterdir()) == ["0", "0"]


def test_a_mailbox_that_cannot_be_written_is_a_temporary_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    error = fail(open_transport(f"maildir:{tmp_path / 'file'}", virtual=False))
    assert (error.kind, error.detail) == ("temporary", "the mailbox cannot be written: File exists")


def test_a_mail_that_did_not_reach_the_disk_is_not_in_the_mailbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    transport = open_transport(f"maildir:{tmp_path}", virtual=False)
    monkeypatch.setattr(os, "fsync", refuse)
    assert fail(transport).kind == "temporary"
    assert list((tmp_path / "new").iterdir()) == []


def test_a_mail_whose_folder_did_not_reach_the_disk_is_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def refuse_the_second(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 1:
            raise OSError(5, "Input/output error")

    transport = open_transport(f"maildir:{tmp_path}", virtual=False)
    monkeypatch.setattr(os, "fsync", refuse_the_second)
    assert fail(transport).kind == "in_doubt"
    assert len(list((tmp_path / "new").iterdir())) == 1


# ---------------------------------------------------------------- a real conversation


def test_smtp_delivers_the_same_bytes_as_the_mailbox_holds(tmp_path: Path) -> None:
    inbox = Inbox()
    with serving(inbox) as port, opened(f"smtp://127.0.0.1:{port}") as transport:
        assert transport.deliver(ENVELOPE) == "250 2.0.0 taken"
    open_transport(f"maildir:{tmp_path}", virtual=False).deliver(ENVELOPE)
    [received] = inbox.received
    [path] = (tmp_path / "new").iterdir()
    assert received.original_content == path.read_bytes() == MESSAGE
    assert (received.mail_from, received.rcpt_tos) == ("bounce+abc@example.org", ["sam.sample@example.org"])


def test_starttls_checks_the_certificate_and_then_logs_in(certificates: Certificates, server_tls: SSLContext) -> None:
    inbox = Inbox()
    with serving(
        inbox, tls_context=server_tls, require_starttls=True, authenticator=Login(), auth_required=True
    ) as port:
        login = f"first100:p%2Fss%3Aw%40rd@127.0.0.1:{port}"
        with opened(f"smtp://{login}?starttls=required&ca={certificates.authority}") as transport:
            assert transport.deliver(ENVELOPE) == "250 2.0.0 taken"
            assert transport.deliver(ENVELOPE) == "250 2.0.0 taken"
    assert [received.original_content for received in inbox.received] == [MESSAGE, MESSAGE]
    assert inbox.sessions[0].ssl is not None
    assert inbox.sessions[0] is inbox.sessions[1]


def test_a_certificate_nobody_vouches_for_is_refused(server_tls: SSLContext) -> None:
    inbox = Inbox()
    with (
        serving(inbox, tls_context=server_tls) as port,
        opened(f"smtp://127.0.0.1:{port}?starttls=required") as transport,
    ):
        error = fail(transport)
    assert error.kind == "temporary"
    assert "CERTIFICATE_VERIFY_FAILED" in error.detail
    assert inbox.received == []


@pytest.mark.parametrize("words", ["starttls=if-offered&", ""])
def test_without_an_offer_of_starttls_mail_goes_only_where_it_is_not_required(words: str) -> None:
    inbox = Inbox()
    with serving(inbox) as port:
        with opened(f"smtp://127.0.0.1:{port}?{words}timeout=5") as transport:
            transport.deliver(ENVELOPE)
        with opened(f"smtp://127.0.0.1:{port}?starttls=required") as transport:
            error = fail(transport)
    assert (error.kind, "no STARTTLS is offered" in error.detail) == ("temporary", True)
    assert len(inbox.received) == 1


def test_a_refused_login_is_temporary_and_never_shows_the_password(
    certificates: Certificates, server_tls: SSLContext
) -> None:
    with serving(Inbox(), tls_context=server_tls, authenticator=Login(), auth_required=True) as port:
        url = f"smtp://first100:open-sesame@127.0.0.1:{port}?starttls=required&ca={certificates.authority}"
        with opened(url) as transport:
            error = fail(transport)
            shown = f"{error} {error!r} {transport!r} {vars(transport)}"
    assert error.kind == "temporary"
    assert "535" in error.detail
    assert "open-sesame" not in shown


def test_a_password_that_the_server_repeats_is_taken_out() -> None:
    answers = {
        "EHLO": "250-mail\r\n250 AUTH PLAIN LOGIN",
        "AUTH": "535 bad AGZpcnN0MTAwAG9wZW4tc2VzYW1l or open-sesame",
    }
    with (
        ScriptedServer(answers=answers) as server,
        opened(f"smtp://first100:open-sesame@127.0.0.1:{server.port}") as transport,
    ):
        error = fail(transport)
    assert error.detail == f"127.0.0.1:{server.port} failed while connecting: 535 bad *** or ***"


def test_smtps_is_encrypted_from_the_first_byte(certificates: Certificates) -> None:
    with (
        ScriptedServer(certificate=certificates.server) as server,
        opened(f"smtps://127.0.0.1:{server.port}?ca={certificates.authority}") as transport,
    ):
        assert transport.deliver(ENVELOPE) == "250 2.0.0 queued as 42"
    assert server.messages == [MESSAGE]


def test_smtps_checks_the_certificate(certificates: Certificates) -> None:
    with (
        ScriptedServer(certificate=certificates.server) as server,
        opened(f"smtps://localhost:{server.port}") as transport,
    ):
        assert "CERTIFICATE_VERIFY_FAILED" in fail(transport).detail
    assert server.heard == []


def test_lmtp_greets_as_lmtp_does() -> None:
    with ScriptedServer() as server, opened(f"lmtp://127.0.0.1:{server.port}") as transport:
        transport.deliver(ENVELOPE)
    assert server.heard[:2] == ["lhlo localhost", "MAIL FROM:<bounce+abc@example.org>"]
    assert server.messages == [MESSAGE]


def test_lmtp_speaks_through_a_socket_in_the_file_system(tmp_path: Path) -> None:
    with ScriptedServer(path=tmp_path / "lmtp") as server, opened(f"lmtp://{tmp_path / 'lmtp'}") as transport:
        assert transport.deliver(ENVELOPE) == "250 2.0.0 queued as 42"
    assert server.messages == [MESSAGE]


# ---------------------------------------------------------------- one connection for many


def test_one_connection_carries_many_mails_and_says_goodbye() -> None:
    with ScriptedServer() as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        for _ in range(3):
            transport.deliver(ENVELOPE)
    assert server.connections == 1
    assert server.heard == [
        "ehlo localhost",
        *[
            f"MAIL FROM:<bounce+abc@example.org> SIZE={len(MESSAGE)}",
            "RCPT TO:<sam.sample@example.org>",
            "DATA",
        ]
        * 3,
        "quit",
    ]


@pytest.mark.parametrize("farewell", ["421 idle too long", DROP])
def test_a_connection_that_died_between_mails_is_replaced(farewell: str) -> None:
    first = {"MAIL": ["250 ok", farewell]}
    with ScriptedServer(first=first) as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        transport.deliver(ENVELOPE)
        transport.deliver(ENVELOPE)
    assert server.connections == 2
    assert server.messages == [MESSAGE, MESSAGE]


def test_a_server_that_hangs_up_on_new_connections_too_is_tried_no_more_than_twice() -> None:
    answers = {"MAIL": DROP}
    first = {"MAIL": ["250 ok", DROP]}
    with ScriptedServer(answers=answers, first=first) as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        transport.deliver(ENVELOPE)
        assert fail(transport).kind == "temporary"
    assert server.connections == 2


def test_a_mail_refused_leaves_the_connection_fit_for_the_next() -> None:
    answers = {"RCPT": "550 5.1.1 nobody here"}
    with ScriptedServer(answers=answers) as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        assert fail(transport).kind == "permanent"
        assert fail(transport).kind == "permanent"
    assert server.connections == 1
    assert server.heard.count("rset") == 2


# ---------------------------------------------------------------- grades of failure


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("450 4.2.1 later", "temporary"),
        ("452 4.3.1 full", "temporary"),
        ("421 closing", "temporary"),
        ("550 5.7.1 never", "permanent"),
        ("554-5.6.0 two\r\n554 lines", "permanent"),
        ("530 5.7.0 log in first", "temporary"),
    ],
)
def test_an_answer_is_graded_by_its_code(step: str, words: str, kind: str) -> None:
    with ScriptedServer(answers={step: words}) as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        error = fail(transport)
    assert error.kind == kind
    asked = "the mail" if step == "." else step
    said = " ".join(words.replace("\r\n554 ", " ").replace("554-", "554 ").split())
    assert error.detail == f"127.0.0.1:{server.port} answered {asked} with {said}"


@pytest.mark.parametrize("way", [DROP, HANG])
@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("HELLO", "temporary"),
        ("EHLO", "temporary"),
        ("MAIL", "temporary"),
        ("RCPT", "temporary"),
        ("DATA", "temporary"),
        (".", "in_doubt"),
    ],
)
def test_a_lost_connection_is_in_doubt_only_after_the_final_dot(step: str, kind: str, way: str) -> None:
    with (
        ScriptedServer(answers={step: way}) as server,
        opened(f"smtp://127.0.0.1:{server.port}?timeout=0.2") as transport,
    ):
        assert fail(transport).kind == kind


def test_a_connection_lost_in_the_middle_of_the_message_is_temporary() -> None:
    long = Envelope("a@example.org", "b@example.org", MESSAGE + b"x" * 70 + b"\r\n" * 8_000_000)
    with ScriptedServer(answers={"BODY": DROP}) as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        assert fail(transport, long).kind == "temporary"


@pytest.mark.parametrize(
    ("step", "words", "kind"),
    [("RCPT", "hello", "temporary"), (".", "hello", "in_doubt"), (".", "354 go on", "in_doubt"), (".", "", "in_doubt")],
)
def test_an_answer_that_makes_no_sense_is_graded_by_its_moment(step: str, words: str, kind: str) -> None:
    with ScriptedServer(answers={step: words}) as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        assert fail(transport).kind == kind


def test_after_a_failure_the_transport_works_again() -> None:
    with ScriptedServer(first={".": DROP}) as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        assert fail(transport).kind == "in_doubt"
        assert transport.deliver(ENVELOPE) == "250 2.0.0 queued as 42"
    assert server.connections == 2


def test_nobody_listening_is_temporary() -> None:
    with ScriptedServer() as server:
        port = server.port
    with opened(f"smtp://127.0.0.1:{port}") as transport:
        error = fail(transport)
    assert (error.kind, "refused" in error.detail) == ("temporary", True)


# ---------------------------------------------------------------- guards


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope("a@example.org\r\nRCPT TO:<c@example.org>", "b@example.org", MESSAGE),
        Envelope("a@example.org", "-oQ@example.org", MESSAGE),
        Envelope("a@example.org", "b\0@example.org", MESSAGE),
        Envelope("a@example.org", "b@example.org", MESSAGE + b"\n.\n"),
    ],
)
def test_an_envelope_that_could_smuggle_something_in_is_refused(envelope: Envelope) -> None:
    with ScriptedServer() as server, opened(f"smtp://127.0.0.1:{server.port}") as transport:
        assert fail(transport, envelope).kind == "permanent"
    assert server.connections == 0


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope("first100@trust.nhs.example.ac.uk", "sam.sample@example.org", MESSAGE),
        Envelope("bounce+x@example.com", "sam@hospital.ac.uk", MESSAGE),
    ],
)
def test_a_real_server_is_handed_no_sample_mail(envelope: Envelope) -> None:
    error = fail(open_transport("smtp://mail.hospital.ac.uk", virtual=False), envelope)
    assert error.kind == "permanent"
    assert "kept for examples" in error.detail


@pytest.mark.parametrize("host", ["mail.hospital.ac.uk", "10.0.0.5", "[2001:db8::1]", "localhost.hospital.ac.uk"])
@pytest.mark.parametrize("scheme", ["smtp", "smtps", "lmtp"])
def test_a_virtual_clock_refuses_every_server_beyond_this_machine(scheme: str, host: str) -> None:
    with pytest.raises(TransportError, match=r"^permanent: .* virtual clock"):
        open_transport(f"{scheme}://{host}:25", virtual=True)
    assert open_transport(f"{scheme}://{host}:25", virtual=False)


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://localhost", "smtp://[::1]:25", "lmtp:///run/lmtp"])
def test_a_virtual_clock_allows_this_machine(url: str) -> None:
    assert open_transport(url, virtual=True)


SECRET = "open-sesame"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "no transport is called ''"),
        ("pigeon:loft", "no transport is called 'pigeon'; known: maildir, smtp, smtps, lmtp"),
        ("maildir:", "has no folder"),
        ("smtp://", "names no server"),
        ("smtp:mail.example.org", "names no server"),
        (f"smtp://u:{SECRET}/x@mail.example.org", "makes no sense"),
        (f"smtp://u:{SECRET}@mail.example.org:port", "makes no sense"),
        (f"smtp://u:{SECRET}@[mail", "makes no sense"),
        (f"smtp://u:{SECRET}@mail.example.org?starttls=maybe", "unknown starttls"),
        (f"smtp://u:{SECRET}@mail.example.org?tls=1", "unknown option 'tls'; known: starttls, ca, timeout"),
        (f"smtp://u:{SECRET}@mail.example.org?starttls=never", "in the clear"),
        (f"smtp://u:{SECRET}@mail.example.org?timeout=0", "timeout between 0 and 300"),
        (f"smtp://u:{SECRET}@mail.example.org?timeout=soon", "timeout between 0 and 300"),
        (f"smtp://u:{SECRET}@mail.example.org?ca=/nowhere/ca.pem", "/nowhere/ca.pem cannot be read"),
    ],
)
def test_a_wrong_address_is_named_without_its_password(url: str, words: str) -> None:
    with pytest.raises(TransportError) as caught:
        open_transport(url, virtual=False)
    assert caught.value.kind == "permanent"
    assert words in caught.value.detail
    assert SECRET not in str(caught.value)


def test_the_login_is_not_sent_where_encryption_was_hoped_for_and_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emails.relay.Relay.is_loopback", property(_no))
    envelope = Envelope("first100@trust.ac.uk", "sam@trust.ac.uk", MESSAGE)
    with ScriptedServer(answers={"EHLO": "250-mail\r\n250 AUTH PLAIN"}) as server:
        url = f"smtp://u:{SECRET}@127.0.0.1:{server.port}?starttls=if-offered"
        error = fail(open_transport(url, virtual=False), envelope)
    assert "not sent in the clear" in error.detail
    assert not any("AUTH" in line.upper() for line in server.heard)


def _no(_: object) -> bool:
    return False
