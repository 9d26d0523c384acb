"""The items of a programme: one Markdown file each, read into the values of the domain."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.problems import ConfigError, Problem
from config.reading.front_matter import MarkdownFile, locate_text, read_markdown
from config.reading.item_shapes import CheckInShape, MailShape, MessageShape, ResourceShape, TipShape
from config.reading.item_texts import Link, check_texts, find_links, locate_section, split_body
from config.reading.item_values import build_item
from config.reading.passage import Passage
from config.reading.shapes import check_shape
from config.reading.wording import show, suggest
from models.domain import CLOSING, WELCOME, Item, ItemKind

FOLDERS: Mapping[str, ItemKind] = {
    "tips": "tip",
    "resources": "resource",
    "check-ins": "check-in",
    "messages": "message",
}
_SHAPES: Mapping[ItemKind, type[MailShape]] = {
    "tip": TipShape,
    "resource": ResourceShape,
    "check-in": CheckInShape,
    "message": MessageShape,
}
_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """A file that says what an item is. `item` is None where it cannot be read; `body_at` is where its text begins."""

    id: str
    kind: ItemKind
    passage: Passage
    item: Item | None = None
    draft: bool = False
    review_by: date | None = None
    theme: str | None = None
    links: tuple[Link, ...] = ()
    body: str = ""  # as it stands in the file, from body_line on
    body_line: int = 1
    body_at: tuple[int, int] = (1, 1)
    action_at: tuple[int, int] = (1, 1)


def find_items(folder: Path, *, window: tuple[int, int]) -> tuple[list[FoundItem], list[Problem]]:
    """Every item of the programme's four folders, readable or not, and what is wrong with each.

    `window`: the programme's first and last day.
    """
    found: list[FoundItem] = []
    problems: list[Problem] = []
    for name, kind in FOLDERS.items():
        try:
            paths = sorted((folder / name).iterdir())
        except OSError:
            words = f"the programme has no folder {name} that can be read; make it, with one .md file an item"
            problems.append(Passage(path=str(folder / name)).problem_at((0, 0), words))
            continue
        for path in paths:
            if path.name.startswith(".") or path.name.endswith("~") or path.name == "README.md":
                continue
            item, wrong = _find_item(path, kind, window=window)
            found += [item] if item is not None else []
            problems += wrong
    return found, problems


def _find_item(path: Path, kind: ItemKind, *, window: tuple[int, int]) -> tuple[FoundItem | None, list[Problem]]:
    whole_file = Passage(path=str(path))
    if path.suffix != ".md":
        words = "this file is not read; the names of items end with .md"
        return None, [whole_file.problem_at((0, 0), words, severity="warning")]
    if not _ID.fullmatch(path.stem):
        words = f"{show(path.stem)} is no id; rename the file with small letters, digits and hyphens"
        return None, [whole_file.problem_at((0, 0), words)]
    if kind == "message" and path.stem not in (WELCOME, CLOSING):
        words = f"{show(path.stem)} is no message; {suggest(path.stem, (WELCOME, CLOSING))}"
        return None, [whole_file.problem_at((0, 0), words)]
    unread = FoundItem(id=path.stem, kind=kind, passage=whole_file)
    try:
        file = read_markdown(path)
    except ConfigError as error:
        return unread, list(error.problems)
    shape, problems = check_shape(_SHAPES[kind], file.front.value or {}, file.front.passage)
    problems += [*file.front.problems, *check_texts(file)]
    texts, more = split_body(file, in_sections=kind == "tip")
    problems += more
    if shape is None or not texts:
        return unread, problems
    return _locate(build_item(path.stem, shape, texts, window=window), shape, file), problems


def _locate(item: Item, shape: MailShape, file: MarkdownFile) -> FoundItem:
    return FoundItem(
        id=item.id,
        kind=item.kind,
        passage=file.front.passage,
        item=item,
        draft=shape.state == "draft",
        review_by=shape.review_by,
        theme=shape.theme if isinstance(shape, TipShape | ResourceShape) else None,
        links=find_links(file),
        body=file.body,
        body_line=file.body_line,
        body_at=locate_text(file.body, file.body_line),
        action_at=locate_section(file),
    )
