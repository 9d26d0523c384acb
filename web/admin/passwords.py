"""Passwords of the admin pages: which will do, and how one is kept and checked.

Length counts, and nothing else does (NIST SP 800-63B; NCSC: three random words). No capitals, digits or signs are asked
for, and none expires. What is refused besides are the few that anybody would try first.
"""

import threading
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 200
_DIFFERENT = 6  # characters
# 19 MiB, twice over: the least that OWASP names, and what a small machine bears several times at once.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)  # however many try to sign in


class PasswordError(Exception):
    """The password will not do. The message says why, in words for whoever chose it."""


def check_password(password: str, *, email: str, brand: str) -> str:
    """The password as it is kept, characters that look alike written alike. Raises PasswordError."""
    written = _normalise(password)
    if len(written) < SHORTEST:
        raise PasswordError(f"that has {len(written)} characters; use {SHORTEST} or more: four random words, say")
    if len(written) > LONGEST:
        raise PasswordError(f"that has {len(written)} characters; use {LONGEST} at most")
    if len(set(written.casefold())) < _DIFFERENT or _repeats(written):
        raise PasswordError("that repeats itself; use words that have nothing to do with each other")
    left = written.casefold()
    for known in (email.casefold(), email.partition("@")[0].casefold(), brand.casefold(), "password"):
        left = left.replace(known, "")
    if len(left) < SHORTEST // 2:
        raise PasswordError("that is little more than your address or the name of this service; use other words")
    return written


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify_password(kept: str | None, password: str) -> bool:
    """Whether it is the password; without one to compare with it takes as long, and is not."""
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _nobodys(), _normalise(password)[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("nobody signs in with this")


def _normalise(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _repeats(text: str) -> bool:
    """Whether it is one short piece over and over."""
    return text in (text + text)[1:-1]
