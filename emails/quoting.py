"""The words that somebody wrote in a reply, without what they quote and without their signature.

By small rules in one pass over the lines: libraries for this work by patterns that take seconds over a few kilobytes
made to hold them up.
"""

import re

_LONGEST_LINE = 1000  # characters looked at
_SIGNATURE = re.compile(r"--|—|_{2,}|sent from (?:my|outlook|yahoo|mail)\b.*|get outlook for .*", re.IGNORECASE)
_DIVIDER = re.compile(r"[-_=*]{5,}|[-_]{2,} ?\S.{0,60}\S ?[-_]{2,}|begin forwarded message:", re.IGNORECASE)
# "On Tuesday … somebody <address> wrote:", on one line or several, in whatever language: it names somebody and ends so.
_INTRODUCTION = re.compile(r".*(?:@.*|\b(?:wrote|schrieb|écrit|escribió|scritto|schreef|skrev|ysgrifennodd)\b.*):")
_OPENING = re.compile(r"(?:on|am|le|el|il|em|op|den|ar|w)\b.*", re.IGNORECASE)
_INTRODUCED_OVER = 3  # lines, where the first of them opens as such a line does
_FIELD = re.compile(r"\*?[^\W\d][\w -]{0,20}\s?:\*?(?:\s.*)?")
_TELLING = re.compile(r"@|[0-9]:[0-9]{2}|[0-9]{4}")  # an address, a time of day, a year
_FIELDS = 3  # of a quoted mail's head, one under the other


def find_own_words(text: str) -> str:
    """What stands above a signature and what is quoted, or between the lines of a quotation marked with >."""
    lines = [line[:_LONGEST_LINE].strip() for line in text.splitlines()]
    own: list[str] = []
    at = 0
    while at < len(lines):
        length = _measure_introduction(lines, at)
        if length and _is_quoted(_next_line(lines, at + length)):
            at += length
        elif length or _SIGNATURE.fullmatch(lines[at]) or _DIVIDER.fullmatch(lines[at]) or _begins_head(lines, at):
            break
        else:
            own += [] if _is_quoted(lines[at]) else [lines[at]]
            at += 1
    return "\n".join(own).strip()


def _is_quoted(line: str) -> bool:
    return line.startswith(">")


def _next_line(lines: list[str], at: int) -> str:
    """The first line from there on that is not empty."""
    while at < len(lines) and not lines[at]:
        at += 1
    return lines[at] if at < len(lines) else ""


def _measure_introduction(lines: list[str], at: int) -> int:
    """How many lines introduce a quotation here; 0: none."""
    if not lines[at] or _is_quoted(lines[at]):
        return 0
    for length in range(1, _INTRODUCED_OVER + 1 if _OPENING.fullmatch(lines[at]) else 2):
        some = lines[at : at + length]
        if len(some) < length or not some[-1] or _is_quoted(some[-1]):
            return 0
        if some[-1].endswith(":") and _INTRODUCTION.fullmatch(" ".join(some)):
            return length
    return 0


def _begins_head(lines: list[str], at: int) -> bool:
    """Whether fields follow (From, Sent, To, Subject, by whatever name), one of them with an address or a date."""
    head = [line for line in lines[at : at + 2 * _FIELDS] if line][:_FIELDS]
    return len(head) == _FIELDS and all(map(_FIELD.fullmatch, head)) and any(map(_TELLING.search, head))
