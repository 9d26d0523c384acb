"""How many syllables an English word has: looked up, or estimated where the dictionary does not know it.

The dictionary is the one of Carnegie Mellon University, in the package pysyllables. Of the long words (three syllables
and more) in the first programme it counts all right that it knows, 99 of 100; hyphenation patterns (pyphen) miss one in
three of them. textstat fetches its dictionary from the internet when it is used.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import cast

LONG = 3  # syllables of what SMOG calls a polysyllable

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile("[aeiouyàâäèéêëîïôöùûü]+")
_SILENT = re.compile("(?<=[^aeiouyl])e$|(?<=[^aeiouy][^aeiouy]l)e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouyszxcg])es$")
_SPELLING = (("isation", "ization"), ("ise", "ize"), ("ising", "izing"), ("our", "or"))  # British to American


def count_long_words(text: str) -> int:
    """The words of three syllables and more. Numbers in figures do not count."""
    return sum(count_syllables(word) >= LONG for word in _WORD.findall(text))


@cache
def count_syllables(word: str) -> int:
    """The syllables of one word. Parts joined by hyphens count together; an abbreviation is read letter by letter."""
    if len(word) > 1 and word.isupper() and word.isalpha():
        return len(word) + 2 * word.count("W")
    return sum(_count_part(part) for part in word.lower().replace("’", "'").split("-") if part)


def _count_part(part: str) -> int:
    look_up = _dictionary()
    for spelling in _spellings(part):
        known = look_up(spelling)
        if known is not None:
            return known
    return max(1, len(_VOWELS.findall(_SILENT.sub("", part))))


def _spellings(part: str) -> list[str]:
    stem = part.removesuffix("'s")
    return [part, stem, *(american for british, end in _SPELLING if (american := stem.replace(british, end)) != stem)]


@cache
def _dictionary() -> Callable[[str], int | None]:
    """Loaded when first asked, as only `check` needs it."""
    return cast("Callable[[str], int | None]", import_module("pysyllables").get_syllable_count)
