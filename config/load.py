"""The files and the environment as values: settings, programmes and the roster. Every error names its file and line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.problems import ConfigError, Problem, errors_among, sort_problems
from config.reading.duplicates import find_duplicates
from config.reading.leader_rows import Row
from config.reading.passage import Passage
from config.reading.programme import ReadProgramme, read_programme
from config.reading.readability import check_readability
from config.reading.roster import build_entries, read_rows
from config.reading.settings_sources import read_settings, warn_of_unknown_variables
from config.reading.text import is_folder, is_there
from config.settings import Settings
from models.domain import Programme, RosterEntry

ROSTER_FILES = ("leaders.yaml", "leaders.csv")
_MISNAMED = {
    "leaders.yml": "leaders.yaml",
    "leaders.xlsx": "leaders.csv, saved as 'CSV UTF-8 (comma delimited)'",
    "leaders.xls": "leaders.csv, saved as 'CSV UTF-8 (comma delimited)'",
    "settings.yml": "settings.yaml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that people wrote, read and found right. `roster`: file name → its leaders."""

    settings: Settings
    programmes: Mapping[str, Programme]
    roster: Mapping[str, tuple[RosterEntry, ...]]
    warnings: tuple[Problem, ...] = ()


def find_config_dir(environ: Mapping[str, str]) -> Path:
    """The folder that FIRST100_CONFIG names, else `config` where the program runs."""
    return Path(environ.get("FIRST100_CONFIG", "").strip() or "config")


def find_data_dir(config_dir: Path, environ: Mapping[str, str]) -> Path:
    """The data folder, also where something else in the settings is wrong."""
    return read_settings(config_dir, environ)[0].data


def load_settings(config_dir: Path, environ: Mapping[str, str]) -> Settings:
    """The environment over settings.yaml over the defaults. Raises ConfigError with every problem."""
    settings, problems = read_settings(config_dir, environ)
    if problems:
        raise ConfigError(problems)
    return settings


def load_programme(folder: Path) -> Programme:
    """The programme in that folder. Raises ConfigError with every problem of its files."""
    read = read_programme(folder)
    if read.programme is None:
        raise ConfigError(read.problems)
    return read.programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What came of reading everything: `problems` of all files in their order, errors and warnings."""

    settings: Settings
    programmes: Mapping[str, ReadProgramme]
    roster: Mapping[str, tuple[RosterEntry, ...]]
    problems: tuple[Problem, ...]

    def config(self) -> Config:
        """The config. Raises ConfigError with every problem where one of them is an error."""
        if errors_among(self.problems):
            raise ConfigError(self.problems)
        programmes = {name: one.programme for name, one in self.programmes.items() if one.programme is not None}
        return Config(settings=self.settings, programmes=programmes, roster=self.roster, warnings=self.problems)


def load_content(config_dir: Path, environ: Mapping[str, str]) -> Config:
    """Settings and programmes as `load_config` reads them, whatever any roster holds; `roster` is empty.

    Raises ConfigError with every problem of theirs, warnings among them.
    """
    settings, read, problems = _read_content(config_dir, environ, today=None)
    return Inspection(settings=settings, programmes=read, roster={}, problems=sort_problems(problems)).config()


def load_config(
    config_dir: Path, environ: Mapping[str, str], *, today: date | None = None, roster_file: Path | None = None
) -> Config:
    """Everything in the folder. Raises ConfigError with the problems of all files, warnings among them.

    `today` is what start dates and reviews are warned by; without it they are not. `roster_file` is read in place of
    leaders.yaml and leaders.csv. Both of these always have their place in the roster, empty where there is no such
    file: the enrolments of a file that vanished are thereby held and not forgotten.
    """
    return inspect_config(config_dir, environ, today=today, roster_file=roster_file).config()


def inspect_config(
    config_dir: Path, environ: Mapping[str, str], *, today: date | None = None, roster_file: Path | None = None
) -> Inspection:
    """Everything in the folder, right or wrong: see load_config. Raises ConfigError only where there is no folder."""
    settings, read, problems = _read_content(config_dir, environ, today=today)
    problems += [*warn_of_unknown_variables(environ), *_warn_of_misnamed(config_dir)]
    paths = [config_dir / name for name in ROSTER_FILES] if roster_file is None else [roster_file]
    roster, more = _read_roster(paths, settings, read, today=today, required=roster_file is not None)
    return Inspection(settings=settings, programmes=read, roster=roster, problems=sort_problems([*problems, *more]))


def _read_content(
    config_dir: Path, environ: Mapping[str, str], *, today: date | None
) -> tuple[Settings, dict[str, ReadProgramme], list[Problem]]:
    if not is_folder(config_dir):
        words = "there is no such folder; make it, or set FIRST100_CONFIG to the folder of the config"
        raise ConfigError([Passage(path=str(config_dir)).problem_at((0, 0), words)])
    settings, problems = read_settings(config_dir, environ)
    read = {name: read_programme(config_dir / name, today=today) for name in settings.programmes}
    return settings, read, [*problems, *(problem for programme in read.values() for problem in programme.problems)]


def check_reading_age(inspection: Inspection) -> list[Problem]:
    """Warnings about programmes that read harder than the settings want: of each its sum, then its worst text first."""
    target = inspection.settings.reading_age_target
    return [
        problem
        for read in inspection.programmes.values()
        for problem in check_readability(read.found, target=target, path=read.path)
    ]


def _read_roster(
    paths: Sequence[Path],
    settings: Settings,
    programmes: Mapping[str, ReadProgramme],
    *,
    today: date | None,
    required: bool,
) -> tuple[dict[str, tuple[RosterEntry, ...]], list[Problem]]:
    vocabularies = {name: read.vocabulary for name, read in programmes.items()}
    roster: dict[str, tuple[RosterEntry, ...]] = {}
    problems: list[Problem] = []
    every_row: list[Row] = []
    for path in paths:
        rows: list[Row] = []
        if required or is_there(path):
            try:
                rows, found = read_rows(path)
                problems += found
            except ConfigError as error:
                problems += error.problems
        every_row += rows
        roster[path.name], found = build_entries(rows, settings, vocabularies, today=today)
        problems += found
    return roster, problems + find_duplicates(every_row)


def _warn_of_misnamed(config_dir: Path) -> list[Problem]:
    return [
        Passage(path=str(config_dir / name)).problem_at(
            (0, 0), f"this file is not read; the service reads {right}", severity="warning"
        )
        for name, right in _MISNAMED.items()
        if is_there(config_dir / name)
    ]
