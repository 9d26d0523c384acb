"""How values, kinds of values and near misses are put into words."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_SHOWN_CHARACTERS = 60
_LISTED_WORDS = 12


def show(value: object) -> str:
    """The value in quotes, on one line and not too long, with invisible characters spelt out."""
    text = str(value)
    shortened = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shortened) + "'"


def kind_of(value: object) -> str:
    """What sort of value this is, in words for somebody who does not programme."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the word {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {show(value)[1:-1]}"
    if isinstance(value, str):
        return f"the text {show(value)}" if value.strip() else "empty"
    return "a group of keys and values" if isinstance(value, Mapping) else "a list"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    words = {candidate.lower(): candidate for candidate in known}
    wanted = word.strip().lower()
    beginnings = [candidate for candidate in words if len(wanted) >= 3 and candidate.startswith(wanted)]
    if len(beginnings) == 1:
        return words[beginnings[0]]
    found = get_close_matches(wanted[:200], words, n=1, cutoff=0.6)
    return words[found[0]] if found else None


def suggest(word: str, known: Iterable[str]) -> str:
    """The second half of a message about an unknown word: what was probably meant, else what there is."""
    words = tuple(known)
    meant = nearest(word, words)
    if meant is not None:
        return f"did you mean {meant}?"
    if not words:
        return "there is none to choose from yet"
    more = f" and {len(words) - _LISTED_WORDS} more" if len(words) > _LISTED_WORDS else ""
    return f"use one of: {', '.join(words[:_LISTED_WORDS])}{more}"
