"""The tokens that an author's text may hold. Tokens are replaced literally when a mail is composed."""

import re
from collections.abc import Iterator

from config.problems import Problem, Severity
from config.reading.links import find_link_faults
from config.reading.passage import Passage, Places, Position
from config.reading.wording import show, suggest

TOKENS = ("name", "organisation", "role", "start_date", "programme", "academy", "brand")

# None of these looks at a character more than a few times, however strange the text.
_TOKEN = re.compile(r"\{\{(?P<word>[^{}\n]*)\}\}|\{\{|\}\}|\{%[^%\n]*%\}|\{%|%\}")
_COUNTED_LINK = re.compile(r"\]\([^()\n]*\)")


def check_prose(text: str, passage: Passage, start: Position, *, whole_lines: bool) -> list[Problem]:
    """Problems of tokens, links and images in a text that may hold tokens.

    `whole_lines`: the text stands in the file as it is, from `start` on, so that a fault's own place is known.
    """
    places = Places(text, start)
    faults = [*_token_faults(text), *find_link_faults(text)]
    return [
        passage.problem_at(places.at(offset) if whole_lines else start, words, severity=severity)
        for offset, words, severity in faults
    ]


def check_plain(text: str, passage: Passage, start: Position) -> list[Problem]:
    """Problems of a text in which no token is replaced."""
    problems = [passage.problem_at(start, words, severity=severity) for _, words, severity in find_link_faults(text)]
    if _TOKEN.search(text) is not None:
        words = "{{…}} is replaced in bodies, subjects and preheaders only; write this text without it"
        problems.append(passage.problem_at(start, words))
    return problems


def _token_faults(text: str) -> Iterator[tuple[int, str, Severity]]:
    for found in _TOKEN.finditer(text):
        word = found.group("word")
        if word is None:
            words = f"{show(found.group())} stands alone here; a token is written {{{{name}}}}, and there is no other"
        elif word in TOKENS:
            continue
        elif word.strip() in TOKENS:
            words = f"{show(found.group())} has spaces inside; write {{{{{word.strip()}}}}}"
        else:
            words = f"{show(found.group())} is no token; {suggest(word.strip(), TOKENS)}"
        yield found.start(), words, "error"


def count_words(markdown: str) -> int:
    """The words a reader sees; a link counts by its text, a token as one word."""
    return sum(any(map(str.isalnum, word)) for word in _COUNTED_LINK.sub("]", markdown).split())
