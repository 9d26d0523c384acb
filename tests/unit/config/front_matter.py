"""Front matter that holds every field there is, one a line, and the same with one mistake in one field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from pydantic import BaseModel

from config.reading.item_shapes import CheckInShape, MessageShape, ResourceShape, TipShape

Path = tuple[str, ...]

_QUESTIONS = {
    "recall": {"ask": "What comes first?", "answer": "Listening."},
    "application": {"ask": "Whom would you ask?", "answer": "Anybody outside."},
    "reflection": {"ask": "When did you last listen?", "answer": "Who spoke most."},
}
_MAIL = {
    "subject": "Listen first",
    "preheader": "Ten minutes with one partner.",
    "state": "live",
    "reviewed_by": "Sam Sample",
    "review_by": "2027-06-01",
}
_SKILLS = {"main": "listening", "also": ["listening"]}


@dataclass(frozen=True, slots=True)
class Sample:
    """A file with all its fields."""

    file: str
    shape: type[BaseModel]
    front: Mapping[str, Any]
    body: str


SAMPLES = {
    "tip": Sample(
        "tips/listen-first.md",
        TipShape,
        {
            "headline": "Listen before you speak",
            **_MAIL,
            "earliest_day": 0,
            "latest_day": 60,
            "after": ["share-early"],
            "when_late": "late_wording",
            "before_start": False,
            "skill_sets": _SKILLS,
            "theme": "systems",
            "questions": _QUESTIONS,
            "late": {"headline": "Listen now", "subject": "Still time", "why": "Never too late.", "action": "Ring."},
        },
        "People tell you more when you ask first.\n\n## Ten minutes\n\nRing one partner.\n",
    ),
    "resource": Sample(
        "resources/short-report.md",
        ResourceShape,
        {
            "title": "A short report",
            **_MAIL,
            "format": "report",
            "author": "A. Sample",
            "publisher": "A Fund",
            "published": 2015,
            "read": "The summary",
            "minutes": 5,
            "url": "https://example.org/report",
            "address_checked": "2026-11-01",
            "earliest_day": 0,
            "latest_day": 90,
            "after": ["listen-first"],
            "when_late": "send",
            "skill_sets": _SKILLS,
            "theme": "systems",
            "questions": _QUESTIONS,
        },
        "What others found when they tried.\n",
    ),
    "check-in": Sample(
        "check-ins/check-in-30.md",
        CheckInShape,
        {"title": "Thirty days in", **_MAIL, "day": 30, "asks": ["Whom do you know now?", "What surprised you?"]},
        "Look back for five minutes.\n",
    ),
    "message": Sample(
        "messages/welcome.md",
        MessageShape,
        {"title": "Welcome", **_MAIL, "day": -21, "choice": "May we see what you open?"},
        "Hello {{name}}, this runs up to day 100.\n",
    ),
}


def list_fields(shape: type[BaseModel], before: Path = ()) -> Iterator[Path]:
    """Every field of a shape, groups and what stands in them."""
    for name, field in shape.model_fields.items():
        yield (*before, name)
        for inner in _shapes_in(field.annotation):
            yield from list_fields(inner, (*before, name))


def _shapes_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [shape for part in get_args(annotation) for shape in _shapes_in(part)]


@dataclass(frozen=True, slots=True)
class Written:
    """A file's text, and on which line each of its fields begins."""

    text: str
    lines: Mapping[Path, int]

    def first_line_in(self, group: Path) -> int:
        """The line of the first field of that group, or of the file."""
        return min(line for path, line in self.lines.items() if path[: len(group)] == group and path != group)


def write(sample: Sample, change: Mapping[Path, str | None] | None = None) -> Written:
    """The sample's text; `change`: what stands in place of a field's line and all below it, None for nothing."""
    lines, places = ["---"], dict[Path, int]()

    def put(group: Mapping[str, Any], before: Path) -> None:
        for name, value in group.items():
            path = (*before, name)
            places[path] = len(lines) + 1
            indent = "  " * len(before)
            if change and path in change:
                lines.extend(f"{indent}{line}" for line in (change[path] or "").splitlines())
            elif isinstance(value, dict):
                lines.append(f"{indent}{name}:")
                put(cast("dict[str, Any]", value), path)
            else:
                lines.append(f"{indent}{name}: {json.dumps(value)}")

    put(sample.front, ())
    return Written("\n".join([*lines, "---", sample.body]), places)


def read_field(sample: Sample, path: Path) -> Any:
    """The value of a field in the sample."""
    value: Any = sample.front
    for name in path:
        value = value[name]
    return value
