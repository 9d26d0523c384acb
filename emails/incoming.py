"""A mail that came in, read as far as it concerns us: from whom, in reply to what, in which words, or by which machine.

Whatever bytes come, something is read of them. Nothing of a mail is kept from here.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from typing import cast

from emails.automatic import IncomingKind, tell_kind
from emails.html_words import read_html
from emails.quoting import find_own_words
from emails.raw_headers import clean, decode_bytes, read_addresses, read_header

READ_BYTES = 256 * 1024  # of a mail; attachments come after its words
_MOST_WRAPPERS = 30  # nested ones take a time that grows with their depth, and in the end more stack than there is
_WRAPPER = re.compile(rb"(?:multipart|message)/", re.IGNORECASE)
_MOST_PARTS = 100
_MOST_REFERENCES = 50
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,200}>")
_FORGED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_ADDRESSED = re.compile(r"bounce\+([a-z2-7]{20,120})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a mail says to us. `report`: on a delivery; `automatic`: by any other machine."""

    kind: IncomingKind
    why: str  # the sign that told the kind; holds nothing of the mail
    name: str  # the same for the same mail whenever it comes: its Message-ID, else a fingerprint of it
    sender: str  # the address in From, in lower case; "" where there is none, or several
    forged: bool  # a mail server on the way found that it did not come from there (RFC 8601, DMARC)
    subject: str
    refers_to: tuple[str, ...]  # Message-IDs, the one replied to first
    addressed: tuple[str, ...]  # tokens of the addresses for reports that it was sent to
    own_words: str  # what was written by the sender
    all_words: str  # with what was quoted, tags and all


def read_incoming(raw: bytes, *, envelope_sender: str | None, recipients: tuple[str, ...] = ()) -> Incoming:
    """The mail in these bytes; the first READ_BYTES of a longer one are enough.

    `envelope_sender`: who stands in the envelope, "" for nobody; None where only the mail itself can tell.
    """
    raw = raw[:READ_BYTES]
    simple = len(_WRAPPER.findall(raw)) <= _MOST_WRAPPERS
    parse = message_from_bytes if simple else BytesHeaderParser(policy=policy.compat32).parsebytes
    message = parse(raw)
    senders = read_addresses(message, "from")
    sender = senders[0] if len(senders) == 1 else ""
    if envelope_sender is None:
        envelope_sender = read_header(message, "return-path").strip(" <>") if "return-path" in message else "?"
    subject = read_header(message, "subject")
    kind, why = tell_kind(message, sender, subject, envelope_sender)
    own, whole = _read_words(message) if kind == "reply" else ("", "")
    return Incoming(
        kind=kind,
        why=why,
        name=_name(message, raw),
        sender=sender,
        forged=_is_forged(message),
        subject=subject,
        refers_to=_read_references(message),
        addressed=_read_tokens((*recipients, *read_addresses(message, "to", "delivered-to", "x-original-to"))),
        own_words=own,
        all_words=whole,
    )


def _name(message: Message, raw: bytes) -> str:
    given = _MESSAGE_ID.search(read_header(message, "message-id"))
    if given:
        return given[0]
    # Lines on the way differ each time a mail is handed over anew, so these do not count.
    told = "\n".join(read_header(message, name) for name in ("from", "date", "subject"))
    body = raw.partition(b"\r\n\r\n")[2]
    return hashlib.sha256(told.encode() + b"\n" + body).hexdigest()


# ---------------------------------------------------------------- headers


def _is_forged(message: Message) -> bool:
    """Whoever forges this header, too, does themselves no good: only a bad word in it counts."""
    told = (str(value) for name, value in message.raw_items() if name.lower() == "authentication-results")
    return any(_FORGED.search(value) for value in told)


def _read_references(message: Message) -> tuple[str, ...]:
    """In-Reply-To first, then References from the newest back."""
    replied = _MESSAGE_ID.findall(read_header(message, "in-reply-to"))
    earlier = _MESSAGE_ID.findall(read_header(message, "references"))
    return tuple(dict.fromkeys((*replied, *reversed(earlier))))[:_MOST_REFERENCES]


def _read_tokens(addresses: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(found[1] for address in addresses[:_MOST_REFERENCES] if (found := _ADDRESSED.match(address)))


# ---------------------------------------------------------------- words


def _read_words(message: Message) -> tuple[str, str]:
    """What the sender wrote, and all there is to read."""
    parts = list(_list_parts(message))
    plain = next((part for part in parts if part.get_content_type() == "text/plain"), None)
    html = next((part for part in parts if part.get_content_type() == "text/html"), None)
    text, markup = (_read_part(part) if part is not None else "" for part in (plain, html))
    own = find_own_words(text if text.strip() else read_html(markup))
    return own, f"{text}\n{markup}"


def _list_parts(message: Message) -> Iterator[Message]:
    """The parts that are no attachments, in order; what lies inside a forwarded mail is none of ours."""
    waiting: list[Message] = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting = [*cast("list[Message]", part.get_payload()), *waiting]
        elif not part.is_multipart() and part.get_content_disposition() != "attachment":
            yield part


def _read_part(part: Message) -> str:
    try:
        content = part.get_payload(decode=True)
    except ValueError:  # an encoding that decodes to nothing
        content = b""
    return clean(decode_bytes(content, _find_charset(part))) if isinstance(content, bytes) else ""


def _find_charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, ValueError):
        return None
