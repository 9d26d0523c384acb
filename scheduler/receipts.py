"""The receipt of an erasure: what was removed, in numbers, as people and programs read it; it names nobody."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from pathlib import Path

from emails.words import write_date
from models.changes import Actor
from models.failures import DatabaseError

RECEIPTS = "receipts"  # the folder, in the data folder
MAILBOX = "mailbox"  # among what was removed: mails in the local mailbox
KEPT = "Kept: codes made with a secret key from the addresses and the id, so that nobody is enrolled again by mistake."

# What the receipt calls the tables, for people: one, several.
_SAYS: Mapping[str, tuple[str, str]] = {
    "leaders": ("person", "people"),
    "enrolments": ("enrolment", "enrolments"),
    "mails": ("e-mail on record", "e-mails on record"),
    "mail_items": ("item of these e-mails", "items of these e-mails"),
    "attempts": ("attempt at sending", "attempts at sending"),
    "events": ("hit, answer or choice", "hits, answers and choices"),
    "grades": ("guess who made a hit", "guesses who made a hit"),
    "notes": ("note of their own", "notes of their own"),
    "habits": ("habit marked", "habits marked"),
    "corrections": ("request to HR", "requests to HR"),
    "pauses": ("pause", "pauses"),
    "consents": ("word on opens and clicks", "words on opens and clicks"),
    "memories": ("memory of what is believed to be remembered", "memories of what is believed to be remembered"),
    "audit": ("line of the audit made nameless", "lines of the audit made nameless"),
    MAILBOX: ("e-mail in the local mailbox", "e-mails in the local mailbox"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was removed, in numbers."""

    number: str
    at: datetime  # in UTC
    by: Actor
    removed: Mapping[str, int]  # table, or MAILBOX → how many

    def as_json(self) -> dict[str, object]:
        """The document that is printed, and kept in the data folder."""
        at = self.at.isoformat().replace("+00:00", "Z")
        return {"receipt": self.number, "at": at, "by": self.by, "removed": dict(self.removed)}

    @property
    def heading(self) -> str:
        return f"Receipt {self.number}: erased on {write_date(self.at.date())}, {self.at:%H:%M} UTC."

    @property
    def counts(self) -> tuple[str, ...]:
        """What was removed, a line each: 3 e-mails on record."""
        found = ((name, count) for name, count in self.removed.items() if count)
        return tuple(f"{count} {_SAYS.get(name, (name, name))[count > 1]}" for name, count in found)


def keep_receipt(data: Path, receipt: Receipt) -> None:
    """Keep the receipt in the data folder, for this account alone. Raises DatabaseError."""
    path = data / RECEIPTS / f"{receipt.number}.json"
    try:
        path.parent.mkdir(exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(dumps(receipt.as_json(), indent=2) + "\n")
    except OSError as error:
        raise DatabaseError(f"{path}: the receipt cannot be written: {error.strerror}") from error
