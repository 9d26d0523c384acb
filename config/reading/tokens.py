"""The tokens and links that an author's text may hold. Tokens are replaced literally when a mail is composed."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from config.problems import Problem
from config.reading.address_fields import is_web_address
from config.reading.passage import Passage, Position
from config.reading.wording import show, suggest

TOKENS = ("name", "organisation", "role", "start_date", "programme", "academy", "brand")

# None of these looks at a character more than a few times, however strange the text.
_TOKEN = re.compile(r"\{\{(?P<word>[^{}\n]*)\}\}|\{\{|\}\}|\{%[^%\n]*%\}|\{%|%\}")
_LINKS = (
    re.compile(r"\]\(\s*<?(?P<target>[^)\s>]*)"),
    re.compile(r"(?m)^ {0,3}\[[^\]\n]+\]:\s*<?(?P<target>[^\s>]*)"),
    re.compile(r"<(?P<target>[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]*)>"),
)
_COUNTED_LINK = re.compile(r"\]\([^()\n]*\)")


def check_prose(text: str, passage: Passage, start: Position, *, whole_lines: bool) -> list[Problem]:
    """Problems of tokens and links in a text that may hold tokens.

    `whole_lines`: the text stands in the file as it is, from `start` on, so that a fault's own place is known.
    """
    line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
    problems: list[Problem] = []
    for offset, words in (*_token_faults(text), *_link_faults(text)):
        line = bisect_right(line_starts, offset) - 1
        position = (start[0] + line, offset - line_starts[line] + 1) if whole_lines else start
        problems.append(passage.problem_at(position, words))
    return problems


def check_plain(text: str, passage: Passage, start: Position) -> list[Problem]:
    """Problems of a text in which no token is replaced."""
    if _TOKEN.search(text) is None:
        return []
    words = "{{…}} is replaced in bodies, subjects and preheaders only; write this text without it"
    return [passage.problem_at(start, words)]


def _token_faults(text: str) -> Iterator[tuple[int, str]]:
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
        yield found.start(), words


def _link_faults(text: str) -> Iterator[tuple[int, str]]:
    for pattern in _LINKS:
        for found in pattern.finditer(text):
            target = found.group("target")
            if not is_web_address(target) and not target.startswith("mailto:"):
                words = f"the link {show(target)} is no web address; write it whole, starting with https://"
                yield found.start("target"), words


def count_words(markdown: str) -> int:
    """The words a reader sees; a link counts by its text, a token as one word."""
    return sum(any(map(str.isalnum, word)) for word in _COUNTED_LINK.sub("]", markdown).split())
