"""A mail's bytes, written by hand: the same input gives the same bytes, at a third of EmailMessage's cost.

A mail is multipart/alternative with a text and an HTML part, or text alone; UTF-8 in quoted-printable. Lines end in
CRLF. Headers are folded and, where they are not plain ASCII, written as encoded words (RFC 2047).
"""

import binascii
import hashlib
import re
from collections.abc import Sequence

from emails.addresses import to_ascii
from emails.problems import ComposeError

_FOLD_AT = 76  # characters
_WORD_BYTES = 39  # of UTF-8 in one encoded word: 52 characters of base64 and 12 round it, beside "Reply-To: "
_IN_HEADERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # control characters, line and paragraph separators
_IN_BODIES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")


def write_message(headers: Sequence[tuple[str, str]], *, text: str, html: str | None, seed: str) -> bytes:
    """The whole message. `headers`: names and values as they go out (see write_words, write_mailbox).

    `html` None: it is text alone. The boundary is derived from `seed`, which is to differ between mails (the
    Message-ID does). ComposeError for a control character anywhere but in a body's line ends and tabs.
    """
    head = "".join(f"{name}: {value}\r\n" for name, value in (_fold(*header) for header in headers))
    start = f"{head}MIME-Version: 1.0\r\n".encode("ascii")
    if html is None:
        return start + _write_part("plain", text)
    boundary = "=_" + hashlib.sha256(seed.encode()).hexdigest()[:24]  # quoted-printable never holds "=_"
    edge = b"--" + boundary.encode("ascii")
    return b"".join(
        (
            start,
            f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'.encode("ascii"),
            b"\r\n" + edge + b"\r\n",
            _write_part("plain", text),
            b"\r\n" + edge + b"\r\n",
            _write_part("html", html),
            b"\r\n" + edge + b"--\r\n",
        )
    )


def write_words(words: str, *, where: str) -> str:
    """Words for a header (a subject, a name): as they are when plain ASCII, else as encoded words, still unfolded."""
    _refuse_controls(_IN_HEADERS, words, where)
    words = " ".join(words.split())
    if words.isascii() and "=?" not in words:
        return words
    return " ".join(f"=?utf-8?b?{binascii.b2a_base64(piece, newline=False).decode()}?=" for piece in _cut(words, where))


def write_mailbox(name: str, address: str, *, where: str) -> str:
    """`Name <address>` for From, To and Reply-To; the address alone when there is no name."""
    _refuse_controls(_IN_HEADERS, name, where)
    try:
        plain = to_ascii(address)
    except ValueError as error:
        raise ComposeError(str(error), where) from error
    if not name:
        return plain
    if name.isascii() and "=?" not in name and not _PLAIN_NAME.fullmatch(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{plain}>'
    return f"{write_words(name, where=where)} <{plain}>"


def _write_part(subtype: str, body: str) -> bytes:
    where = f"the {subtype} part"
    _refuse_controls(_IN_BODIES, body, where)
    # The last line end is needed: without any CRLF in the body b2a_qp breaks its own lines with a bare LF.
    whole = re.sub(r"\r\n|\r|\n", "\r\n", body.rstrip("\r\n")) + "\r\n"
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode("ascii") + binascii.b2a_qp(_encode(whole, where), istext=True)


def _fold(name: str, value: str) -> tuple[str, str]:
    """The header with its value broken at blanks so that lines keep to 76 characters where they can."""
    _refuse_controls(_IN_HEADERS, value, name)
    if not _HEADER_NAME.fullmatch(name) or not value.isascii():
        raise ComposeError("this header cannot be written as it is", name)
    lines: list[str] = []
    line = f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > _FOLD_AT and not line.endswith(":"):
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    folded = "\r\n".join([*lines, line])
    return name, folded[len(name) + 1 :].removeprefix(" ")


def _cut(words: str, where: str) -> list[bytes]:
    """UTF-8 pieces short enough for one encoded word each, never cut inside a character."""
    pieces = [b""]
    for character in words:
        encoded = _encode(character, where)
        if len(pieces[-1]) + len(encoded) > _WORD_BYTES:
            pieces.append(b"")
        pieces[-1] += encoded
    return pieces


def _encode(text: str, where: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ComposeError("the text holds half a character (a lone surrogate); type it again", where) from error


def _refuse_controls(controls: re.Pattern[str], text: str, where: str) -> None:
    if found := controls.search(text):
        raise ComposeError(f"the control character U+{ord(found[0]):04X} has no place here; take it out", where)
