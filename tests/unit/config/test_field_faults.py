"""Every kind of mistake in every field of every kind of file: a line that names the file, the line and the field."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.problems import Problem
from config.reading.programme import read_programme
from tests.unit.config.folder import write_programme
from tests.unit.config.front_matter import SAMPLES, Sample, list_fields, read_field, write

Mistake = Callable[[str, Any], str | None]
"""A field's name and value → what stands in its place; None where this field cannot be wrong in that way."""

NUMBERS_TOO = {"author", "publisher", "published"}  # a year is no mistake there
WORDS = {"main", "format", "theme", "url", "reviewed_by", "state", "when_late", "review_by", "address_checked"}


def is_prose(name: str, value: Any) -> bool:
    return isinstance(value, str) and name not in WORDS


def with_text(text: str) -> Mistake:
    return lambda name, value: f"{name}: {json.dumps(f'{value} {text}')}" if is_prose(name, value) else None


def instead(written: str, *, of: Callable[[str, Any], bool] = lambda name, value: True) -> Mistake:
    return lambda name, value: f"{name}: {written}" if of(name, value) else None


def is_text(name: str, value: Any) -> bool:
    return isinstance(value, str)


MISTAKES: dict[str, tuple[Mistake, str]] = {
    "left empty": (lambda name, value: f"{name}:", "empty"),
    "a group of keys": (instead('{"sideways": 1}'), "sideways|group of keys"),
    "a list of lists": (instead("[[[1]]]"), "list|group|whole number|true or false|text|date"),
    "a word where there can be none": (
        instead("sideways", of=lambda name, value: not is_text(name, value) and name not in NUMBERS_TOO),
        "sideways",
    ),
    "a word that is not known": (
        instead("sideways", of=lambda name, value: name in WORDS - {"format", "reviewed_by"}),
        "sideways",
    ),
    "a number far out": (
        instead("-999999", of=lambda name, value: name not in NUMBERS_TOO),
        "999999",
    ),
    "a yes or no": (instead("true", of=lambda name, value: not isinstance(value, bool)), "the word true"),
    "much too long": (instead("x" * 3000, of=is_text), "3000 characters|xxxxx"),
    "a line break": (
        instead(r'"two\nlines"', of=lambda name, value: is_text(name, value) and name in {"subject", "title", "read"}),
        "line break",
    ),
    "a misspelt key": (lambda name, value: f"{name}x: {json.dumps(value)}", "is not a key known here; did you mean"),
    "written twice": (
        lambda name, value: f"{name}: {json.dumps(value)}\n{name}: {json.dumps(value)}",
        "stands here and on line",
    ),
    "a quote mark left open": (instead('"left open'), "never closed|quote"),
    "a tab": (lambda name, value: f"{name}:\t\tx: y", "tab|colon"),
    "an alias": (instead("*other"), "alias"),
    "an anchor": (instead("&other x"), "anchor"),
    "a tag": (instead("!!str x"), "tag"),
    "an unknown token": (with_text("{{nmae}}"), "{{nmae}}|{{…}}"),
    "half a token": (with_text("{{name"), "stands alone|{{…}}"),
    "a link that runs code": (with_text("[x](javascript:alert)"), "javascript:alert' is no web address"),
    "a link that holds its data": (with_text("[x](data:text/html,x)"), "data:text/html,x' is no web address"),
    "a shortened link": (with_text("https://bit.ly/abc"), "'https://bit.ly/abc' is shortened"),
    "an image without text": (with_text("![](https://example.org/a.png)"), "this image has no text"),
    "a link without text": (with_text("[ ](https://example.org/a)"), "this link has no text"),
}
CASES = [(kind, mistake) for kind in SAMPLES for mistake in MISTAKES]


def problems_of(folder: Path, sample: Sample, text: str) -> list[Problem]:
    (folder / sample.file).write_text(text, encoding="utf-8")
    return [problem for problem in read_programme(folder).problems if problem.severity == "error"]


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_sample_holds_every_field_and_is_sound(tmp_path: Path, kind: str) -> None:
    sample = SAMPLES[kind]
    assert set(write(sample).lines) == set(list_fields(sample.shape))
    assert problems_of(write_programme(tmp_path), sample, write(sample).text) == []


@pytest.mark.parametrize(("kind", "mistake"), CASES)
def test_a_mistake_in_any_field_is_told_with_file_and_line(tmp_path: Path, kind: str, mistake: str) -> None:
    sample, (make, words) = SAMPLES[kind], MISTAKES[mistake]
    folder = write_programme(tmp_path)
    untold: list[str] = []
    for path in list_fields(sample.shape):
        wrong = make(path[-1], read_field(sample, path))
        if wrong is None:
            continue
        written = write(sample, {path: wrong})
        lines = {written.lines[path] + further for further in range(len(wrong.splitlines()))}
        problems = problems_of(folder, sample, written.text)
        told = [one for one in problems if one.path == str(folder / sample.file) and one.line in lines and one.column]
        if not any(part in one.message for one in told for part in words.split("|")):
            untold.append(f"{'.'.join(path)}: {[str(problem) for problem in problems]}")
    assert untold == []


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_field_that_is_needed_and_missing_is_told_where_it_should_stand(tmp_path: Path, kind: str) -> None:
    sample, folder = SAMPLES[kind], write_programme(tmp_path)
    needed: set[str] = set()
    for path in list_fields(sample.shape):
        written = write(sample, {path: None})
        problems = [one for one in problems_of(folder, sample, written.text) if "is missing" in one.message]
        if problems:
            needed.add(".".join(path))
            (problem,) = problems
            assert problem.message == f"{path[-1]} is missing; add it here"
            others = {other: line for other, line in written.lines.items() if other[: len(path)] != path}
            assert problem.line == min(line for other, line in others.items() if other[:-1] == path[:-1])
    assert needed == NEEDED[kind]


_ASKED = {f"questions.{kind}.{part}" for kind in ("recall", "application", "reflection") for part in ("ask", "answer")}
NEEDED = {
    "tip": {"subject", "preheader", "headline", "earliest_day", "latest_day", "when_late", "skill_sets"}
    | {"skill_sets.main", "late.headline", "late.subject", "late.why", "late.action"}
    | _ASKED,
    "resource": {"subject", "preheader", "title", "format", "read", "minutes", "skill_sets.main"} | _ASKED,
    "check-in": {"subject", "preheader", "title", "day", "asks"},
    "message": {"subject", "preheader", "title", "day"},
}
