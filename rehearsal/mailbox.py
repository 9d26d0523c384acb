"""The mails in a local mailbox, as a reader or a person looking on sees them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One delivered mail, taken apart. `sent_at` is its Date header."""

    file: str
    recipient: str
    subject: str
    sent_at: datetime
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    size: int  # octets

    def links(self, purpose: str, *, base: str) -> tuple[str, ...]:
        """The addresses under `base`/`purpose`/ in this mail, in order, each once."""
        found = re.findall(rf"{re.escape(base)}/{purpose}/[\w.-]+", unescape(self.html) + "\n" + self.text)
        return tuple(dict.fromkeys(found))


def read_mailbox(folder: Path, *, known: Iterable[str] = ()) -> list[ReceivedMail]:
    """The mails of a Maildir that are not among `known` files, in the order in which they were sent."""
    before = set(known)
    files = [path for sub in ("new", "cur") for path in (folder / sub).glob("*") if path.name not in before]
    return sorted(map(read_mail, files), key=lambda mail: (mail.sent_at, mail.file))


def read_mail(path: Path) -> ReceivedMail:
    """One mail from its file."""
    octets = path.read_bytes()
    message = message_from_bytes(octets, policy=default)
    return ReceivedMail(
        file=path.name,
        recipient=parseaddr(str(message["To"]))[1],
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(message["Date"])),
        headers=tuple((name, str(make_header(decode_header(raw)))) for name, raw in message.raw_items()),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        size=len(octets),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content())
