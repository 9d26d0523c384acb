"""A transport that puts each mail into a Maildir, byte for byte, whole or not at all."""

import hashlib
import os
from collections.abc import Callable
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from emails.envelope import Envelope, TransportError

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


class MaildirTransport:
    """Delivers into `folder` (tmp, new, cur), which is made on first use, for its owner's eyes only.

    A file's name is the mail's Date in seconds and a hash of its Message-ID: no clock, no chance. A mail delivered
    twice lies there twice, as in any mailbox, the second with a 2 in its name. Nothing is overwritten or hidden.
    """

    leaves_machine = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return f"MaildirTransport({str(self._folder)!r})"

    def deliver(self, envelope: Envelope) -> str:
        """Writes the mail, and gives the name of its file; on return it has reached the disk."""
        try:
            self._make_folders()
            name = self._link_new(self._write_tmp(envelope.message), _name_mail(envelope.message))
        except OSError as error:
            raise TransportError("temporary", f"the mailbox cannot be written: {error.strerror}") from error
        try:
            _sync(self._folder / "new")
        except OSError as error:
            raise TransportError("in_doubt", f"the mailbox may not have reached the disk: {error.strerror}") from error
        return f"in the mailbox as {name}"

    def close(self) -> None:
        """Nothing is held open."""

    def _make_folders(self) -> None:
        for folder in (self._folder, *(self._folder / name for name in ("tmp", "new", "cur"))):
            folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)

    def _write_tmp(self, message: bytes) -> Path:
        path = self._folder / "tmp" / f"{hashlib.sha256(message).hexdigest()[:32]}.{os.getpid()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC  # one left by a crash is ours to write over
        with os.fdopen(os.open(path, flags, _FILE_MODE), "wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        return path

    def _link_new(self, tmp: Path, base: str) -> str:
        """Gives the file its name in `new`; a link, unlike a rename, never takes another file's place."""
        number = 0
        while True:
            number += 1
            name = f"{base}.first100" if number == 1 else f"{base}_{number}.first100"
            if any((self._folder / "cur").glob(f"{name}:*")):
                continue  # read, and moved on by a mail program
            try:
                (self._folder / "new" / name).hardlink_to(tmp)
            except FileExistsError:
                continue
            tmp.unlink()
            return name


def open_maildir(url: str) -> MaildirTransport:
    """The mailbox at `maildir:PATH`; a permanent TransportError when there is no path."""
    path = url.partition(":")[2].removeprefix("//")
    if not path:
        raise TransportError("permanent", "the mailbox has no folder; write maildir:FOLDER")
    return MaildirTransport(Path(path))


def remove_mails(folder: Path, is_meant: Callable[[str, str], bool]) -> int:
    """Remove the mails of a mailbox that are meant, by recipient and Message-ID; gives how many.

    Raises OSError as it comes.
    """
    removed = 0
    for path in [path for name in ("tmp", "new", "cur") for path in sorted((folder / name).glob("*"))]:
        try:
            with path.open("rb") as file:
                headers = BytesHeaderParser().parse(file)
        except FileNotFoundError:
            continue  # a mail program moved it on or took it away
        recipients = [address for _, address in getaddresses([str(headers.get("To", ""))])] or [""]
        message_id = str(headers.get("Message-ID", "")).strip()
        if any(is_meant(recipient, message_id) for recipient in recipients):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _name_mail(message: bytes) -> str:
    headers = BytesHeaderParser().parsebytes(message)
    key = str(headers.get("Message-ID", "")).strip() or hashlib.sha256(message).hexdigest()
    try:
        seconds = int(parsedate_to_datetime(str(headers.get("Date", ""))).timestamp())
    except (ValueError, OverflowError):
        seconds = 0
    return f"{seconds}.{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:24]}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
