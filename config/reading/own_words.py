"""What the organisation itself says in the privacy notice: the sections of a Markdown file, by heading."""

import re
from collections.abc import Mapping
from pathlib import Path

from config.problems import ConfigError
from config.reading.text import read_text

_HEADING = re.compile(r"##[ \t]+(?P<heading>.+?)[ \t#]*")


def read_own_words(path: Path) -> Mapping[str, str]:
    """Heading → Markdown below it, in the file's order. ValueError, with what to do, for a file of another form."""
    try:
        lines = read_text(path).splitlines()
    except ConfigError as error:
        raise ValueError(f"{error}") from error
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        found = _HEADING.fullmatch(line)
        if found is None:
            if current is not None:
                current.append(line)
            elif line.strip():
                raise ValueError(f"{path}, line {number}: begin with a heading, like '## Lawful basis'")
        elif found["heading"] in sections:
            raise ValueError(f"{path}, line {number}: the heading {found['heading']} stands there twice; use it once")
        else:
            current = sections[found["heading"]] = []
    words = {heading: "\n".join(section).strip() for heading, section in sections.items()}
    for heading, text in words.items():
        if "{{" in text:
            raise ValueError(f"{path}: {{{{names}}}} mean nothing here; write the word itself below {heading}")
        if not text:
            raise ValueError(f"{path}: there is nothing below {heading}; write it, or take the heading out")
    return words
