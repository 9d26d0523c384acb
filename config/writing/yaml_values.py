"""How a value is written into a YAML file so that our reader reads it back as it was."""

import json
import re
from collections.abc import Sequence

Value = str | int | bool | Sequence[str]

# Letters first, and none of the signs that mean something to YAML; what is not surely plain is put in quotes.
_PLAIN = re.compile(r"[^\W\d_](?:[\w.@/+'()& -]*[\w.)])?")
_DATES = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}  # not text to one YAML reader or another


def write_value(value: Value) -> str:
    """The value on one line: text plain where that is safe, else in double quotes; a list in brackets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _write_text(value)
    return f"[{', '.join(_write_text(part) for part in value)}]"


def _write_text(text: str) -> str:
    if _DATES.fullmatch(text) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS):
        return text
    return json.dumps(text, ensure_ascii=False)


def as_read(value: Value | None) -> object:
    """What the reader gives for the value: a list for any sequence."""
    return value if value is None or isinstance(value, str | int) else list(value)
