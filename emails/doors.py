"""Where mail comes in, read from one address: a port of ours that a mail server hands it to, or a mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config.reading.address_fields import is_loopback
from emails.server_urls import TIMEOUT, read_options, read_timeout

_LMTP_PORT = 8124
_PORTS: Mapping[str, int] = {"imap": 143, "imaps": 993}
_OPTIONS = ("handled", "ca", "timeout")
_HANDLED = "First100"


class DoorError(Exception):
    """Mail cannot come in that way. The message says why, what to do, and never holds a password."""


@dataclass(frozen=True, slots=True)
class LmtpDoor:
    """An address of this machine on which a mail server hands mail over."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapDoor:
    """A mailbox on a server. What has been dealt with goes from `folder` to the folder `handled`."""

    host: str
    port: int
    encrypted: bool  # from the first byte; else by STARTTLS, or not at all where the server is on this machine
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    handled: str = _HANDLED
    ca: Path | None = None  # certificates to trust in place of the system's
    timeout: float = TIMEOUT  # seconds for each answer

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def place(self) -> str:
        """The mailbox as a person would write it, without login."""
        return f"{self.folder} at {self.host}:{self.port}"


def read_door(url: str) -> LmtpDoor | ImapDoor:
    """`lmtp://127.0.0.1:8124`, or `imaps://user:password@host/FOLDER?handled=FOLDER&ca=FILE&timeout=SECONDS` (or imap).

    Raises DoorError, which never repeats the address, since it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refusal("makes no sense; write / : @ in a password as %2F %3A %40") from None
    host = parts.hostname or ""
    if parts.scheme == "lmtp":
        if not is_loopback(host) or parts.username or parts.query or parts.path.strip("/"):
            raise _refusal("must lie on this machine, as whoever reaches it may write; write lmtp://127.0.0.1:8124")
        return LmtpDoor(host, port or _LMTP_PORT)
    if parts.scheme not in _PORTS or not host or not parts.username:
        raise _refusal("names no mailbox; write imaps://user:password@host/INBOX")
    try:
        options = read_options(parts, _OPTIONS)
        timeout = read_timeout(options)
    except ValueError as error:
        raise _refusal(str(error)) from None
    door = ImapDoor(
        host=host,
        port=port or _PORTS[parts.scheme],
        encrypted=parts.scheme == "imaps",
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path).strip("/") or "INBOX",
        handled=options.get("handled") or _HANDLED,
        ca=Path(options["ca"]) if options.get("ca") else None,
        timeout=timeout,
    )
    if door.handled == door.folder:
        raise _refusal("names one folder twice; what has been dealt with needs another (handled=FOLDER)")
    return door


def _refusal(what: str) -> DoorError:
    return DoorError(f"the address for replies {what}")
