"""What goes wrong between us and a database, in words that say what to do."""

import sqlite3

from sqlalchemy import URL
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

READING = "first100_reading"  # execution option of a transaction that only reads

_SQLITE_TROUBLE = {
    "SQLITE_BUSY": "is held by another program; stop the other one or try again",
    "SQLITE_LOCKED": "is held by another program; stop the other one or try again",
    "SQLITE_CANTOPEN": "cannot be opened; check that its folder exists and that this account may write there",
    "SQLITE_READONLY": "may not be written to; check who owns the file and its folder",
    "SQLITE_PERM": "may not be written to; check who owns the file and its folder",
    "SQLITE_FULL": "has no room left; free some space on the disk",
    "SQLITE_IOERR": "met an error of the disk; check the disk, then restore the newest backup",
    "SQLITE_CORRUPT": "is damaged; restore the newest backup",
    "SQLITE_NOTADB": "is no SQLite database; name another file or restore the newest backup",
}


class DatabaseError(Exception):
    """The database cannot be used. The message says which one, why and what to do, and holds no password."""


def name_place(url: URL) -> str:
    """Where a database is, in words fit for a log: no user, no password, no options."""
    if url.get_backend_name() == "sqlite":
        return f"the database {url.database}"
    port = f":{url.port}" if url.port else ""
    return f"the database {url.database or ''} at {url.host or 'this machine'}{port}"


def explain(context: ExceptionContext) -> DatabaseError | None:
    """The error to show in place of the driver's, or None where the driver's own is right: a fault of our own SQL."""
    if context.engine is None or context.is_pre_ping:  # a failed ping is answered by a new connection
        return None
    url, error = context.engine.url, context.original_exception
    if isinstance(error, sqlite3.Error):
        reads_only = context.connection is not None and context.connection.get_execution_options().get(READING)
        trouble = None if reads_only else _sqlite_trouble(error)
        return None if trouble is None else DatabaseError(f"{name_place(url)} {trouble}")
    if context.connection is None:
        reason = _without_password(str(error), url)
        remedy = "check that the server runs and that FIRST100_DATABASE_URL is right"
        return DatabaseError(f"cannot reach {name_place(url)}: {reason}; {remedy}")
    if context.is_disconnect:
        return DatabaseError(f"lost the connection to {name_place(url)}; check that the server runs, then try again")
    return None


def refers_to_nothing(error: IntegrityError) -> bool:
    """Whether a row was not kept because what it is about is not there any more."""
    names = (getattr(error.orig, "sqlite_errorname", ""), getattr(error.orig, "sqlstate", ""))
    return names in (("SQLITE_CONSTRAINT_FOREIGNKEY", ""), ("", "23503"))


def _sqlite_trouble(error: sqlite3.Error) -> str | None:
    name: str = getattr(error, "sqlite_errorname", "")
    return next((trouble for prefix, trouble in _SQLITE_TROUBLE.items() if name.startswith(prefix)), None)


def _without_password(reason: str, url: URL) -> str:
    first_line = (reason.splitlines() or ["no reason given"])[0].strip()
    return first_line.replace(str(url.password), "***") if url.password else first_line
