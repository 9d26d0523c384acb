"""One service a data folder: a lock that the system itself gives back when its holder dies."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "service.lock"


class InstanceError(Exception):
    """Another service works on the same data folder. The message says which, and what to do."""


@contextmanager
def sole_instance(data: Path) -> Generator[None]:
    """Holds the data folder's lock for as long as the block runs. Raises InstanceError.

    The lock belongs to the open file, not to the file's existence: one left behind by a crash locks nobody out.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise InstanceError(
                f"{data}: another First100 (process {holder or 'unknown'}) works with this folder; stop it first, or "
                "name another folder with FIRST100_DATA"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)
