"""One programme from its folder: what it is about, its items, its roles and their sequences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar, cast

from pydantic import BaseModel

from config.problems import ConfigError, Problem, errors_among
from config.reading.item_checks import check_items
from config.reading.items import FoundItem, find_items
from config.reading.passage import Passage
from config.reading.positions import read_yaml
from config.reading.programme_shapes import ProgrammeShape, RolesShape
from config.reading.programme_values import PACES, build_paces, build_programme
from config.reading.repeat_checks import find_repeats
from config.reading.review_checks import check_reviews
from config.reading.roster import Vocabulary
from config.reading.sequence_checks import check_roles
from config.reading.shapes import check_shape
from config.reading.text import is_there, read_text
from config.reading.window_checks import check_windows
from config.reading.wording_checks import check_wording
from models.domain import Programme

_PACE_NAME_LIMIT = 20
_DEFAULT_WINDOW = (-28, 100)

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProgramme:
    """What came of reading a folder. `programme` is None where a problem among them is an error."""

    path: str
    found: tuple[FoundItem, ...] = ()
    programme: Programme | None
    vocabulary: Vocabulary
    problems: tuple[Problem, ...]


def read_programme(folder: Path, *, today: date | None = None) -> ReadProgramme:
    """The programme in the folder, with everything that is wrong with any of its files.

    `today` is what reviews are warned by; without it they are not.
    """
    if not is_there(folder / "programme.yaml") and not is_there(folder / "roles.yaml"):
        words = "this is no programme's folder; make it, with programme.yaml and roles.yaml, or correct 'programmes'"
        problem = Passage(path=str(folder)).problem_at((0, 0), words)
        return ReadProgramme(path=str(folder), programme=None, vocabulary=Vocabulary(), problems=(problem,))
    about = _read_shape(folder / "programme.yaml", ProgrammeShape)
    roles = _read_shape(folder / "roles.yaml", RolesShape)
    window = _DEFAULT_WINDOW if about.shape is None else (about.shape.first_day, about.shape.last_day)
    found, unreadable = find_items(folder, window=window)
    paces = build_paces(about.shape) if about.shape is not None else None
    problems = [*about.problems, *roles.problems, *unreadable, *check_items(found, about.shape, str(folder))]
    problems += [*check_wording(found), *find_repeats(found)]
    problems += check_reviews(found, today=today) if today is not None else []
    if about.shape is not None:
        problems += _check_programme(about.shape, about.passage)
    if roles.shape is not None:
        problems += check_roles(roles.shape, roles.passage, found, about.shape, paces)
        problems += check_windows(roles.shape, found)
    programme: Programme | None = None
    if about.shape is not None and roles.shape is not None and paces is not None and not errors_among(problems):
        programme = build_programme(folder.name, about.shape, roles.shape, found, paces)
    vocabulary = _collect_words(about.value, roles.value, found)
    return ReadProgramme(
        path=str(folder / "programme.yaml"),
        found=tuple(found),
        programme=programme,
        vocabulary=vocabulary,
        problems=tuple(problems),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadFile(Generic[S]):
    """A file's value as it was written (None: unreadable), and in its shape, if it fits."""

    value: object
    shape: S | None
    passage: Passage
    problems: tuple[Problem, ...]


def _read_shape(path: Path, shape: type[S]) -> _ReadFile[S]:
    try:
        document = read_yaml(read_text(path), path=str(path))
    except ConfigError as error:
        return _ReadFile(value=None, shape=None, passage=Passage(path=str(path)), problems=error.problems)
    nothing: dict[str, object] = {}
    value = nothing if document.value is None else document.value
    checked, problems = check_shape(shape, value, document.passage)
    found = (*document.problems, *problems)
    return _ReadFile(value=value, shape=checked, passage=document.passage, problems=found)


def _collect_words(about: object, roles: object, found: Sequence[FoundItem]) -> Vocabulary:
    """The words leaders' rows may use, from the values as written: a fault elsewhere in a file must not hide theirs."""
    listed, paces = _read_key(roles, "roles"), _read_key(about, "paces")
    ids = [_read_key(role, "id") for role in cast("list[object]", listed)] if isinstance(listed, list) else []
    own_paces = list(cast("dict[str, object]", paces)) if isinstance(paces, dict) else []
    return Vocabulary(
        roles=tuple(one for one in ids if isinstance(one, str)) or None,
        paces=(*PACES, *(name for name in own_paces if name not in PACES)) if about is not None else None,
        items={one.id: one.kind for one in found},
    )


def _read_key(value: object, key: str) -> object:
    return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None


def _check_programme(about: ProgrammeShape, at: Passage) -> list[Problem]:
    problems: list[Problem] = []
    if not about.themes:
        problems.append(at.problem("themes is an empty list; name at least one", "themes"))
    for key, ids in (
        ("themes", [one.id for one in about.themes]),
        ("skill_sets", [one.id for one in about.skill_sets]),
    ):
        for place, name in enumerate(ids):
            if name in ids[:place]:
                line = at.at(key, ids.index(name), "id")[0]
                problems.append(at.problem(f"id: {name} stands on line {line} already; rename one", key, place, "id"))
    for name in about.paces:
        if len(name) > _PACE_NAME_LIMIT:
            words = f"paces: the name is {len(name)} characters long; use at most {_PACE_NAME_LIMIT}"
            problems.append(at.problem_at(at.at_key("paces", name), words))
    for key, day in (("tips_by_day", about.tips_by_day), ("resources_by_day", about.resources_by_day)):
        if not about.first_day <= day <= about.last_day:
            words = f"{key}: day {day} is outside the programme; use {about.first_day} to {about.last_day}"
            problems.append(at.problem(words, key))
    if about.closing_last_day is not None and about.closing_last_day < about.last_day:
        words = f"closing_last_day: {about.closing_last_day} comes before last_day {about.last_day}; move it after"
        problems.append(at.problem(words, "closing_last_day"))
    return problems
