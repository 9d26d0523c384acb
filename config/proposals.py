"""Leaders that somebody wants in leaders.yaml, held against all that stands in config, before anything is written.

Of a leader who stands there already, only what is given changes. Nothing is proposed as long as anything is wrong,
in the config or in what is given: each mistake is told where it was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal, cast

from config.load import Inspection
from config.problems import ConfigError, Problem, errors_among, sort_problems
from config.reading.duplicates import find_duplicates
from config.reading.leader_rows import LEADER_KEYS, LEADERS_LIMIT_BYTES, LeaderShape, Row, parse_yaml_rows
from config.reading.passage import Passage
from config.reading.roster import Vocabulary, build_entries, read_rows
from config.reading.shapes import check_shape
from config.reading.text import MEBIBYTE, decode_text, is_there
from config.write import Draft, read_bytes
from config.writing.yaml_rows import add_rows, change_rows, remove_rows
from config.writing.yaml_values import Value, as_read
from models.domain import RosterEntry

LEADERS_FILE, LEADERS_CSV = "leaders.yaml", "leaders.csv"
_BOM = b"\xef\xbb\xbf"
What = Literal["new", "changed", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a leader's row comes to, and what of it is not so yet: key → (before, after)."""

    what: What
    name: str
    email: str
    differences: Mapping[str, tuple[object, object]]
    place: str  # where it was asked for: path:line, or the name of a form
    entry: RosterEntry | None = None  # what the row then says; None where it is taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """All that is wanted, the draft that brings it about, and what the file then says. `warnings` stop nothing."""

    wanted: tuple[Wanted, ...]
    draft: Draft
    entries: tuple[RosterEntry, ...]  # of the whole file
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Standing:
    """leaders.yaml as it is."""

    path: Path
    before: bytes | None
    text: str
    rows: Sequence[Row]


def propose_leaders(
    wishes: Sequence[Row],
    inspection: Inspection,
    config_dir: Path,
    *,
    today: date | None,
    found_before: Sequence[Problem] = (),
) -> Proposal:
    """What comes of writing these leaders into leaders.yaml. Raises ConfigError with every mistake.

    A wish holds some keys of a row, its e-mail address or id among them: these say who is meant, as do earlier
    addresses. `inspection` is that of the folder. `found_before`: what is wrong with the wishes already.
    """
    standing = _read_standing(inspection, config_dir)
    csv_rows = _read_csv_rows(config_dir)
    changes: dict[int, Mapping[str, Value | None]] = {}
    new: list[Mapping[str, Value]] = []
    wanted: list[Wanted] = []
    rows: dict[int, Row] = dict(enumerate(standing.rows))
    asked: list[Row] = []
    problems = list(found_before)
    for wish in wishes:
        place = _find_row(wish, standing.rows)
        if place is None and _find_row(wish, csv_rows) is not None:
            words = f"{_say(wish)} stands in {LEADERS_CSV}; change the row there, or move it to {LEADERS_FILE} first"
            problems.append(wish.passage.problem(words, "email"))
            continue
        if place is not None and place not in rows:
            words = f"{_say(wish)} is asked for twice; keep one of the two"
            problems.append(wish.passage.problem(words, "email"))
            continue
        before = {} if place is None else _values_of(rows.pop(place))
        given = _values_of(wish)
        differences = _find_differences(before, given)
        merged = replace(wish, value={**before, **{key: after for key, (_, after) in differences.items()}})
        asked.append(merged)
        if place is None:
            new.append({key: given[key] for key in LEADER_KEYS if key in given} | given)
        elif differences:
            changes[place] = {key: given[key] for key in differences}
        wanted.append(_say_wanted(merged, differences, is_new=place is None))
    entries, found = _check(asked, [*csv_rows, *rows.values()], inspection, today=today)
    problems += found
    unplaced = {wish.passage.path for wish in wishes if not wish.passage.values}
    problems = [replace(one, line=0, column=0) if one.path in unplaced else one for one in problems]
    if errors_among(problems):
        raise ConfigError(problems)
    wanted = [replace(one, entry=entry) for one, entry in zip(wanted, entries, strict=True)]
    path = str(standing.path)
    text = add_rows(change_rows(standing.text, changes, path=path), new, path=path) if new or changes else standing.text
    return _finish(standing, text, wanted, inspection, warnings=problems)


def propose_removal(
    whom: Sequence[str],
    inspection: Inspection,
    config_dir: Path,
    *,
    changed: Mapping[str, Mapping[str, tuple[object, object]]] | None = None,
) -> Proposal:
    """What comes of taking leaders' rows, by address or id, out of leaders.yaml. Raises ConfigError.

    `changed`: the rows that get back what they said before: who → key → (before, after).
    """
    standing = _read_standing(inspection, config_dir)
    places: dict[int, Wanted] = {}
    for who in whom:
        place = _find_whom(who, standing)
        row = standing.rows[place]
        places[place] = _say_wanted(row, {key: (value, None) for key, value in _values_of(row).items()}, is_new=False)
    back: dict[int, Mapping[str, Value | None]] = {}
    for who, differences in (changed or {}).items():
        place = _find_whom(who, standing)
        row = standing.rows[place]
        if any(_plain(row.read(key)) != after for key, (_, after) in differences.items()):
            words = f"somebody changed {_say(row)} once more since then; change it back by hand"
            raise ConfigError([row.passage.problem(words)])
        back[place] = {key: cast("Value | None", before) for key, (before, _) in differences.items()}
        places[place] = _say_wanted(
            row, {key: (after, before) for key, (before, after) in differences.items()}, is_new=False
        )
    path = str(standing.path)
    text = remove_rows(change_rows(standing.text, back, path=path), places.keys() - back.keys(), path=path)
    return _finish(standing, text, places.values(), inspection)


def _find_whom(who: str, standing: _Standing) -> int:
    wish = Row(value={"email": who, "id": who}, passage=Passage(path=who))
    place = _find_row(wish, standing.rows)
    if place is None:
        words = f"no row of {standing.path} has this address or id; look at the file"
        raise ConfigError([wish.passage.problem_at((0, 0), words)])
    return place


def _plain(value: object) -> object:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


# ---------------------------------------------------------------- what stands there


def _read_standing(inspection: Inspection, config_dir: Path) -> _Standing:
    """leaders.yaml; the config must be right. Raises ConfigError."""
    inspection.config()
    path = config_dir / LEADERS_FILE
    before = read_bytes(path)
    text = decode_text(before or b"", path)
    rows, problems = parse_yaml_rows(text, path=path)
    if problems:
        raise ConfigError(problems)
    return _Standing(path, before, text, rows)


def _read_csv_rows(config_dir: Path) -> list[Row]:
    path = config_dir / LEADERS_CSV
    return read_rows(path)[0] if is_there(path) else []


def _values_of(row: Row) -> dict[str, Value]:
    return cast("dict[str, Value]", row.value)


def _names_of(row: Row) -> set[str]:
    return {str(word).strip().lower() for word in (row.read("id"), row.read("email")) if word is not None}


def _find_row(wish: Row, rows: Sequence[Row]) -> int | None:
    """Which row the wish means: by its id, else by its address, else by an earlier one."""
    formerly = _list_of(wish.read("formerly"))
    for words in ([wish.read("id")], [wish.read("email")], formerly):
        names = {str(word).strip().lower() for word in words if word is not None}
        found = next((at for at, row in enumerate(rows) if names & _names_of(row)), None)
        if found is not None:
            return found
    return None


def _list_of(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


# ---------------------------------------------------------------- what is wanted


def _find_differences(before: Mapping[str, Value], given: Mapping[str, Value]) -> dict[str, tuple[object, object]]:
    """What the given keys change: values that are written otherwise and mean the same are no difference."""
    after = {**before, **{key: as_read(value) for key, value in given.items()}}
    nowhere = Passage(path="")
    was, will_be = (check_shape(LeaderShape, value, nowhere)[0] for value in (dict(before), after))
    unsure = was is None or will_be is None
    return {
        key: (before.get(key), after[key])
        for key in given
        if before.get(key) != after[key] and (unsure or getattr(was, key) != getattr(will_be, key))
    }


def _check(
    asked: Sequence[Row], standing: Sequence[Row], inspection: Inspection, *, today: date | None
) -> tuple[tuple[RosterEntry, ...], list[Problem]]:
    """What is asked for as entries, and all that is wrong or doubtful about it, told where that stands."""
    entries, problems = build_entries(asked, inspection.settings, _vocabularies(inspection), today=today)
    return entries, [*problems, *find_duplicates([*standing, *asked])]


def _vocabularies(inspection: Inspection) -> dict[str, Vocabulary]:
    return {name: read.vocabulary for name, read in inspection.programmes.items()}


def _say(row: Row) -> str:
    return str(row.read("email") or row.read("id") or "this leader")


def _say_wanted(row: Row, differences: Mapping[str, tuple[object, object]], *, is_new: bool) -> Wanted:
    line = row.passage.at()[0]
    return Wanted(
        what="new" if is_new else "changed" if differences else "same",
        name=str(row.read("name") or ""),
        email=str(row.read("email") or ""),
        differences=differences,
        place=f"{row.passage.path}:{line}" if row.passage.values else row.passage.path,
    )


def _finish(
    standing: _Standing,
    text: str,
    wanted: Iterable[Wanted],
    inspection: Inspection,
    *,
    warnings: Iterable[Problem] = (),
) -> Proposal:
    before = standing.before
    content = text.encode()
    if before is not None and before.startswith(_BOM):
        content = _BOM + content
    if len(content) > LEADERS_LIMIT_BYTES:
        limit = LEADERS_LIMIT_BYTES // MEBIBYTE
        words = f"with these leaders this file would be larger than {limit} MiB; put them into {LEADERS_CSV} instead"
        raise ConfigError([Passage(path=str(standing.path)).problem_at((0, 0), words)])
    draft = Draft(standing.path, before, before if text == standing.text else content)
    rows, _ = parse_yaml_rows(text, path=standing.path)
    entries, problems = build_entries(rows, inspection.settings, _vocabularies(inspection), today=None)
    if errors_among(problems):  # cannot be: the rows were checked one by one
        raise ConfigError(problems)
    return Proposal(wanted=tuple(wanted), draft=draft, entries=entries, warnings=sort_problems(warnings))
