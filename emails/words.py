"""Short forms of longer words: a subject that fits, a link's name, a first sentence, a first name."""

import re
import textwrap
from datetime import date
from functools import lru_cache

SUBJECT_LENGTH = 45  # characters
TEXT_WIDTH = 72
_DANGLING = re.compile(
    "a|about|an|and|are|as|at|be|by|can|could|did|do|does|for|from|has|have|how|if|in|into|is|it|its|of|on|or|our|so|"
    "than|that|the|their|them|they|this|to|was|what|when|where|which|who|whom|whose|why|will|with|would|you|your"
)
_TITLES = re.compile("dr|prof|professor|mr|mrs|ms|miss|mx|sir|dame|lord|lady|baroness|rev|revd")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)


def shorten(words: str, length: int) -> str:
    """The words if they fit, else as many whole ones as fit with "…", not ending in a word that leaves one hanging."""
    words = " ".join(words.split())
    if len(words) <= length:
        return words
    kept = words[:length].rsplit(" ", 1)[0].split() if " " in words[:length] else [words[: length - 1]]
    while len(kept) > 1 and (_DANGLING.fullmatch(kept[-1].strip(",;:").lower()) or len(" ".join(kept)) >= length):
        kept.pop()
    return " ".join(kept).rstrip(" ,;:.–—-") + "…"


def first_sentence(words: str) -> str:
    """The first sentence, or all of it where none ends."""
    words = " ".join(words.split())
    found = _SENTENCE.match(words)
    return found[0] if found else words


def first_name(name: str) -> str:
    """What to call somebody: the first word of the name that is no title."""
    words = name.split()
    return next((word for word in words if not _TITLES.fullmatch(word.strip(".").lower())), name)


def write_date(day: date) -> str:
    """A date as it is read: 11 January 2027."""
    return f"{day.day} {day:%B} {day.year}"


def write_day(day: int) -> str:
    """Where in the hundred days a mail stands."""
    if day < 0:
        return "One day to go" if day == -1 else f"{-day} days to go"
    return "Your first day" if day == 0 else f"Day {day}"


@lru_cache(maxsize=4096)  # most lines are the same in mail after mail
def wrap(words: str, *, first: str = "", hang: str = "", width: int = TEXT_WIDTH) -> str:
    """Words as lines of at most so many characters, what opens the first and the others put before them.

    An address is never broken.
    """
    return textwrap.fill(
        " ".join(words.split()),
        width,
        initial_indent=first,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def count(number: int, one: str, many: str) -> str:
    """A number of things in words: one tip, 4 tips."""
    return f"{'one' if number == 1 else 'no' if number == 0 else number} {one if number == 1 else many}"
