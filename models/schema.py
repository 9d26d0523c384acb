"""The database's tables brought to the newest revision, whole or not at all."""

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from models.failures import DatabaseError, name_place
from models.turns import take_turn

SCRIPTS = Path(__file__).parent / "migrations"
_COPY = "before-"


def upgrade(engine: Engine, *, scripts: Path = SCRIPTS) -> None:
    """Run every revision that is missing, in one transaction. Any number of processes may call this at once.

    A SQLite database that already holds something is copied beside itself first. Raises DatabaseError when the database
    is newer than this program or a revision breaks a reference; the database is then as it was.
    """
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    revisions = ScriptDirectory.from_config(config)
    newest = revisions.get_current_head()
    with engine.connect() as connection, _without_references(connection):
        with connection.begin():
            current = _current_revision(connection)
        if current == newest:
            return
        _refuse_a_newer(engine, current, known={script.revision for script in revisions.walk_revisions()})
        if current is not None and engine.dialect.name == "sqlite":
            _copy_beside(Path(cast(str, engine.url.database)), suffix=f"{_COPY}{newest}")
        with connection.begin():
            take_turn(connection, "migration")
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise DatabaseError(f"{name_place(engine.url)} cannot be brought up to date: {error}") from error
            _check_references(connection)


def remove_copies(database: Path) -> None:
    """Remove the copies that upgrades made of a SQLite database beside it."""
    for copy in database.parent.glob(f"{database.name}.{_COPY}*"):
        copy.unlink(missing_ok=True)


def _current_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_a_newer(engine: Engine, current: str | None, *, known: set[str]) -> None:
    if current is not None and current not in known:
        raise DatabaseError(
            f"{name_place(engine.url)} was made by a newer First100 (its revision {current} is unknown here); "
            "install that version, or restore a backup of this one"
        )


@contextmanager
def _without_references(connection: Connection) -> Generator[None]:
    """SQLite alters a table by copying and dropping it: with references on, the drop deletes every child row.

    The switch does nothing inside a transaction, so it is thrown on the driver's connection before one begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        if connection.in_transaction():
            connection.rollback()
        driver.execute("PRAGMA foreign_keys = ON")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        raise DatabaseError(f"the migration would leave {len(broken)} rows without their parent, in {tables}; undone")


def _copy_beside(database: Path, *, suffix: str) -> None:
    """A whole copy as DATABASE.SUFFIX, readable by us alone; written under another name until it is complete."""
    copy = database.with_name(f"{database.name}.{suffix}")
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        unfinished.replace(copy)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise DatabaseError(
            f"cannot copy {database} to {copy} before it is changed: {error}; make room there"
        ) from error
