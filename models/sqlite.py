"""SQLite set up so that it loses nothing: one writer at a time, every commit on the disk, references kept."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event

from models.failures import READING, DatabaseError

BUSY_SECONDS = 30
_FIXED_IN = (3, 51, 3)
_QUERY_ONLY = "first100_query_only"  # remembered with a connection, to spare a statement a transaction


def make_file(url: URL) -> None:
    """Create the database's folder (0700) and file (0600) where they are missing, so that only we may read them."""
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise DatabaseError(
            "a SQLite database needs a file of its own: FIRST100_DATABASE_URL=sqlite:///var/first100.sqlite3"
        )
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # its WAL gets the same mode
    except OSError as error:
        reason = error.strerror or "it failed"
        raise DatabaseError(f"cannot make {path}: {reason}; name a folder this account may write to") from error


def set_up(engine: Engine) -> None:
    """Take transactions out of the driver's hands: writers wait for their turn at BEGIN, readers wait for nobody.

    The driver's own way begins late and deferred: two that read before they write lose one of the updates.
    """
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten


def _begin(connection: Connection) -> None:
    reads_only = bool(connection.get_execution_options().get(READING))
    if connection.info.get(_QUERY_ONLY, False) != reads_only:
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads_only)}")
        connection.info[_QUERY_ONLY] = reads_only
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def scrub(path: Path) -> bool:
    """Rebuild the file of what is kept alone, and empty its log: nothing that was deleted is in either any more.

    False, and to be done again, where somebody was still reading from the log. Raises DatabaseError.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise DatabaseError(f"the database {path} cannot be rewritten: {error}; it needs as much room again") from error
    return not busy


def empty_log(path: Path) -> None:
    """Bring the log's content into the file and empty it, unless somebody is reading from it. Raises DatabaseError."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise DatabaseError(f"the log of the database {path} cannot be emptied: {error}") from error


def explain_weakness(version: tuple[int, int, int]) -> str | None:
    """What an operator should know about a SQLite of that version, or None."""
    if version >= _FIXED_IN:
        return None
    old, new = (".".join(map(str, numbers)) for numbers in (version, _FIXED_IN))
    return (
        f"SQLite {old} can, very rarely, damage a database that several connections write to; {new} mends it. "
        "Use a newer SQLite or PostgreSQL, and keep backups."
    )
