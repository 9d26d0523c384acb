"""The mark that a page carries and that comes back with a pressed button: signed, and kept nowhere.

A mark is `signature (24) . milliseconds since 1970 . token`. It proves that the page came from us for this
very token, and tells when it was shown.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emails.links import Links, Purpose

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LONGEST = 64
_TOKEN = 16  # characters of it
_LATEST_MS = 10**14  # the year 5138: what lies beyond is no instant of ours


@dataclass(frozen=True, slots=True)
class Subject:
    """The link that a page was shown for."""

    purpose: Purpose
    numbers: tuple[int, ...]


def make_nonce(links: Links, subject: Subject, *, shown_at: datetime, token: str) -> str:
    """The mark of a page shown at that instant. The token, new each time, keeps two pages of one instant apart."""
    stamp = f"{(shown_at - _EPOCH) // _MILLISECOND}.{token[:_TOKEN]}"
    return f"{_sign(links, subject, stamp)}.{stamp}"


def read_nonce(links: Links, subject: Subject, nonce: str) -> datetime | None:
    """When the page with this mark was shown; None where the mark is not ours or belongs to another page."""
    signature, _, stamp = nonce.partition(".")
    if len(nonce) > _LONGEST or not nonce.isascii():
        return None
    if not hmac.compare_digest(signature, _sign(links, subject, stamp)):
        return None
    milliseconds = int(stamp.partition(".")[0])
    return _EPOCH + milliseconds * _MILLISECOND if milliseconds < _LATEST_MS else None


def name_press(links: Links, nonce: str, *fields: str) -> str:
    """Twenty-four characters for one press on one page: the same fields sent again are the same press."""
    return links.fingerprint("press\n" + "\n".join((nonce, *fields)))


def _sign(links: Links, subject: Subject, stamp: str) -> str:
    numbers = ",".join(str(number) for number in subject.numbers)
    return links.fingerprint(f"page\n{subject.purpose}\n{numbers}\n{stamp}")
