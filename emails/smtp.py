"""A transport that speaks SMTP or LMTP over one reused connection, and grades what goes wrong by when it went wrong."""

import smtplib
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

from emails.dialling import connected, describe, dial, hide_login, trust
from emails.envelope import Envelope, FailureKind, TransportError
from emails.relay import Relay, admit, read_relay

_FINAL_PATIENCE = 5  # times the timeout: a server may filter a mail before it answers, and giving up leaves doubt
_LOGIN_CODES = (530, 534, 535, 538)  # about us and our settings, not about this mail: it can go later
_CLOSING = 421
_DETAIL_LENGTH = 300  # characters


class SmtpTransport:
    """Delivers to one relay. One connection, opened when needed, kept between mails; not to be shared by threads."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._trusted = trust(relay)
        self._connection: smtplib.SMTP | None = None

    def __repr__(self) -> str:
        return f"SmtpTransport({self._relay!r})"

    @property
    def leaves_machine(self) -> bool:
        return not self._relay.is_loopback

    def deliver(self, envelope: Envelope) -> str:
        """Hands the mail over; gives the server's words of acceptance."""
        sender, recipient = admit(envelope, self._relay)
        connection = self._begin(sender, size=len(envelope.message))
        self._ask(connection, "RCPT", f"TO:<{recipient}>", wanted=(250, 251))
        self._ask(connection, "DATA", "", wanted=(354,))
        with self._grading("temporary", "while the mail was sent"):
            connected(connection).sendall(_stuff(envelope.message))
        with self._grading("in_doubt", "after the mail was handed over"):
            connected(connection).settimeout(self._relay.timeout * _FINAL_PATIENCE)
            connected(connection).sendall(b".\r\n")
            code, words = connection.getreply()
        if not 200 <= code < 300:
            self._refuse(code, words, "the mail", otherwise="in_doubt")
        if connection.sock is not None:
            connection.sock.settimeout(self._relay.timeout)
        return self._clean(f"{code} {_decode(words)}")

    def close(self) -> None:
        """Says goodbye where the server still listens."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except OSError:
            connection.close()

    def _begin(self, sender: str, *, size: int) -> smtplib.SMTP:
        """A connection that has taken MAIL. A kept one may have died: nothing has left yet, so once more is safe."""
        kept = self._connection
        if kept is not None:
            try:
                code, words = _say_mail(kept, sender, size)
            except OSError:
                code, words = _CLOSING, b""
            if code != _CLOSING:
                self._check(code, words, "MAIL", (250,))
                return kept
            self._drop()
        with self._grading("temporary", "while connecting"):
            connection = self._connection = dial(self._relay, self._trusted)
        with self._grading("temporary", "at MAIL"):
            code, words = _say_mail(connection, sender, size)
        self._check(code, words, "MAIL", (250,))
        return connection

    def _ask(self, connection: smtplib.SMTP, verb: str, words: str, *, wanted: tuple[int, ...]) -> None:
        with self._grading("temporary", f"at {verb}"):
            code, reply = connection.docmd(verb, words)
        self._check(code, reply, verb, wanted)

    def _check(self, code: int, words: bytes, step: str, wanted: tuple[int, ...]) -> None:
        if code not in wanted:
            self._refuse(code, words, step, otherwise="temporary")

    def _refuse(self, code: int, words: bytes, step: str, *, otherwise: FailureKind) -> NoReturn:
        """Raises for a reply that is no yes. After one that makes no sense the connection is not to be trusted."""
        kind: FailureKind = otherwise
        if 400 <= code < 500 or code in _LOGIN_CODES:
            kind = "temporary"
        elif 500 <= code < 600:
            kind = "permanent"
        if 400 <= code < 600 and code != _CLOSING:
            self._reset()
        else:
            self._drop()
        raise TransportError(kind, self._clean(f"{self._relay.place} answered {step} with {code} {_decode(words)}"))

    def _reset(self) -> None:
        """Ends the transaction, so that the next mail finds the connection as new."""
        if self._connection is None:
            return
        try:
            code, _ = self._connection.rset()
        except OSError:
            code = _CLOSING
        if code != 250:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _grading(self, kind: FailureKind, step: str) -> Generator[None]:
        """Anything that breaks inside is of this kind. The cause is not chained: it may quote the login."""
        try:
            yield
        except (OSError, UnicodeError) as error:  # every error of smtplib, ssl and socket is an OSError
            self._drop()
            detail = self._clean(f"{self._relay.place} failed {step}: {describe(error)}")
            raise TransportError(kind, detail) from None

    def _clean(self, words: str) -> str:
        """One line that fits the log."""
        line = "".join(character if character.isprintable() else " " for character in hide_login(words, self._relay))
        return " ".join(line.split())[:_DETAIL_LENGTH]


def open_smtp(url: str) -> SmtpTransport:
    """The relay at an address (see read_relay); nothing is connected yet."""
    return SmtpTransport(read_relay(url))


def _say_mail(connection: smtplib.SMTP, sender: str, size: int) -> tuple[int, bytes]:
    declared = f" SIZE={size}" if connection.has_extn("size") else ""
    return connection.docmd("MAIL", f"FROM:<{sender}>{declared}")


def _stuff(message: bytes) -> bytes:
    """The message as it goes over the wire before the final dot: a line's leading dot doubled (RFC 5321, 4.5.2)."""
    stuffed = message.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _decode(words: bytes) -> str:
    return words.decode("utf-8", errors="replace")
