"""Mail servers on loopback that do as a test says: answer, refuse, hang up, fall silent."""

import socket
import ssl
import subprocess
import threading
from asyncio import AbstractServer
from collections.abc import Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

DROP = "<drop>"  # close the connection in place of an answer
HANG = "<hang>"  # give no answer, and wait for the other side to go
ANSWERS: Mapping[str, str] = {
    "HELLO": "220 ready",
    "EHLO": "250-mail.example.org\r\n250 SIZE 30000000",
    "LHLO": "250 mail.example.org",
    "MAIL": "250 sender ok",
    "RCPT": "250 recipient ok",
    "DATA": "354 go on",
    ".": "250 2.0.0 queued as 42",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass(kw_only=True)
class ScriptedServer:
    """Answers each verb as told: `HELLO` is the greeting, `.` follows a message, `BODY` hangs up before it.

    Several answers to a verb are given in turn, the last for good. `first` overrules `answers` on the first connection.
    `heard` holds each line and `messages` each message, as received.
    """

    answers: Mapping[str, str | Sequence[str]] = field(default_factory=dict[str, str])
    first: Mapping[str, str | Sequence[str]] = field(default_factory=dict[str, str])
    certificate: Path | None = None  # with its key: TLS from the first byte
    path: Path | None = None  # listen on a socket in the file system instead
    heard: list[str] = field(default_factory=list[str])
    messages: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0

    def __enter__(self) -> Self:
        self.port = 0
        if self.path is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.port = self._listener.getsockname()[1]
        else:
            self._listener = socket.create_server(str(self.path), family=socket.AF_UNIX)
        self._stopping = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        with socket.socket(self._listener.family) as waking:
            waking.connect(self._listener.getsockname())
            self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self._stopping:
                    return
                connection.settimeout(10)
                answers = {**ANSWERS, **self.answers, **({} if self.connections else self.first)}
                self.connections += 1
                try:
                    self._talk(self._wrap(connection), answers)
                except OSError:
                    continue  # the client went away

    def _wrap(self, connection: socket.socket) -> socket.socket:
        if self.certificate is None:
            return connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(connection, server_side=True)

    def _talk(self, connection: socket.socket, given: Mapping[str, str | Sequence[str]]) -> None:
        answers = {verb: [words] if isinstance(words, str) else list(words) for verb, words in given.items()}
        with connection, connection.makefile("rb") as incoming:

            def answer(verb: str) -> bool:
                left = answers.get(verb, ["502 what?"])
                words = left.pop(0) if len(left) > 1 else left[0]
                if words == HANG:
                    incoming.read()
                if words in {DROP, HANG}:
                    return False
                connection.sendall(words.encode() + b"\r\n")
                return True

            going = answer("HELLO")
            while going and (line := incoming.readline()):
                self.heard.append(line.decode().rstrip("\r\n"))
                verb = self.heard[-1].partition(" ")[0].upper()
                going = answer(verb)
                if going and verb == "DATA" and answers["DATA"][0].startswith("354"):
                    if "BODY" in answers:
                        return
                    lines: list[bytes] = []
                    while (line := incoming.readline()) not in {b".\r\n", b""}:
                        lines.append(line.removeprefix(b"."))
                    self.messages.append(b"".join(lines))
                    going = answer(".")


@dataclass(frozen=True, slots=True)
class Certificates:
    """A certificate authority made for a test, and a server's certificate with its key, for 127.0.0.1 and localhost."""

    authority: Path
    server: Path


def make_certificates(folder: Path) -> Certificates:
    """Throw-away certificates, made by the openssl command."""
    (folder / "extensions").write_text(
        "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=critical,CA:FALSE\n"
    )
    (folder / "make").write_text("""
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Test -keyout authority.key -out authority.pem
        openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out request
        openssl x509 -req -in request -CA authority.pem -CAkey authority.key -CAcreateserial \\
            -days 2 -extfile extensions -out server.pem
    """)
    subprocess.run(["/bin/sh", "-e", "make"], cwd=folder, check=True, capture_output=True)
    authority, server = folder / "authority.pem", folder / "server.pem"
    server.write_bytes(server.read_bytes() + (folder / "server.key").read_bytes())
    return Certificates(authority, server)


# ---------------------------------------------------------------- a real one


class Inbox:
    """Keeps what a server accepted."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.sessions: list[Session] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:
        self.received.append(envelope)
        self.sessions.append(session)
        return "250 2.0.0 taken"


class RealServer(Controller):
    """A real SMTP server on a free port of loopback, in a thread of its own."""

    listener: socket.socket

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listener)


@contextmanager
def serving(inbox: Inbox, **settings: Any) -> Generator[int]:
    """A real SMTP server; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RealServer(inbox, "127.0.0.1", listener.getsockname()[1], **settings)
    server.listener = listener
    server.start()
    try:
        yield server.port
    finally:
        server.stop()
