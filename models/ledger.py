"""The ledger of erasures: a file outside the database, so that an older copy of it, put back, is erased again.

A line an erasure or the lifting of one, as JSON; only ever added to, each line on the disk before the database is told.
It holds keyed hashes and no name.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from models.changes import Actor
from models.failures import DatabaseError

LEDGER = "erasures.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Somebody erased: by what receipt, when, at whose word, and the pseudonyms of every name they were known by."""

    receipt: str
    at: datetime
    by: Actor
    names: tuple[str, ...]
    lifted_at: datetime | None = None  # from then on the person may be enrolled again


def read_ledger(data: Path) -> dict[str, Erasure]:
    """The erasures by receipt, oldest first; none where there is no ledger. Raises DatabaseError for a damaged one.

    What stands after the last line's end was being written when the machine failed: it never counted.
    """
    path = data / LEDGER
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DatabaseError(f"{path}: {error.strerror}; this account must be able to read it") from error
    found: dict[str, Erasure] = {}
    for number, line in enumerate(octets.split(b"\n")[:-1], start=1):
        try:
            _add(found, json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise DatabaseError(
                f"{path}:{number}: this line is damaged, so nobody knows who must not be written to; put back a copy "
                "of the file"
            ) from error
    return found


def _add(found: dict[str, Erasure], line: dict[str, Any]) -> None:
    at = datetime.fromisoformat(line["at"])
    if "lifted" in line:
        found[line["lifted"]] = replace(found[line["lifted"]], lifted_at=at)
        return
    names = tuple(str(name) for name in line["names"])
    erasure = Erasure(receipt=line["receipt"], at=at, by=cast(Actor, line["by"]), names=names)
    found.setdefault(erasure.receipt, erasure)


def append_erasures(data: Path, erasures: Iterable[Erasure]) -> None:
    """Add erasures, and the lifting of those that are lifted; all of it is on the disk on return."""
    lines: list[dict[str, object]] = []
    for one in erasures:
        lines.append({"receipt": one.receipt, "at": _write_instant(one.at), "by": one.by, "names": list(one.names)})
        if one.lifted_at is not None:
            lines.append({"lifted": one.receipt, "at": _write_instant(one.lifted_at)})
    _append(data, lines)


def append_liftings(data: Path, receipts: Iterable[str], *, at: datetime) -> None:
    """Add that the names of these erasures may be enrolled again."""
    _append(data, [{"lifted": receipt, "at": _write_instant(at)} for receipt in receipts])


def _append(data: Path, lines: Iterable[dict[str, object]]) -> None:
    text = "".join(json.dumps(line) + "\n" for line in lines).encode("ascii")
    if not text:
        return
    path = data / LEDGER
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            whole = file.read()
            file.truncate(whole.rfind(b"\n") + 1)  # what a machine that failed left of a line
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _sync(data)
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be written: {error.strerror}; nothing was changed") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
