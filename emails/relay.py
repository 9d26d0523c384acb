"""Where an SMTP or LMTP server is and how to speak to it, read from one address; what may be sent to it at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast, get_args
from urllib.parse import unquote, urlsplit

from config.reading.address_fields import is_loopback
from emails.addresses import is_example, to_ascii
from emails.envelope import Envelope, TransportError
from emails.server_urls import TIMEOUT, read_options, read_timeout

Scheme = Literal["smtp", "smtps", "lmtp"]
StartTls = Literal["required", "if-offered", "never"]
RELAY_SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

_PORTS: Mapping[Scheme, int] = MappingProxyType({"smtp": 25, "smtps": 465, "lmtp": 24})
_SUBMISSION_PORT = 587
_OPTIONS = ("starttls", "ca", "timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A server that takes our mail. `host` is a path for a socket in the file system. The password is never shown."""

    scheme: Scheme
    host: str
    port: int
    user: str | None = None
    password: str = field(default="", repr=False)
    starttls: StartTls = "required"
    ca: Path | None = None  # certificates to trust in place of the system's
    timeout: float = TIMEOUT  # seconds for each reply

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        return self.host.startswith("/") or is_loopback(self.host)

    @property
    def place(self) -> str:
        """The server as a person would write it, without login."""
        return self.host if self.host.startswith("/") else f"{self.host}:{self.port}"


def read_relay(url: str) -> Relay:
    """The relay at `smtp://[user:password@]host[:port][?starttls=…&ca=FILE&timeout=SECONDS]` (or smtps, lmtp).

    STARTTLS is required unless the server is on this machine. A permanent TransportError says what is wrong, without
    ever repeating the address, since it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refusal(
            "makes no sense; write smtp://user:password@host:port, / : @ in a password as %2F %3A %40"
        ) from None
    scheme = cast(Scheme, parts.scheme.lower())
    host = parts.hostname or (parts.path if scheme == "lmtp" else "")
    if scheme not in RELAY_SCHEMES or not host:
        raise _refusal("names no server; write smtp://host:port")
    try:
        options = read_options(parts, _OPTIONS)
        timeout = read_timeout(options)
    except ValueError as error:
        raise _refusal(str(error)) from None
    user = unquote(parts.username) if parts.username else None
    relay = Relay(
        scheme=scheme,
        host=host,
        port=port or (_SUBMISSION_PORT if user and scheme == "smtp" else _PORTS[scheme]),
        user=user,
        password=unquote(parts.password or ""),
        ca=Path(options["ca"]) if options.get("ca") else None,
        timeout=timeout,
    )
    return _choose_encryption(relay, options.get("starttls"))


def admit(envelope: Envelope, relay: Relay) -> tuple[str, str]:
    """Sender and recipient as the relay takes them; a permanent TransportError for what must not be sent to it."""
    _refuse_loose_lines(envelope.message)
    plain: list[str] = []
    for role, address in (("sender", envelope.sender), ("recipient", envelope.recipient)):
        try:
            plain.append(to_ascii(address))
        except ValueError as error:
            raise TransportError("permanent", f"the {role}: {error}") from error
        if is_example(plain[-1]) and not relay.is_loopback:
            raise TransportError(
                "permanent",
                f"the {role} {plain[-1]} is at a domain kept for examples, which {relay.place} must not get",
            )
    return plain[0], plain[1]


def _refuse_loose_lines(message: bytes) -> None:
    """A bare CR or LF lets servers disagree where a mail ends, and the rest passes for another mail."""
    if not message.count(b"\r\n") == message.count(b"\r") == message.count(b"\n"):
        raise TransportError("permanent", "the message has lines that do not end in CRLF")


def _choose_encryption(relay: Relay, wish: str | None) -> Relay:
    """Settles STARTTLS: as asked for, else required, save on this machine, where nobody listens in between."""
    wish = wish or ("never" if relay.is_loopback or relay.scheme == "smtps" else "required")
    if wish not in get_args(StartTls):
        raise _refusal(f"has an unknown starttls; write one of {', '.join(get_args(StartTls))}")
    in_the_clear = relay.scheme != "smtps" and wish == "never" and not relay.is_loopback
    if relay.user and in_the_clear:
        raise _refusal("would send the password over the network in the clear; take out starttls=never")
    return replace(relay, starttls=cast(StartTls, wish))


def _refusal(what: str) -> TransportError:
    return TransportError("permanent", f"the mail server's address {what}")
