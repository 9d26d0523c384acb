"""The headers of a mail as words, however they were written."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

_LONGEST_HEADER = 4000  # characters
_MOST_COMMENTS = 20  # in a header of addresses; nested ones take more stack than there is
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def read_header(message: Message, name: str) -> str:
    """Its words, however they were written; "" where it is missing."""
    for given, value in message.raw_items():
        if given.lower() == name:
            return _decode(str(value)[:_LONGEST_HEADER])
    return ""


def _decode(value: str) -> str:
    """Encoded words decoded, as far as that can be."""
    whole = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # bytes that should not stand there
    try:
        pieces = decode_header(whole)
    except (HeaderParseError, ValueError):
        pieces = [(whole, None)]
    words = "".join(decode_bytes(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces)
    return clean(words)


def clean(words: str) -> str:
    """The words without control characters and halves of characters; lines end in LF."""
    whole = words.encode("utf-8", "replace").decode("utf-8")
    return _CONTROLS.sub(" ", whole.replace("\r\n", "\n").replace("\r", "\n"))


def decode_bytes(some: bytes, charset: str | None) -> str:
    """The text in these bytes, as near as one can come to it."""
    try:
        return some.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):  # no such charset, or one that is no text
        return some.decode("utf-8", "replace")


def read_addresses(message: Message, *names: str) -> list[str]:
    """The addresses in these headers, in lower case, in order."""
    values = (str(value)[:_LONGEST_HEADER] for given, value in message.raw_items() if given.lower() in names)
    simple = [value for value in values if value.count("(") <= _MOST_COMMENTS]
    return [clean(address).strip().lower() for _, address in getaddresses(simple) if address]
