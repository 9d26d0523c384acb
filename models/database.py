"""A database opened: its engine, its sessions for writing, its sessions for reading, its writer for the web."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from models import schema, sqlite
from models.failures import READING, DatabaseError, explain
from models.writer import Writer

_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
_CONNECT_SECONDS = 10
_RECYCLE_SECONDS = 1800  # firewalls forget idle connections


@dataclass(frozen=True, slots=True)
class Database:
    """`with database.sessions.begin() as session` writes and commits; on SQLite it waits for its turn first.

    `writer` writes for the many at once: see there.
    """

    engine: Engine
    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]
    writer: Writer

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A session that sees one moment of the database and never waits for a writer; writing in it is an error."""
        with self.readers() as session:
            yield session

    def close(self) -> None:
        """Write what still waits, and give every connection back."""
        self.writer.close()
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database at `sqlite:///PATH` or `postgresql+psycopg://…`, connected to once.

    A missing SQLite file is made, readable by us alone; its tables are not: see `migrate`. Raises DatabaseError, here
    and from every later use, when the database cannot be reached or used.
    """
    place = _parse(url)
    engine = _sqlite_engine(place) if place.get_backend_name() == "sqlite" else _postgresql_engine(place)
    event.listen(engine, "handle_error", explain, retval=True)
    # a reader on PostgreSQL sees one moment, as SQLite's does, and is refused a write
    reading: dict[str, Any] = {READING: True}
    if engine.dialect.name == "postgresql":
        reading |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        engine.connect().close()
    except DatabaseError:
        engine.dispose()
        raise
    sessions = sessionmaker(engine, expire_on_commit=False)
    return Database(
        engine=engine,
        sessions=sessions,
        writer=Writer(sessions),
        readers=sessionmaker(engine.execution_options(**reading), expire_on_commit=False),
    )


def find_weakness(database: Database) -> str | None:
    """What the operator should know about the database's own version, in one line; None where all is well."""
    is_sqlite = database.engine.dialect.name == "sqlite"
    return sqlite.explain_weakness(sqlite3.sqlite_version_info) if is_sqlite else None


def migrate(database: Database) -> None:
    """Bring the tables to the newest revision. Raises DatabaseError, with the database as it was, when it cannot."""
    schema.upgrade(database.engine)


def scrub(database: Database) -> bool:
    """Rewrite a SQLite file so that nothing deleted is left in it, nor in copies made before an upgrade; see `sqlite`.

    PostgreSQL does so in its own time, when it vacuums.
    """
    if database.engine.dialect.name != "sqlite":
        return True
    path = Path(database.engine.url.database or "")
    schema.remove_copies(path)
    return sqlite.scrub(path)


def empty_log(database: Database) -> None:
    """Leave nothing of what was deleted in the log beside a SQLite file, as far as nobody reads from it."""
    if database.engine.dialect.name == "sqlite":
        sqlite.empty_log(Path(database.engine.url.database or ""))


def _parse(url: str) -> URL:
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise DatabaseError(
            "FIRST100_DATABASE_URL is no database address; write sqlite:///PATH or postgresql+psycopg://user@host/name"
        ) from None  # the cause quotes the address, password and all
    if place.drivername in _POSTGRESQL:
        return place.set(drivername="postgresql+psycopg")
    if place.drivername in {"sqlite", "sqlite+pysqlite"}:
        return place
    raise DatabaseError(
        f"{place.drivername} is no database First100 knows; write sqlite:///PATH or postgresql+psycopg://user@host/name"
    )


def _sqlite_engine(place: URL) -> Engine:
    sqlite.make_file(place)
    engine = create_engine(place, hide_parameters=True)  # an error's text must not quote what leaders wrote
    sqlite.set_up(engine)
    return engine


def _postgresql_engine(place: URL) -> Engine:
    arguments = {"connect_timeout": _CONNECT_SECONDS, "application_name": "first100"}
    for chosen in arguments.keys() & place.query.keys():
        del arguments[chosen]
    return create_engine(
        place,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_recycle=_RECYCLE_SECONDS,
        pool_size=5,
        max_overflow=10,
        connect_args=arguments,
    )
