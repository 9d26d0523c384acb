"""What a transport is handed, and how it says that it could not deliver."""

from dataclasses import dataclass
from typing import Literal

FailureKind = Literal["permanent", "temporary", "in_doubt"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message for one recipient. `message` is complete, its lines end in CRLF."""

    sender: str  # the envelope's: bounces go there
    recipient: str
    message: bytes


class TransportError(Exception):
    """A mail was not delivered, or may not have been.

    permanent: refused, trying again is useless. temporary: it did not leave, try again later. in_doubt: it was handed
    over and no answer came, so it may have arrived. `detail` is one line in plain words and never holds a password.
    """

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind: FailureKind = kind
        self.detail = detail
