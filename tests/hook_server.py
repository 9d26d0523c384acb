"""A system that is told what happens: a web server on loopback that answers as a test says."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self

HANG = b"<hang>"  # give no answer, and wait for the other side to go
DROP = b"<drop>"  # close the connection in place of an answer
DRIP = b"<drip>"  # one octet of a head that never ends, then another, ...
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
FLOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 2_000_000  # and no word of its length


def answer(status: int, *headers: str) -> bytes:
    """An answer without a body."""
    lines = (f"HTTP/1.1 {status} So", "Content-Length: 0", *headers)
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


@dataclass(frozen=True, slots=True)
class Posted:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class HookServer:
    """Gives its answers in turn, the last for good. `gate`: nothing is answered before it is set."""

    answers: Sequence[bytes] = (OK,)
    certificate: Path | None = None  # with its key
    gate: threading.Event | None = None
    posted: list[Posted] = field(default_factory=list[Posted])
    asked: threading.Event = field(default_factory=threading.Event)  # somebody has come
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._left = list(self.answers)
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with socket.create_connection(self._listener.getsockname()):
            pass
        for thread in self._threads:
            thread.join(20)
        self._listener.close()

    @property
    def url(self) -> str:
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/hooks?from=first100"

    def wait_for(self, requests: int) -> bool:
        """Whether so many came within ten seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.posted) >= requests, 10)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            self.connections += 1
            self._start(partial(self._talk, connection))

    def _talk(self, plain: socket.socket) -> None:
        plain.settimeout(10)
        try:
            connection = self._wrap(plain)
        except OSError:
            plain.close()
            return
        with connection, connection.makefile("rb") as incoming:
            try:
                while self._answer_one(connection, incoming):
                    pass
            except OSError:
                pass  # the other side went away

    def _wrap(self, connection: socket.socket) -> socket.socket:
        if self.certificate is None:
            return connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(connection, server_side=True)

    def _answer_one(self, connection: socket.socket, incoming: BinaryIO) -> bool:
        """Whether the connection goes on."""
        line = incoming.readline().decode().strip()
        if not line:
            return False
        headers: dict[str, str] = {}
        while header := incoming.readline().decode().strip():
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        body = incoming.read(int(headers.get("content-length", "0")))
        with self._changed:
            self.posted.append(Posted(line, headers, body))
            self._changed.notify_all()
        self.asked.set()
        if self.gate is not None:
            self.gate.wait(20)
        words = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        if words == DROP:
            return False
        if words == HANG:
            incoming.read()
            return False
        if words == DRIP:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self._stopping.wait(0.05):
                connection.sendall(b"x")
            return False
        connection.sendall(words)
        return words != FLOOD
