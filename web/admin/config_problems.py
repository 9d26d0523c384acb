"""What is wrong with each config file, since when, and what the service goes by meanwhile; and warnings."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

from config.load import ROSTER_FILES, Inspection, check_reading_age
from config.problems import ConfigError, Problem, errors_among
from models.standing_problems import CONFIG_PROBLEMS, find_since
from models.store import get_state
from scheduler.live_config import ConfigReading, is_read
from scheduler.roomless import warn_of_misfits
from web.admin.desk import LookingDesk
from web.admin.proposing import get_registry
from web.admin.wording import say_instant
from web.site import GivenSite

MOST_FITTED = 200  # leaders whose weeks are looked at for room; `check` looks at all

router = APIRouter(prefix="/admin/config")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenFile:
    """A file with errors. `since` is None where the service has not noticed yet."""

    path: str
    lines: tuple[str, ...]
    since: datetime | None
    in_use: str


@router.api_route("", methods=["GET", "HEAD"])
def show_problems(desk: LookingDesk, site: GivenSite) -> Response:
    """The files as they are this moment, beside what the last tick knew."""
    registry = get_registry(site.registry)
    if not desk.sees_everybody:  # the lines may name anybody's leaders
        raise HTTPException(403)
    errors, warnings = find_problems(registry.inspect, name_state(registry.folder), desk.now.date())
    with desk.reading() as session:
        known = (get_state(session, CONFIG_PROBLEMS) or "").splitlines()
        since = dict(zip(errors, find_since(session, list(map(str, errors))), strict=True))
    files = tell_files(errors, since, registry.current(), registry.folder)
    told = {line for file in files for line in file.lines}
    return desk.render(
        "config.html",
        files=files,
        others=[line for line in known if line not in told],
        warnings=list(map(str, warnings)),
        say_instant=say_instant,
    )


def name_state(folder: Path) -> frozenset[tuple[str, int, int, int]]:
    """What changes when a config file does: of thousands of leaders, reading them all again would take too long."""
    found: set[tuple[str, int, int, int]] = set()
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone meanwhile
            if is_read(path):
                state = path.stat()
                found.add((str(path), state.st_mtime_ns, state.st_size, state.st_ino))
    return frozenset(found)


@lru_cache(maxsize=1)
def find_problems(
    inspect: Callable[[], Inspection], _state: Hashable, _today: date
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """The errors of all files in this state, on this day, and what is only doubtful; the last answer is remembered."""
    try:
        inspection = inspect()
    except ConfigError as error:  # there is no folder
        return error.errors, ()
    errors = errors_among(inspection.problems)
    warnings = [problem for problem in inspection.problems if problem.severity == "warning"]
    if not errors and sum(map(len, inspection.roster.values())) <= MOST_FITTED:
        warnings += warn_of_misfits(inspection.config())
    return errors, (*warnings, *check_reading_age(inspection))


def tell_files(
    errors: Sequence[Problem], since: Mapping[Problem, datetime | None], reading: ConfigReading, folder: Path
) -> list[BrokenFile]:
    """The broken files, each with its lines and what holds instead of it."""
    files: list[BrokenFile] = []
    for path in dict.fromkeys(problem.path for problem in errors):
        own = [problem for problem in errors if problem.path == path]
        known = [instant for problem in own if (instant := since.get(problem)) is not None]
        files.append(
            BrokenFile(
                path=path,
                lines=tuple(map(str, own)),
                since=min(known, default=None),
                in_use=_say_in_use(Path(path), reading, folder),
            )
        )
    return files


def _say_in_use(path: Path, reading: ConfigReading, folder: Path) -> str:
    """What the service goes by in place of a broken file."""
    name = str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
    if name not in reading.broken:
        return "The service has not noticed yet; it goes by what it read last."
    if name in ROSTER_FILES:
        if not reading.broken[name]:
            return "This file has not been right since the service started: its leaders stay as the database has them."
        leaders = len(reading.roster.get(name, ()))
        return f"In use: its last good state, with {leaders} leader{'' if leaders == 1 else 's'}."
    if name == "settings.yaml":
        return "Settings count from the next start: the service goes on with those it was started with."
    return "In use: its last good state." if reading.broken[name] else "Nothing of this file is in use."
