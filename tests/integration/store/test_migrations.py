"""Migrations give exactly the declared tables, once, whoever runs them, and lose nothing on the way."""

import multiprocessing
import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from models import schema
from models.database import Database, migrate, open_database
from models.failures import DatabaseError
from models.schema import SCRIPTS, upgrade
from models.tables import Row
from tests.builders import build_entry
from tests.integration.store.rows import add_mail, enrol, read_one, read_states

WIDEN_A_COLUMN = """
    with op.batch_alter_table("leaders") as leaders:  # SQLite copies the table and drops the old one
        leaders.add_column(sa.Column("added", sa.String(10)))
        leaders.alter_column("name", type_=sa.String(300))
"""
BREAK_A_REFERENCE = """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("DELETE FROM leaders")
"""


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A migrated database that no other test gets: here they are changed in shape."""
    migrate(empty_database)
    return empty_database


def read_catalogue(connection: Connection) -> set[tuple[Any, ...]]:
    """All tables, columns, constraints and indexes as the database itself knows them, save Alembic's own."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))
        return {(*row[:3], order_parts(row[3] or "")) for row in found if not row[2].startswith("alembic_")}
    queries = (
        "SELECT 'column', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    )
    rows = [tuple(row) for query in queries for row in connection.execute(text(query))]
    return {row for row in rows if not row[1].startswith("alembic_")}


def order_parts(sql: str) -> str:
    """A CREATE statement with its columns and constraints in alphabetical order: they may stand in any."""
    opening, _, body = " ".join(sql.replace('"', "").split()).partition("(")
    parts = re.split(r",\s(?![^(]*\))", body.removesuffix(")"))  # at commas outside of brackets
    return f"{opening}({', '.join(sorted(part.strip() for part in parts))})"


def write_next_revision(folder: Path, body: str) -> Path:
    """Our revisions and one more, `0999`, in a folder of their own."""
    scripts = folder / "scripts"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    newest = ScriptDirectory(str(SCRIPTS)).get_current_head()  # numbers tell who began first, not who landed last
    (scripts / "versions" / "0999_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = '0999'\ndown_revision = '{newest}'\nbranch_labels = None\ndepends_on = None\n\n\n"
        f"def upgrade():\n{body}"
    )
    return scripts


# ---------------------------------------------------------------- the same tables


def test_migrations_give_the_declared_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": Row.metadata}
        )
        assert compare_metadata(context, Row.metadata) == []


def test_migrations_give_the_declared_catalogue(database: Database) -> None:
    """The comparison above does not see partial indexes and the like; the database does."""
    with database.engine.begin() as connection:
        migrated = {row for row in read_catalogue(connection) if row[0] != "trigger"}
        Row.metadata.drop_all(connection)
        Row.metadata.create_all(connection)
        declared = read_catalogue(connection)

    assert migrated == declared
    indexes = [row for row in migrated if "one_open_nudge" in row]
    assert len(indexes) == 1
    assert "planned" in indexes[0][3]
    assert "UNIQUE" in indexes[0][3]


def test_the_triggers_that_note_what_was_touched_outlive_every_migration(database: Database) -> None:
    """SQLite alters a table by making it anew, which takes its triggers away: whoever does so must make them again."""
    pattern = {"sqlite": "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"}.get(
        database.engine.dialect.name,
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    )
    with database.engine.connect() as connection:
        triggers = [(table, what.split("AFTER ")[1].split()[0]) for table, what in connection.execute(text(pattern))]

    assert sorted(triggers) == [
        ("attempts", "INSERT"),
        ("consents", "DELETE"),
        ("consents", "INSERT"),
        ("corrections", "DELETE"),
        ("corrections", "INSERT"),
        ("corrections", "UPDATE"),
        ("enrolments", "INSERT"),
        ("enrolments", "UPDATE"),
        ("events", "INSERT"),
        ("grades", "INSERT"),
        ("grades", "UPDATE"),
        ("leaders", "UPDATE"),
        ("mails", "DELETE"),
        ("mails", "INSERT"),
        ("mails", "UPDATE"),
        ("pauses", "DELETE"),
        ("pauses", "INSERT"),
        ("pauses", "UPDATE"),
    ]


def test_there_is_at_most_one_open_nudge(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        for ordinal, state in enumerate(("sent", "expired", "planned")):
            add_mail(session, enrolment_id, ordinal=ordinal, state=state)

    for state in ("planned", "claimed", "sending"):
        with pytest.raises(Exception, match=r"(?i)unique"), database.sessions.begin() as session:
            add_mail(session, enrolment_id, ordinal=9, state=state)


# ---------------------------------------------------------------- once


def test_migrating_again_changes_nothing(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())

    migrate(database)

    assert read_one(database, enrolment_id).leader.name == "Sam Sample"


def test_migrating_works_from_any_folder(
    empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    migrate(empty_database)
    enrol(empty_database, build_entry())


def migrate_together(url: str, ready: Barrier) -> None:
    """In a process of its own: open and migrate as soon as everybody is ready."""
    ready.wait(300)
    database = open_database(url)
    migrate(database)
    database.close()


def test_processes_that_start_together_migrate_once(empty_database: Database) -> None:
    context = multiprocessing.get_context("spawn")
    url, ready = empty_database.engine.url.render_as_string(hide_password=False), context.Barrier(3)
    processes = [context.Process(target=migrate_together, args=(url, ready)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    enrol(empty_database, build_entry())


# ---------------------------------------------------------------- nothing lost


def test_child_rows_survive_a_table_that_is_copied(database: Database, tmp_path: Path) -> None:
    enrolment_id = enrol(database, build_entry(status="paused"))
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id, items=["listen-first"])

    upgrade(database.engine, scripts=write_next_revision(tmp_path, WIDEN_A_COLUMN))

    assert len(read_one(database, enrolment_id).pauses) == 1
    assert read_states(database) == ["planned"]
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT added FROM leaders")).all() == [(None,)]


def test_references_hold_again_after_a_migration(database: Database, tmp_path: Path) -> None:
    upgrade(database.engine, scripts=write_next_revision(tmp_path, WIDEN_A_COLUMN))

    with pytest.raises(Exception, match=r"(?i)foreign key"), database.sessions.begin() as session:
        add_mail(session, 999)


def fresh_sqlite(folder: Path) -> Database:
    database = open_database(f"sqlite:///{folder / 'first100.sqlite3'}")
    migrate(database)
    return database


def names_beside(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.glob("first100.sqlite3.*"))


def test_a_migration_that_breaks_a_reference_is_undone(tmp_path: Path) -> None:
    database = fresh_sqlite(tmp_path)
    enrolment_id = enrol(database, build_entry())

    with pytest.raises(DatabaseError, match="would leave 1 rows without their parent, in enrolments; undone"):
        upgrade(database.engine, scripts=write_next_revision(tmp_path, BREAK_A_REFERENCE))

    assert read_one(database, enrolment_id).leader.name == "Sam Sample"
    migrate(database)  # and the old revision still stands
    database.close()


def test_a_migration_that_fails_midway_is_undone(database: Database, tmp_path: Path) -> None:
    body = '    op.add_column("leaders", sa.Column("added", sa.String(10)))\n    raise ZeroDivisionError\n'
    with pytest.raises(ZeroDivisionError):
        upgrade(database.engine, scripts=write_next_revision(tmp_path, body))

    with database.engine.connect() as connection, pytest.raises(Exception, match="added"):
        connection.execute(text("SELECT added FROM leaders"))
    enrol(database, build_entry())


def test_a_copy_is_laid_beside_before_rows_are_touched(tmp_path: Path) -> None:
    database = fresh_sqlite(tmp_path)
    assert names_beside(tmp_path) == []  # nothing to lose yet
    enrol(database, build_entry())

    upgrade(database.engine, scripts=write_next_revision(tmp_path, WIDEN_A_COLUMN))
    database.close()

    copy = tmp_path / "first100.sqlite3.before-0999"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM leaders").fetchall() == [("Sam Sample",)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert names_beside(tmp_path) == ["first100.sqlite3.before-0999"]


def test_without_its_copy_nothing_is_changed(tmp_path: Path) -> None:
    database = fresh_sqlite(tmp_path)
    (tmp_path / "first100.sqlite3.before-0999").mkdir()

    with pytest.raises(DatabaseError, match="before it is changed"):
        upgrade(database.engine, scripts=write_next_revision(tmp_path, WIDEN_A_COLUMN))

    migrate(database)
    database.close()
    assert names_beside(tmp_path) == ["first100.sqlite3.before-0999"]


def test_a_database_of_a_newer_version_is_refused(database: Database, tmp_path: Path) -> None:
    upgrade(database.engine, scripts=write_next_revision(tmp_path, "    pass\n"))

    with pytest.raises(DatabaseError, match=r"made by a newer First100 \(its revision 0999 is unknown here\)"):
        migrate(database)


def test_every_revision_has_a_number_of_its_own_and_they_are_one_chain() -> None:
    names = [path.stem.partition("_")[0] for path in (schema.SCRIPTS / "versions").glob("*.py")]
    assert all(re.fullmatch("[0-9]{4}", name) for name in names)
    assert len(set(names)) == len(names)
    assert len(ScriptDirectory(schema.SCRIPTS).get_heads()) == 1
