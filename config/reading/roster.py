"""The rows of all leaders' files as roster entries, held against the programmes, the settings and one another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.problems import Problem
from config.reading.leader_rows import LeaderShape, Row, read_yaml_rows
from config.reading.leaders_csv import read_csv_rows
from config.reading.shapes import check_shape
from config.reading.wording import show, suggest
from config.settings import Settings
from models.domain import CLOSING, WELCOME, ItemKind, Leader, RosterEntry

EARLIEST_START_DAYS = 30  # a start date further back than this is warned of
LATEST_START_DAYS = 180  # and so is one further ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of one programme that a leader's row may use; None where the files that say so cannot be read."""

    roles: tuple[str, ...] | None = None
    paces: tuple[str, ...] | None = None
    items: Mapping[str, ItemKind] | None = None


def read_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    """The rows of a leaders' file, CSV or YAML by its ending. Raises ConfigError where it cannot be read at all."""
    return read_csv_rows(path) if path.suffix.lower() == ".csv" else read_yaml_rows(path)


def build_entries(
    rows: Iterable[Row], settings: Settings, vocabularies: Mapping[str, Vocabulary], *, today: date | None
) -> tuple[tuple[RosterEntry, ...], list[Problem]]:
    """One file's rows as entries, without those that are wrong, and all that is wrong or doubtful."""
    entries: list[RosterEntry] = []
    problems: list[Problem] = []
    for row in rows:
        shape, found = check_shape(LeaderShape, row.value, row.passage, named_already=row.named_already)
        if shape is not None:
            found = [*_check_words(shape, row, settings, vocabularies), *_warn(shape, row, settings, today=today)]
            entries.append(_build_entry(shape, row, settings))
        problems += found
    return tuple(entries), problems


def _build_entry(shape: LeaderShape, row: Row, settings: Settings) -> RosterEntry:
    leader = Leader(
        key=shape.id or shape.email,
        email=shape.email,
        name=shape.name,
        organisation=shape.organisation,
        time_zone=shape.time_zone or settings.time_zone,
        holidays=shape.holidays or settings.holidays,
        working_days=shape.working_days or settings.working_days,
        send_at=shape.send_at if shape.send_at is not None else settings.send_at,
        away=shape.away,
        assistant_reads=shape.assistant_reads,
    )
    return RosterEntry(
        leader=leader,
        role=shape.role,
        start_date=shape.start_date,
        programmes=_programmes_of(shape, settings),
        formerly=shape.formerly,
        cohort=shape.cohort,
        pace=shape.pace,
        skip=shape.skip,
        status=shape.status,
        origin=f"{row.passage.path}:{row.passage.at()[0]}",
    )


def _programmes_of(shape: LeaderShape, settings: Settings) -> tuple[str, ...]:
    return shape.programmes or settings.programmes[:1]


def _check_words(
    shape: LeaderShape, row: Row, settings: Settings, vocabularies: Mapping[str, Vocabulary]
) -> list[Problem]:
    problems: list[Problem] = []
    for place, name in enumerate(shape.programmes or ()):
        if name not in settings.programmes:
            words = f"programmes: {show(name)} is no programme; {suggest(name, settings.programmes)}"
            problems.append(row.passage.problem(words, "programmes", place))
    names = [name for name in _programmes_of(shape, settings) if name in vocabularies]
    for name in names:
        for key, word, known in (
            ("role", shape.role, vocabularies[name].roles),
            ("pace", shape.pace, vocabularies[name].paces),
        ):
            if word is not None and known is not None and word not in known:
                words = f"{key}: {show(word)} is no {key} of {name}; {suggest(word, known)}"
                problems.append(row.passage.problem(words, key))
    return problems + _check_skips(shape, row, [vocabularies[name] for name in names])


def _check_skips(shape: LeaderShape, row: Row, vocabularies: Sequence[Vocabulary]) -> list[Problem]:
    if not vocabularies or any(vocabulary.items is None for vocabulary in vocabularies):
        return []
    known = [item for vocabulary in vocabularies for item in vocabulary.items or ()]
    problems: list[Problem] = []
    for place, item in enumerate(shape.skip):
        if item in (WELCOME, CLOSING):
            words = f"skip: every leader gets the {item}; remove it here"
        elif item not in known:
            words = f"skip: {show(item)} is no item of the programme; {suggest(item, known)}"
        else:
            continue
        problems.append(row.passage.problem(words, "skip", place))
    return problems


def _warn(shape: LeaderShape, row: Row, settings: Settings, *, today: date | None) -> list[Problem]:
    warnings: list[Problem] = []
    ahead = (shape.start_date - today).days if today else 0
    if ahead > LATEST_START_DAYS:
        words = f"start_date: {shape.start_date} is {ahead} days ahead; is the year right?"
        warnings.append(row.passage.problem(words, "start_date", severity="warning"))
    if ahead < -EARLIEST_START_DAYS:
        words = f"start_date: {shape.start_date} is {-ahead} days past, so some of the programme is over; is it right?"
        warnings.append(row.passage.problem(words, "start_date", severity="warning"))
    domain = shape.email.rpartition("@")[2]
    usual = settings.usual_domains
    if usual and not any(domain == one or domain.endswith(f".{one}") for one in usual):
        words = f"email: {domain} is not among usual_domains ({', '.join(usual)}); is the address right?"
        warnings.append(row.passage.problem(words, "email", severity="warning"))
    return warnings
