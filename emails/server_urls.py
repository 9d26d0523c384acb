"""What the addresses of mail servers have in common: options, seconds, and whether a host is this machine.

Errors are ValueErrors whose words go on from "the address ...", and never repeat it, since it may hold a password.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, parse_qsl

TIMEOUT: Final = 30.0  # seconds for each answer
_LONGEST_TIMEOUT: Final = 300


def read_options(parts: SplitResult, known: Sequence[str]) -> dict[str, str]:
    """The options after the question mark. Raises ValueError for one that is not known."""
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := next((name for name in options if name not in known), None):
        raise ValueError(f"has an unknown option {unknown[:20]!r}; known: {', '.join(known)}")
    return options


def read_timeout(options: dict[str, str]) -> float:
    """The seconds of the option `timeout`. Raises ValueError."""
    try:
        seconds = float(options.get("timeout", TIMEOUT))
    except ValueError:
        seconds = 0
    if not 0 < seconds <= _LONGEST_TIMEOUT:
        raise ValueError(f"needs a timeout between 0 and {_LONGEST_TIMEOUT} seconds")
    return seconds
