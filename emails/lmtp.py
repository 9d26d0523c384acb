"""Mail handed over by a mail server on this machine: LMTP, with an answer only once the mail has been dealt with."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from emails.doors import DoorError, LmtpDoor
from models.failures import DatabaseError
from models.writer import WriterBusyError

LARGEST_BYTES = 32 * 1024 * 1024
_PATIENCE_SECONDS = 60  # for the next command
_LATER = "451 4.3.2 not now; please try again later"
_log = logging.getLogger(__name__)

Take = Callable[[bytes, str, tuple[str, ...]], object]
"""Deals with a mail: its bytes, who sent it by the envelope ("": nobody), and to whom."""


@contextmanager
def open_lmtp(door: LmtpDoor, take: Take) -> Generator[None]:
    """Takes mail in while the block runs. Raises DoorError where nobody could reach it.

    What `take` could not keep is refused for now, and the mail server brings it again.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library's, which names addresses
    listener = _listen(door)
    controller = _Controller(_Handler(take), hostname=door.host, port=door.port)
    controller.listener = listener
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class _Lmtp(LMTP):
    line_length_limit = LARGEST_BYTES  # a line that is too long is no reason to refuse what somebody wrote


class _Controller(Controller):
    """The library's, on a socket that listens already: it would take somebody else's on the same port for its own."""

    listener: socket.socket

    def _create_server(self) -> Coroutine[Any, Any, asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listener)

    def factory(self) -> SMTP:
        return _Lmtp(
            self.handler,
            data_size_limit=LARGEST_BYTES,
            enable_SMTPUTF8=True,
            timeout=_PATIENCE_SECONDS,
            hostname="localhost",
            loop=self.loop,
        )


class _Handler:
    """What aiosmtpd asks when a mail is there."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """An answer for each recipient, as LMTP wants it."""
        return "\r\n".join([await asyncio.to_thread(self._answer, envelope)] * len(envelope.rcpt_tos))

    def _answer(self, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        try:
            self._take(content, (envelope.mail_from or "").strip("<>"), tuple(envelope.rcpt_tos))
        except (DatabaseError, WriterBusyError) as error:
            _log.warning("a mail was put off: %s", error)
            return _LATER
        return "250 2.0.0 taken"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours costs nobody their mail: it comes again."""
        _log.error("a mail was put off for a fault", exc_info=error)
        return _LATER


def _listen(door: LmtpDoor) -> socket.socket:
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    try:
        return socket.create_server((door.host, door.port), family=family)
    except OSError as error:
        raise DoorError(_explain(error, door)) from error


def _explain(error: OSError, door: LmtpDoor) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {door.port} on {door.host} is in use; stop what uses it or choose another in `replies`"
    return f"cannot listen on {door.host} port {door.port}: {error.strerror}; choose another in `replies`"
