"""Signatures as Standard Webhooks writes them, and the secrets that make them.

A secret is HMAC-SHA256 of a seal's salt under the installation's own secret, so that whoever has the database alone can
sign nothing. What is signed is `webhook-id.webhook-timestamp.body`; a signature reads `v1,` and its base64.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime

from models.webhooks import Seal

_OPENING = "whsec_"


class HookSecrets:
    """Makes seals with the first secret of the installation, and knows those of all of them."""

    def __init__(self, secrets: Iterable[bytes]) -> None:
        self._known = {_mark(secret): secret for secret in secrets}
        if not self._known:
            raise ValueError("webhooks need a secret")

    def seal(self, salt: bytes) -> Seal:
        """A new seal. `salt`: random octets."""
        return Seal(salt=salt.hex(), mark=next(iter(self._known)))

    def derive(self, seal: Seal) -> bytes | None:
        """The webhook's secret; None where the one of the installation that it goes with is no longer here."""
        secret = self._known.get(seal.mark)
        return None if secret is None else hmac.digest(secret, b"webhook\0" + bytes.fromhex(seal.salt), hashlib.sha256)

    def derive_all(self, seals: Iterable[Seal], *, now: datetime) -> list[bytes]:
        """The secrets in force, the newest first."""
        found = [self.derive(seal) for seal in seals if seal.until is None or seal.until > now]
        return [secret for secret in found if secret is not None]


def write_secret(secret: bytes) -> str:
    """The secret as it is handed over."""
    return _OPENING + b64encode(secret).decode("ascii")


def sign(secrets: Iterable[bytes], *, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each secret."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(
        f"v1,{b64encode(hmac.digest(secret, content, hashlib.sha256)).decode('ascii')}" for secret in secrets
    )


def _mark(secret: bytes) -> str:
    return hmac.digest(secret, b"webhook mark", hashlib.sha256).hex()[:8]
