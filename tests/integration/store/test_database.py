"""A database opened: what its sessions promise, and what is said when it cannot be used."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from models import sqlite
from models.database import Database, find_weakness, migrate, open_database
from models.failures import DatabaseError
from models.store import get_state, set_state
from models.tables import PauseRow, StateRow
from tests.builders import at


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ---------------------------------------------------------------- both


def test_what_is_written_is_there_for_the_next(database: Database) -> None:
    with database.sessions.begin() as session:
        set_state(session, "virtual", "yes")

    with database.reading() as session:
        assert get_state(session, "virtual") == "yes"


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.sessions.begin() as session:
        set_state(session, "virtual", "yes")
        raise ZeroDivisionError

    with database.reading() as session:
        assert get_state(session, "virtual") is None


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.reading() as reader:
        assert get_state(reader, "virtual") is None
        with database.sessions.begin() as writer:  # nobody waits for the reader
            set_state(writer, "virtual", "yes")
        assert get_state(reader, "virtual") is None

    with database.reading() as reader:
        assert get_state(reader, "virtual") == "yes"


def test_a_reader_may_not_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.reading() as session:
        set_state(session, "virtual", "yes")

    with database.sessions.begin() as session:  # the same connection may, in a session for writing
        set_state(session, "virtual", "yes")


def test_a_child_without_its_parent_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.sessions.begin() as session:
        first = at("2027-01-11 08:30").date()
        session.add(PauseRow(enrolment_id=999, first=first, last=None, by="leader", created_at=at("2027-01-11 08:30")))


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="an instant needs a time zone"), database.sessions.begin() as session:
        naive = at("2027-01-11 08:30").replace(tzinfo=None)
        session.add(PauseRow(enrolment_id=1, first=naive.date(), last=None, by="leader", created_at=naive))


# ---------------------------------------------------------------- SQLite


def test_the_file_and_its_folder_are_for_us_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new' / 'var' / 'first100.sqlite3'}")
    migrate(database)
    with database.sessions.begin() as session:
        set_state(session, "virtual", "yes")

    assert mode_of(tmp_path / "new" / "var") == 0o700
    modes = {path.name: mode_of(path) for path in (tmp_path / "new" / "var").iterdir()}
    assert modes == {
        "first100.sqlite3": 0o600,
        "first100.sqlite3-wal": 0o600,
        "first100.sqlite3-shm": 0o600,
    }
    database.close()


def test_every_connection_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'first100.sqlite3'}")
    with database.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_relative_path_is_meant_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = open_database("sqlite:///var/first100.sqlite3")
    migrate(database)
    database.close()

    assert (tmp_path / "var" / "first100.sqlite3").is_file()


@pytest.mark.parametrize(("version", "weak"), [((3, 51, 2), True), ((3, 40, 1), True), ((3, 51, 3), False)])
def test_an_old_sqlite_is_named_as_a_weakness(
    database: Database, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], weak: bool
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    said = find_weakness(database)
    assert (said is not None) is (weak and database.engine.dialect.name == "sqlite")
    assert said is None or said.startswith(f"SQLite {'.'.join(map(str, version))} can")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:first100?mode=memory&uri=true"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="needs a file of its own"):
        open_database(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match=r"cannot make .*first100\.sqlite3: .*; name a folder"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'first100.sqlite3'}")


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "first100.sqlite3").write_text("name,email\n" * 200)
    with pytest.raises(DatabaseError, match="is no SQLite database; name another file"):
        open_database(f"sqlite:///{tmp_path / 'first100.sqlite3'}")


def test_a_database_that_another_program_holds_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    path = tmp_path / "first100.sqlite3"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="is held by another program"), database.sessions.begin() as session:
            set_state(session, "virtual", "yes")
    with database.sessions.begin() as session:
        set_state(session, "virtual", "yes")
    database.close()


# ---------------------------------------------------------------- PostgreSQL


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
@pytest.mark.postgresql
def test_postgresql_goes_by_each_of_its_names(postgresql: URL, scheme: str) -> None:
    address = postgresql.set(drivername="x").render_as_string(hide_password=False).removeprefix("x")
    database = open_database(f"{scheme}{address}")
    assert database.engine.dialect.driver == "psycopg"
    database.close()


@pytest.mark.postgresql
def test_a_lost_connection_is_replaced(postgresql: URL) -> None:
    database = open_database(postgresql.render_as_string(hide_password=False))
    with database.sessions.begin() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    administrator = create_engine(postgresql)
    with administrator.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend})
    administrator.dispose()

    with database.sessions.begin() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != backend
    database.close()


@pytest.mark.postgresql
def test_a_connection_lost_at_work_is_said_so(postgresql: URL) -> None:
    database = open_database(postgresql.render_as_string(hide_password=False))
    with (
        pytest.raises(DatabaseError, match="lost the connection to the database"),
        database.sessions.begin() as session,
    ):
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    database.close()


@pytest.mark.postgresql
def test_a_wrong_password_is_said_without_it(postgresql: URL) -> None:
    address = postgresql.set(password="pass-word-1").render_as_string(hide_password=False)
    with pytest.raises(DatabaseError) as refused:
        open_database(address)
    assert "cannot reach the database postgres at 127.0.0.1" in str(refused.value)
    assert "pass-word-1" not in str(refused.value)


# ---------------------------------------------------------------- neither


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(DatabaseError) as refused:
        open_database("postgresql+psycopg://sam:hush-hush@127.0.0.1:9/first100")

    message = str(refused.value)
    assert message.startswith("cannot reach the database first100 at 127.0.0.1:9: ")
    assert message.endswith("check that the server runs and that FIRST100_DATABASE_URL is right")
    assert "hush-hush" not in message


@pytest.mark.parametrize("url", ["", "first100.sqlite3", "hush-hush", "postgresql+psycopg://sam:hush-hush@h:port/x"])
def test_what_is_no_address_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(DatabaseError, match="FIRST100_DATABASE_URL is no database address") as refused:
        open_database(url)
    assert "hush-hush" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("url", ["mysql://sam:hush-hush@h/x", "sqlite+aiosqlite:///x", "oracle://h/x"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="is no database First100 knows") as refused:
        open_database(url)
    assert "hush-hush" not in str(refused.value)


def test_state_rows_are_plain_text(database: Database) -> None:
    with database.sessions.begin() as session:
        set_state(session, "config_problems", "leaders.yaml:3:1: “nicht” ✓\nsecond")
    with database.reading() as session:
        assert session.get_one(StateRow, "config_problems").value == "leaders.yaml:3:1: “nicht” ✓\nsecond"
