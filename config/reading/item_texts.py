"""The texts of an item's file: the body split where its heading stands, tokens and links checked everywhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from config.problems import Problem
from config.reading.front_matter import MarkdownFile, locate_text
from config.reading.links import find_addresses
from config.reading.passage import Key, Places, Position
from config.reading.tokens import check_plain, check_prose
from config.reading.wording import show

SECTION = "Ten minutes"
_HEADING = re.compile(r"(?m)^#{1,6}[ \t]+(?P<words>.*)$")
_WITH_TOKENS = ("subject", "preheader", "choice", "why", "action")  # why and action of a late wording


def split_body(file: MarkdownFile, *, in_sections: bool) -> tuple[list[str], list[Problem]]:
    """The body's one text, or (`in_sections`) what stands above and below its heading; none where one is missing."""
    passage, end = file.front.passage, locate_text(file.body, file.body_line)
    if not in_sections:
        text = file.body.strip()
        words = "the text is missing; write it below the second line '---'"
        return ([text], []) if text else ([], [passage.problem_at(end, words)])
    problems: list[Problem] = []
    sections: list[re.Match[str]] = []
    for heading in _HEADING.finditer(file.body):
        if _words_of(heading).lower() == SECTION.lower() and not sections:
            sections.append(heading)
        else:
            words = f"the heading {show(_words_of(heading))} has no place here; the only one is '## {SECTION}'"
            problems.append(passage.problem_at(_locate(heading, file), words))
    if not sections and problems:
        return [], problems
    if not sections:
        words = f"the section '## {SECTION}' is missing; put it between why and what to do"
        return [], [*problems, passage.problem_at(end, words)]
    texts = [file.body[: sections[0].start()].strip(), file.body[sections[0].end() :].strip()]
    for text, place in zip(texts, (f"above '## {SECTION}', why", f"below '## {SECTION}', what to do"), strict=True):
        if not text:
            problems.append(passage.problem_at(_locate(sections[0], file), f"there is no text {place}; write it"))
    return ([] if problems else texts), problems


def _words_of(heading: re.Match[str]) -> str:
    return heading.group("words").strip(" \t#")


def locate_section(file: MarkdownFile) -> Position:
    """Where the first heading of the body stands, or the body itself."""
    heading = _HEADING.search(file.body)
    return _locate(heading, file) if heading else (file.body_line, 1)


def _locate(heading: re.Match[str], file: MarkdownFile) -> Position:
    return file.body_line + file.body[: heading.start()].count("\n"), 1


def check_texts(file: MarkdownFile) -> list[Problem]:
    """Tokens and links, in the body and in every text of the front matter."""
    passage = file.front.passage
    problems = check_prose(file.body, passage, (file.body_line, 1), whole_lines=True)
    for keys, text in _walk(file.front.value):
        if keys[-1] in _WITH_TOKENS:
            problems += check_prose(text, passage, passage.at(*keys), whole_lines=False)
        else:
            problems += check_plain(text, passage, passage.at(*keys))
    return problems


@dataclass(frozen=True, slots=True)
class Link:
    """A web address in a file, and where it stands."""

    address: str
    position: Position


def find_links(file: MarkdownFile) -> tuple[Link, ...]:
    """Every web address in the file, front matter first."""
    places = Places(file.body, (file.body_line, 1))
    front = [
        Link(address, file.front.passage.at(*keys))
        for keys, text in _walk(file.front.value)
        for _, address in find_addresses(text)
    ]
    return (*front, *(Link(address, places.at(offset)) for offset, address in find_addresses(file.body)))


def _walk(value: object, keys: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(value, str) and keys:
        yield keys, value
    elif isinstance(value, dict):
        for key, below in cast("dict[str, object]", value).items():
            yield from _walk(below, (*keys, key))
    elif isinstance(value, list):
        for place, below in enumerate(cast("list[object]", value)):
            yield from _walk(below, (*keys, place))
