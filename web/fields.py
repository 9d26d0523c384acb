"""Fields as browsers send them, read; a ChoiceError says how to write one that cannot be."""

import re
from datetime import date, time

from models.choices import ChoiceError
from models.own import LONGEST_NOTE

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2})(:00)?")


def say(error: ChoiceError) -> str:
    """The error as a sentence."""
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def read_note(text: str) -> str:
    """What somebody wrote, its lines ended alike, without what no database takes. Raises ChoiceError."""
    written = "\n".join(text.replace("\0", "").splitlines()).strip()
    if len(written) > LONGEST_NOTE:
        long = f"{len(written)} characters long"
        raise ChoiceError(f"nothing was kept: that is {long}, and there is room for {LONGEST_NOTE}")
    return written


def read_date(text: str, *, example: str = "the last day like 2027-02-26, or leave it empty") -> date | None:
    """A date as a browser sends it; None for an empty field."""
    if not text:
        return None
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ChoiceError(f"write {example}")


def read_time(text: str) -> time:
    """A time of day as a browser sends it."""
    written = _TIME.fullmatch(text)
    try:
        if written:
            return time.fromisoformat(written.group(1))
    except ValueError:
        pass
    raise ChoiceError("write the time of day like 08:30")


def read_month(text: str) -> date | None:
    """The first day of a month as 2027-02; None for an empty field."""
    if not text:
        return None
    try:
        if _MONTH.fullmatch(text):
            return date.fromisoformat(f"{text}-01")
    except ValueError:
        pass
    raise ChoiceError("write the month like 2027-02")
