"""Mail fetched from a mailbox by IMAP: what has been dealt with moves to another folder, so that it is fetched once.

It moves only after it has been dealt with. Whoever dies in between leaves it where it was; it comes again, and whoever
takes it knows it by its Message-ID. In the other folder it lies for some weeks, and then goes for good.
"""

import imaplib
import ssl
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Protocol, cast

from imap_tools import AND, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from emails.doors import DoorError, ImapDoor
from emails.incoming import READ_BYTES

_FIRST_BYTES = f"(BODY.PEEK[]<0.{READ_BYTES}>)"  # of a huge mail no more is read


class _Folders(Protocol):
    """As much of the library's folders as is used here; its types leave parts unknown."""

    def exists(self, folder: str) -> bool: ...

    def create(self, folder: str) -> object: ...

    def set(self, folder: str) -> object: ...


class _Mailbox(Protocol):
    """As much of the library's mailbox as is used here."""

    @property
    def client(self) -> imaplib.IMAP4: ...

    @property
    def folder(self) -> _Folders: ...

    def login(self, username: str, password: str, initial_folder: str | None) -> object: ...

    def uids(self, criteria: str, charset: str | None) -> list[str]: ...

    def move(self, uid_list: str, destination_folder: str) -> object: ...

    def delete(self, uid_list: list[str]) -> object: ...


def collect(
    door: ImapDoor,
    take: Callable[[bytes], str],
    *,
    unfinished: set[str] | None = None,
    forget_before: date | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Hands over each mail of the folder, oldest first; gives how often each outcome was. Raises DoorError.

    What `take` raises is raised; its mail, and those after it, stay. Handed in again, `unfinished` has that mail come
    last, so that one which trips a fault of ours holds up no other. `forget_before`: what came before that day, and
    has been dealt with, is deleted.
    """
    outcomes: Counter[str] = Counter()
    unfinished = set() if unfinished is None else unfinished
    with _opened(door) as mailbox:
        for uid in sorted(mailbox.uids("ALL", None), key=unfinished.__contains__):
            if stopping():
                return outcomes
            unfinished.add(uid)
            raw = _fetch(mailbox, uid)
            if raw is not None:
                outcomes[take(raw)] += 1
                mailbox.move(uid, door.handled)
            unfinished.discard(uid)
        if forget_before is not None:
            _forget(mailbox, door, forget_before)
    return outcomes


def _forget(mailbox: _Mailbox, door: ImapDoor, before: date) -> None:
    mailbox.folder.set(door.handled)
    old = mailbox.uids(f"{AND(date_lt=before)}", None)
    if old:
        mailbox.delete(old)


@contextmanager
def _opened(door: ImapDoor) -> Generator[_Mailbox]:
    """The mailbox in its folder, with the other folder there. Anything that breaks inside is a DoorError."""
    try:
        with _connect(door) as mailbox:
            mailbox.login(door.user, door.password, None)
            if not mailbox.folder.exists(door.handled):
                mailbox.folder.create(door.handled)
            mailbox.folder.set(door.folder)
            yield mailbox
    except (OSError, imaplib.IMAP4.error, ImapToolsError, UnicodeError) as error:
        raise DoorError(f"the mailbox {door.place} cannot be read: {_describe(error, door)}") from None


def _connect(door: ImapDoor) -> AbstractContextManager[_Mailbox]:
    if not door.encrypted and door.is_loopback:
        opened = MailBoxUnencrypted(door.host, door.port, timeout=door.timeout)
    else:
        trusted = ssl.create_default_context(cafile=door.ca)
        kind = MailBox if door.encrypted else MailBoxStartTls
        opened = kind(door.host, door.port, timeout=door.timeout, ssl_context=trusted)
    return cast("AbstractContextManager[_Mailbox]", opened)


def _fetch(mailbox: _Mailbox, uid: str) -> bytes | None:
    """How the mail begins; None for one that has gone meanwhile."""
    found = cast("list[object]", mailbox.client.uid("fetch", uid, _FIRST_BYTES)[1])
    parts = (cast("tuple[object, bytes]", part) for part in found if isinstance(part, tuple))
    return next((part[1] for part in parts), None)


def _describe(error: Exception, door: ImapDoor) -> str:
    """What broke, in one phrase without the password."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, UnicodeError):
        return "the server's name or the login holds characters that cannot be sent"
    words = " ".join(str(error).split())[:300]
    return words.replace(door.password, "***") if door.password else words
