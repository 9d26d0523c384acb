"""What a browser holds while its user is away at the provider, and what is worked out from it. Nothing is kept here."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, unquote

from emails.links import Links

GOOD_FOR = timedelta(minutes=10)
LONGEST_WAY = 200  # characters of the page that was asked for


@dataclass(frozen=True, slots=True)
class Trip:
    """One way to the provider and back. `cookie` is for the browser alone; what else there is nobody can tell from it.

    `state` comes back with the answer, `nonce` inside the ID token, and only who knows `verifier` can use the code.
    """

    cookie: str
    state: str
    nonce: str
    verifier: str
    to: str  # the page that was asked for


def begin_trip(links: Links, *, token: str, to: str, now: datetime) -> Trip:
    """A trip that begins now; `token` is long and random."""
    return _open(links, f"{token}.{int(now.timestamp())}.{quote(to[:LONGEST_WAY], safe='')}")


def find_trip(links: Links, *, cookie: str, state: str, now: datetime) -> Trip | None:
    """The trip that this browser is on, if the answer belongs to it and comes in time."""
    parts = cookie.split(".", 2)
    if len(parts) != 3 or not cookie.isascii():
        return None
    trip = _open(links, cookie)
    if not hmac.compare_digest(trip.state.encode(), state.encode()):
        return None
    began = int(parts[1])  # the state vouches for it: we wrote it
    return trip if now.timestamp() - began <= GOOD_FOR.total_seconds() else None


def _open(links: Links, cookie: str) -> Trip:
    secret = links.fingerprint(f"openid verifier\n{cookie}")
    return Trip(
        cookie=cookie,
        state=links.fingerprint(f"openid state\n{cookie}"),
        nonce=links.fingerprint(f"openid nonce\n{cookie}"),
        verifier=urlsafe_b64encode(sha256(f"{secret}{cookie}".encode()).digest()).rstrip(b"=").decode(),
        to=unquote(cookie.split(".", 2)[2]),
    )
