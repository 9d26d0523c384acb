"""Keyed hashes that stand for people and their words: equal ones for equal words, and no way back without the key.

The key is worked out from the secret that signs links, and stays in the data folder when that secret is changed: people
erased before are known as long as the file is there. It cannot sign anything.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from pathlib import Path

from models.failures import DatabaseError

KEYS = "pseudonyms.keys"
_KEY_MARK = 4  # characters of a pseudonym that tell with which key it was made
_HASH = 32  # characters, 128 bits


class Pseudonyms:
    """Makes and knows pseudonyms. The first key makes them; all of them recognise, so that a key can be changed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("pseudonyms need a key")
        self._keys = tuple((_mark(key), key) for key in keys)

    def of_name(self, name: str) -> str:
        """What stands for an address or an id; capitals and blanks at the ends make no difference."""
        return self._make(*self._keys[0], f"name\n{_fold(name)}")

    def all_of_name(self, name: str) -> frozenset[str]:
        """What may stand for it in older records, too."""
        return frozenset(self._make(mark, key, f"name\n{_fold(name)}") for mark, key in self._keys)

    def of_value(self, value: object) -> str:
        """What stands for any value that JSON can hold."""
        return self._make(*self._keys[0], f"value\n{json.dumps(value, sort_keys=True)}")

    def knows(self, pseudonym: str) -> bool:
        """Whether it was made with one of our keys; another one's nobody can recognise any more."""
        return pseudonym[:_KEY_MARK] in {mark for mark, _ in self._keys}

    @staticmethod
    def _make(mark: str, key: bytes, text: str) -> str:
        return mark + hmac.digest(key, text.encode(), hashlib.sha256).hex()[:_HASH]


def find_pseudonyms(data: Path, secrets: Sequence[bytes]) -> Pseudonyms:
    """The pseudonyms of the installation, by its secrets now and the keys of earlier ones. Raises DatabaseError."""
    return Pseudonyms(list(dict.fromkeys((*map(_derive, secrets), *_read_keys(data / KEYS)))))


def keep_pseudonyms(data: Path, secrets: Sequence[bytes]) -> Pseudonyms:
    """The same, and today's key is kept for the time when the secret is another. Raises DatabaseError."""
    path = data / KEYS
    newest = _derive(secrets[0])
    if newest not in _read_keys(path):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(newest.hex().encode("ascii") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DatabaseError(f"{path}: cannot be written: {error.strerror}") from error
    return find_pseudonyms(data, secrets)


def _read_keys(path: Path) -> list[bytes]:
    try:
        return [bytes.fromhex(line) for line in path.read_text(encoding="ascii").splitlines()]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise DatabaseError(f"{path} cannot be read; put back a copy of it") from error


def _derive(secret: bytes) -> bytes:
    return hmac.digest(secret, b"pseudonyms", hashlib.sha256)


def _fold(name: str) -> str:
    return name.strip().lower()


def _mark(key: bytes) -> str:
    return hmac.digest(key, b"mark", hashlib.sha256).hex()[:_KEY_MARK]
