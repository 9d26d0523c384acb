"""The ways a mail can leave, and the registry that opens one from its address."""

from collections.abc import Callable, Mapping
from typing import Protocol

from emails.envelope import Envelope, TransportError
from emails.maildir import open_maildir
from emails.relay import RELAY_SCHEMES
from emails.smtp import open_smtp


class Transport(Protocol):
    """Delivers one mail at a time; not to be shared between threads."""

    def deliver(self, envelope: Envelope) -> str:
        """Hands the mail over and gives what the other side said; raises TransportError."""
        ...

    def close(self) -> None:
        """Lets go of any connection. The transport may be used again."""
        ...


class _Opened(Transport, Protocol):
    @property
    def leaves_machine(self) -> bool: ...


_OPENERS: Mapping[str, Callable[[str], _Opened]] = {
    "maildir": open_maildir,
    **dict.fromkeys(RELAY_SCHEMES, open_smtp),
}


def open_transport(url: str, *, virtual: bool) -> Transport:
    """The transport at an address: `maildir:PATH`, `smtp://…`, `smtps://…` or `lmtp://…`.

    `virtual` says that the database runs on a virtual clock: then no mail may leave this machine. Nothing is connected
    yet. Raises a permanent TransportError for an address that makes no sense or is not allowed.
    """
    scheme = url.partition(":")[0].lower()
    if scheme not in _OPENERS:
        raise TransportError("permanent", f"no transport is called {scheme[:20]!r}; known: {', '.join(_OPENERS)}")
    transport = _OPENERS[scheme](url)
    if virtual and transport.leaves_machine:
        raise TransportError(
            "permanent",
            "this database runs on a virtual clock, so no mail may leave the machine; "
            "use maildir: or a server on loopback",
        )
    return transport
