"""Config as the running service knows it: read again when a file changes; what is broken stays as it last was good."""

import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from config.load import ROSTER_FILES, Config
from config.problems import ConfigError
from models.domain import Programme, RosterEntry, Tracking
from scheduler.last_good import Files, LastGood

_READ_SUFFIXES = {".yaml", ".yml", ".csv", ".md"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigReading:
    """The last good state of every file, and what is wrong with those that are broken."""

    programmes: Mapping[str, Programme]
    tracking: Mapping[str, Tracking]  # the setting in force, by programme
    roster: Mapping[str, tuple[RosterEntry, ...]]  # by source
    roster_digest: str
    programme_digests: Mapping[str, str]
    problems: tuple[str, ...] = ()
    broken: Mapping[str, bool] = field(default_factory=dict[str, bool])  # file → whether its last good state is in use


class LiveConfig:
    """Reads config when its files changed. One thread calls `read`; any thread may look at `current`.

    Settings count from the next start: a running service keeps the transport and address it was started with.
    """

    def __init__(
        self,
        folder: Path,
        load: Callable[[Path], Config],
        *,
        load_content: Callable[[Path], Config] | None = None,
        last_good: LastGood | None = None,
    ) -> None:
        """Reads config for the first time; `load` reads that of a folder. Raises ConfigError.

        With `load_content`, which reads all but the leaders, a leaders' file that is broken is left out until it is
        mended: nothing is said of its leaders, who stay as the database has them. With `last_good`, any other broken
        file is as it was when all was well the last time.
        """
        self._folder = folder
        self._load = load
        self._files: Files = read_files(folder)
        self._good = self._files
        self._last_good = last_good
        try:
            config = load(folder)
            self.current = describe_config(config)
            self._keep_good()
        except ConfigError as error:
            config = self._begin_broken(error, load_content)
            self.current = self._say_broken(describe_config(config), error)
        self.settings = config.settings

    def _begin_broken(self, error: ConfigError, load_content: Callable[[Path], Config] | None) -> Config:
        """The config to begin with although files are broken. Raises the error where there is none."""
        paths = {Path(problem.path) for problem in error.errors}
        self._good = {name: content for name, content in self._files.items() if self._folder / name not in paths}
        if load_content is not None and paths <= {self._folder / name for name in ROSTER_FILES}:
            config = load_content(self._folder)
            rest = self._load_rest(self._files, error)
            return config if rest is None else replace(rest, settings=config.settings)
        if self._last_good is None:
            raise error
        self._good = {**self._last_good.read(), **self._good}
        rest = self._load_rest(self._files, error)
        if rest is None:
            raise error
        return rest

    def _keep_good(self) -> None:
        if self._last_good is not None:
            self._last_good.keep(self._good)

    def read(self) -> ConfigReading:
        """The config as it is now. Of a file that is broken it has the last good state, and says what is wrong."""
        files = read_files(self._folder)
        if files != self._files:
            # Taken before loading: a file that changes in between is read again next time.
            self._files = files
            try:
                self.current = describe_config(self._load(self._folder))
                self._good = files
                self._keep_good()
            except ConfigError as error:
                rest = self._load_rest(files, error)
                self.current = self._say_broken(self.current if rest is None else describe_config(rest), error)
        return self.current

    def _load_rest(self, files: Files, error: ConfigError) -> Config | None:
        """The config with the last good state of each file that is broken; None where files contradict one another."""
        broken = self._find_broken(self._folder, error)
        while broken:
            last_good = {name: self._good[name] for name in broken if name in self._good}
            mended = {name: content for name, content in files.items() if name not in broken} | last_good
            try:
                with _laid_out(self._folder, mended) as copy:
                    try:
                        config = self._load(copy)
                        # Of a leaders' file that was never good here nothing is known, which is not to say: nobody.
                        unknown = broken - self._good.keys()
                        known = {name: entries for name, entries in config.roster.items() if name not in unknown}
                        self._good = mended
                        return _move(replace(config, roster=known), copy, self._folder)
                    except ConfigError as another:
                        also = self._find_broken(copy, another)
            except OSError:  # the folder cannot be copied: what is good of it cannot be told
                return None
            if also <= broken:
                return None
            broken |= also
        return None

    def _say_broken(self, reading: ConfigReading, error: ConfigError) -> ConfigReading:
        """What is in use, with what is wrong."""
        broken = {name: name in self._good for name in sorted(self._find_broken(self._folder, error))}
        return replace(reading, problems=tuple(str(problem) for problem in error.errors), broken=broken)

    def _find_broken(self, folder: Path, error: ConfigError) -> set[str]:
        """The files with an error, by their names in the folder."""
        paths = {Path(problem.path) for problem in error.errors}
        return {str(path.relative_to(folder)) for path in paths if path.is_relative_to(folder)}


def _move(config: Config, copy: Path, folder: Path) -> Config:
    """The config with all that it names in the copy where it really is."""
    named: dict[str, Path | None] = {
        name: getattr(config.settings, name) for name in ("config", "brand_logo", "privacy_notice")
    }
    paths = {
        name: folder / path.relative_to(copy)
        for name, path in named.items()
        if path is not None and path.is_relative_to(copy)
    }
    roster = {
        name: tuple(replace(entry, origin=entry.origin.replace(str(copy), str(folder), 1)) for entry in entries)
        for name, entries in config.roster.items()
    }
    return replace(config, roster=roster, settings=config.settings.model_copy(update=paths))


@contextmanager
def _laid_out(folder: Path, files: Files) -> Generator[Path]:
    """A copy of the config folder in which these files stand in place of its own, gone again afterwards."""
    with TemporaryDirectory() as place:
        copy = Path(place) / folder.name
        shutil.copytree(folder, copy, ignore=lambda _, names: [name for name in names if is_read(Path(name))])
        for name, content in files.items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes(content)
        yield copy


def describe_config(config: Config) -> ConfigReading:
    """What a tick needs of a config."""
    return ConfigReading(
        programmes=config.programmes,
        tracking={
            programme.id: config.settings.open_tracking or programme.open_tracking
            for programme in config.programmes.values()
        },
        roster=config.roster,
        roster_digest=_digest(config.roster),
        programme_digests={programme.id: _digest(programme) for programme in config.programmes.values()},
    )


def read_files(folder: Path) -> Files:
    """The contents of all config files under a folder, by their names in it."""
    files: dict[str, bytes] = {}
    for path in sorted(path for path in folder.rglob("*") if is_read(path)):
        try:
            files[str(path.relative_to(folder))] = path.read_bytes()
        except OSError:  # gone, or not readable: loading says so
            continue
    return files


def is_read(path: Path) -> bool:
    """Whether a file of this name is read as config."""
    return path.suffix.lower() in _READ_SUFFIXES


def _digest(value: object) -> str:
    """Values are frozen and hold only ordered parts, so that equal ones read the same."""
    return sha256(repr(value).encode()).hexdigest()[:16]
