"""Signed links: the addresses that a mail carries, and what a token that comes back stands for.

A token is base64url (no padding) of `key id (1 byte) | numbers (varints) | tag (16 bytes)`. The tag is HMAC-SHA256 over
key id, purpose and numbers, cut to 128 bits. A token has one spelling: any other encoding of the same bytes is refused.
Bounce tokens (`b`) live in the local part of an address, where capitals may be lost on the way, so they are base32 in
lower case, and read in either case.
"""

import hashlib
import hmac
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

Purpose = Literal["o", "l", "t", "a", "c", "m", "p", "u", "d", "b"]

_TAG_BYTES = 16
SHORTEST_SECRET = 16  # bytes
_LONGEST_TOKEN = 120  # characters; far above any we make
_LARGEST_NUMBER = 2**63 - 1


class Links:
    """Makes and reads signed links. The first secret signs; all of them verify, so a key can be changed in peace."""

    def __init__(self, public_url: str, secrets: tuple[bytes, ...]) -> None:
        if not secrets or any(len(secret) < SHORTEST_SECRET for secret in secrets):
            raise ValueError(f"links need at least one secret, each of {SHORTEST_SECRET} bytes or more")
        self._public_url = public_url.rstrip("/")
        self._keys = tuple((_key_id(secret), secret) for secret in secrets)

    def token(self, purpose: Purpose, *numbers: int) -> str:
        """The token for these numbers; ValueError for a number below 0 or over 63 bits."""
        key_id, secret = self._keys[0]
        payload = b"".join(_encode_number(number) for number in numbers)
        return _spell(purpose, key_id + payload + _tag(secret, key_id, purpose, payload))

    def url(self, purpose: Purpose, *numbers: int) -> str:
        """The address for these numbers; the open pixel's ends in .gif."""
        ending = ".gif" if purpose == "o" else ""
        return f"{self._public_url}/{purpose}/{self.token(purpose, *numbers)}{ending}"

    def asset(self, path: str) -> str:
        """The address of something that is the same for everybody, a picture say."""
        return f"{self._public_url}/{path}"

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...] | None:
        """The numbers of a token that we made for this purpose; None for anything else."""
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            return None
        if purpose == "b":
            token = token.lower()
        signed = _unspell(purpose, token)
        if signed is None or len(signed) < 1 + _TAG_BYTES or _spell(purpose, signed) != token:
            return None
        key_id, payload, tag = signed[:1], signed[1:-_TAG_BYTES], signed[-_TAG_BYTES:]
        tags = [_tag(secret, key_id, purpose, payload) for known, secret in self._keys if known == key_id]
        if not any(hmac.compare_digest(tag, ours) for ours in tags):
            return None
        return _decode_numbers(payload)

    def fingerprint(self, text: str) -> str:
        """Twenty-four characters that stand for `text` and that nobody without the secret can work out."""
        return hmac.digest(self._keys[0][1], b"fingerprint\0" + text.encode(), hashlib.sha256).hex()[:24]


def _key_id(secret: bytes) -> bytes:
    return hmac.digest(secret, b"key id", hashlib.sha256)[:1]


def _tag(secret: bytes, key_id: bytes, purpose: Purpose, payload: bytes) -> bytes:
    return hmac.digest(secret, b"link\0" + key_id + purpose.encode() + payload, hashlib.sha256)[:_TAG_BYTES]


def _spell(purpose: Purpose, signed: bytes) -> str:
    encoded = b32encode(signed).lower() if purpose == "b" else urlsafe_b64encode(signed)
    return encoded.rstrip(b"=").decode("ascii")


def _unspell(purpose: Purpose, token: str) -> bytes | None:
    """The bytes of a token, or None. Spellings that decode loosely are caught by spelling them again."""
    try:
        if purpose == "b":
            return b32decode(token.upper() + "=" * (-len(token) % 8))
        return urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None


def _encode_number(number: int) -> bytes:
    """Seven bits a byte, lowest first, the high bit set on all but the last."""
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError(f"a link holds numbers from 0 to 2^63 - 1, not {number}")
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _decode_numbers(payload: bytes) -> tuple[int, ...] | None:
    numbers: list[int] = []
    number = shift = 0
    for byte in payload:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    return tuple(numbers) if shift == 0 else None
