"""Config as the running service knows it: read again when a file changes, the last good state kept when broken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from config.load import Config
from config.problems import ConfigError
from models.domain import Programme, RosterEntry, Tracking

_READ_SUFFIXES = {".yaml", ".yml", ".csv", ".md"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigReading:
    """The last good config, and what is wrong with the files as they are now."""

    programmes: Mapping[str, Programme]
    tracking: Mapping[str, Tracking]  # the setting in force, by programme
    roster: Mapping[str, tuple[RosterEntry, ...]]  # by source
    roster_digest: str
    programme_digests: Mapping[str, str]
    problems: tuple[str, ...] = ()


class LiveConfig:
    """Reads config when its files changed. One thread calls `read`; any thread may look at `current`.

    Settings count from the next start: a running service keeps the transport and address it was started with.
    """

    def __init__(self, folder: Path, load: Callable[[], Config]) -> None:
        """Reads config for the first time. Raises ConfigError."""
        self._folder = folder
        self._load = load
        self._files = digest_files(folder)
        config = load()
        self.settings = config.settings
        self.current = describe_config(config)

    def read(self) -> ConfigReading:
        """The config as it is now, or the last good one with the problems of the present one."""
        files = digest_files(self._folder)
        if files != self._files:
            # Taken before loading: a file that changes in between is read again next time.
            self._files = files
            try:
                self.current = describe_config(self._load())
            except ConfigError as error:
                self.current = replace(self.current, problems=tuple(str(problem) for problem in error.errors))
        return self.current


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


def digest_files(folder: Path) -> str:
    """A digest of the names and contents of all config files under a folder."""
    digest = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _READ_SUFFIXES):
        try:
            content = path.read_bytes()
        except OSError:  # gone, or not readable: loading says so
            continue
        digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _digest(value: object) -> str:
    """Values are frozen and hold only ordered parts, so that equal ones read the same."""
    return sha256(repr(value).encode()).hexdigest()[:16]
