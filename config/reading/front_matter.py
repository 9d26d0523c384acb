"""A Markdown file with YAML front matter, split by hand so that every line keeps its number."""

from dataclasses import dataclass
from pathlib import Path

from config.problems import ConfigError, Problem
from config.reading.passage import Passage
from config.reading.positions import read_yaml
from config.reading.text import read_text
from config.reading.yaml_builder import Document

_FENCE = "---"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownFile:
    """Front matter and body; the body begins on `body_line` of the file."""

    front: Document
    body: str
    body_line: int


def read_markdown(path: Path) -> MarkdownFile:
    """The file's two parts. Raises ConfigError where one of them is not there or cannot be read."""
    text = read_text(path).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if line.rstrip() == _FENCE]
    if not fences or fences[0] != 0:
        raise _refused(path, 1, "this file should start with a line '---' and its keys; see the other files here")
    if len(fences) < 2:
        raise _refused(path, 1, "the keys that start here never end; put a line '---' after them")
    end = fences[1]
    front = read_yaml("\n".join(lines[1:end]) + "\n", path=str(path), first_line=2)
    return MarkdownFile(front=front, body="\n".join(lines[end + 1 :]), body_line=end + 2)


def locate_text(body: str, body_line: int) -> tuple[int, int]:
    """Where the body's first line with anything on it stands."""
    lines = body.split("\n")
    return body_line + next((number for number, line in enumerate(lines) if line.strip()), 0), 1


def _refused(path: Path, line: int, words: str) -> ConfigError:
    problem: Problem = Passage(path=str(path)).problem_at((line, 1), words)
    return ConfigError([problem])
