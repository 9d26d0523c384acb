"""An enrolment added or changed in leaders.yaml, with comments and order kept: whole or not at all, nobody's row lost.

A draft holds the file as it was found and as it shall be. It is kept only while the file is still as it was found, and
it can be taken back only while the file is as the draft left it.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.problems import ConfigError
from config.reading.passage import Passage


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it was found, and as it shall be; None: it is not there."""

    path: Path
    before: bytes | None
    after: bytes | None

    @property
    def changes(self) -> bool:
        return self.before != self.after

    def undo(self) -> "Draft":
        """The draft that takes this one back."""
        return Draft(self.path, self.after, self.before)


def read_bytes(path: Path) -> bytes | None:
    """What a file holds; None where there is none. Raises ConfigError where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(path, f"this file cannot be read ({error.strerror}); check its permissions") from error


def keep(draft: Draft) -> None:
    """Writes the draft. Raises ConfigError, with nothing written, where the file is no longer as it was found.

    Whoever reads the file meanwhile finds the old or the new text, never a part; permissions stay as they were.
    """
    path = draft.path.resolve()  # a link stays a link
    try:
        with _only_writer(path.parent):
            if read_bytes(path) != draft.before:
                words = "somebody changed this file meanwhile, so nothing was written; look at it, and try again"
                raise _refused(draft.path, words)
            if draft.after is None:
                path.unlink(missing_ok=True)
            elif draft.changes:
                _replace(path, draft.after)
    except OSError as error:
        words = f"this file cannot be written ({error.strerror}); check the permissions of its folder"
        raise _refused(draft.path, words) from error


@contextmanager
def _only_writer(folder: Path) -> Generator[None]:
    """Other writers of ours wait here. The folder itself is the lock, so that none is left lying about."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o640
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refused(path: Path, words: str) -> ConfigError:
    return ConfigError([Passage(path=str(path)).problem_at((0, 0), words)])
