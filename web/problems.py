"""What is said when an address cannot be answered as it was meant, and what the reader can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    title: str
    what: str
    then: tuple[str, ...]  # what to do, a line each


_KEPT = "Nothing was kept."
_SAID: Mapping[int, Said] = {
    403: Said(
        "Not allowed",
        f"Your account may not do that, or the page was not one of ours. {_KEPT}",
        ("Open the page afresh and press the button again.", "If it stays so, ask whoever gave you your account."),
    ),
    404: Said(
        "Page not found",
        "This address leads nowhere, or does no longer.",
        (
            "Did you copy it? See that all of it is there: mail programs like to break a long address in two.",
            "Did you press a link in an older e-mail? Try the same in the newest one.",
            "Each e-mail has a link at its foot to pause, change or leave. It works as long as we write to you.",
        ),
    ),
    405: Said(
        "Not possible here",
        "This address does not do what was asked of it.",
        ("Use the link in your e-mail, and the buttons on the page that it opens.",),
    ),
    413: Said(
        "Too much",
        f"What was sent is larger than anything this page takes. {_KEPT}",
        ("Go back, make it shorter, and press the button again.",),
    ),
    422: Said(
        "Not understood",
        f"What was sent does not fit the form on this page. {_KEPT}",
        ("Go back, open the page afresh, and press one of its buttons.",),
    ),
    429: Said(
        "Too many tries",
        "There were too many tries to sign in to this account, or from this address, in the last minutes.",
        (
            "Wait for 15 minutes, then try again.",
            "Have you forgotten the password? Ask whoever runs the service for a new link.",
        ),
    ),
    503: Said(
        "Back in a moment",
        f"We cannot reach our records just now. {_KEPT}",
        ("Wait for a minute, then try again: go back, and press the button once more.",),
    ),
}
_SAID_OF_FAULTS = Said(
    "Something went wrong",
    "The fault is ours, and it is on record.",
    ("Try again in a while. If it stays so, tell whoever enrolled you which e-mail you came from.",),
)


def tell_problem(status: int) -> Said:
    """What is said for an HTTP status from 400 up."""
    return _SAID.get(status, _SAID_OF_FAULTS if status >= 500 else _SAID[422])
