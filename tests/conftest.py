"""What every test may ask for, and what a machine lacks said at the very end."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL

from models.database import Database, migrate, open_database
from models.tables import Row
from tests.dovecot import ImapServer, find_dovecot, open_dovecot
from tests.postgres import NoServerError, open_server

CHROMIUM = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
NPM = Path(__file__).parents[1] / "node_modules"
# For tests alone: the service needs none of them.
NPM_PACKAGES = ("axe-core", "caniemail", "html-validate", "oidc-provider")
_LACKS = "this machine lacks "
_lacking: dict[str, int] = {}  # what this machine lacks, and how many tests could not run for it


# ---------------------------------------------------------------- the long proofs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove", action="store_true", help="run the long proofs too (or FIRST100_PROVE=1)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--prove") or os.environ.get("FIRST100_PROVE") == "1":
        return
    proofs = [item for item in items if item.get_closest_marker("prove")]
    if proofs:
        config.hook.pytest_deselected(items=proofs)
        items[:] = [item for item in items if not item.get_closest_marker("prove")]


# ---------------------------------------------------------------- what a machine may lack


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and find_chromium() is None:
        _give_up("a Chromium browser", bring="sudo apt-get install chromium")
    if item.get_closest_marker("browser") and importlib.util.find_spec("playwright") is None:
        _give_up("Playwright", bring=f"{_find_installer()} install -r requirements.txt")
    if item.get_closest_marker("npm") and not all((NPM / package).is_dir() for package in NPM_PACKAGES):
        _give_up(f"packages of npm ({', '.join(NPM_PACKAGES)})", bring="npm ci")
    if item.get_closest_marker("spamassassin") and shutil.which("spamassassin") is None:
        _give_up("SpamAssassin", bring="sudo apt-get install --no-install-recommends spamassassin")


def find_chromium() -> Path | None:
    """The browser of this machine, or None."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    return None if found is None else Path(found)


def _find_installer() -> str:
    return f"{sys.executable} -m pip" if importlib.util.find_spec("pip") else "uv pip"


def _give_up(what: str, *, bring: str) -> NoReturn:
    reason = f"{_LACKS}{what}; bring it: {bring}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (nothing is skipped under CI=true)", pytrace=False)
    pytest.skip(reason)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple) and _LACKS in report.longrepr[2]:
        lacks = report.longrepr[2].partition(_LACKS)[2]
        _lacking[lacks] = _lacking.get(lacks, 0) + 1


def pytest_unconfigure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, pytest.TerminalReporter) and _lacking and not hasattr(config, "workerinput"):
        for lacks, tests in sorted(_lacking.items()):
            count = "1 test" if tests == 1 else f"{tests} tests"
            reporter.write_line(f"{count} did not run: {_LACKS}{lacks}", yellow=True)


# ---------------------------------------------------------------- mailboxes


@pytest.fixture(scope="session")
def imap() -> Generator[ImapServer]:
    """An IMAP server in which every user has a mailbox; one a test process."""
    with open_dovecot(require_dovecot()) as server:
        yield server


def require_dovecot() -> Path:
    """Dovecot's program; without it the test cannot run."""
    program = find_dovecot()
    if program is None:
        _give_up("Dovecot with IMAP", bring="sudo apt-get install dovecot-imapd")
    return program


# ---------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def postgresql() -> Generator[URL]:
    """The address of a PostgreSQL server; one a test process."""
    try:
        with open_server(os.environ) as address:
            yield address
    except NoServerError as error:
        tried = f" ({error})" if str(error) else ""
        _give_up(f"a PostgreSQL server{tried}", bring=f"{_find_installer()} install -r requirements-dev.txt")


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: URL) -> Generator[URL]:
    """A migrated database for one test after the other: copying one for each takes ten times as long as emptying it."""
    with _new_database(postgresql) as address:
        for opened in _opened(_text(address)):
            migrate(opened)
        yield address


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database for others to be copied from."""
    file = tmp_path_factory.mktemp("migrated") / "first100.sqlite3"
    for opened in _opened(f"sqlite:///{file}"):
        migrate(opened)
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Database]:
    """A database without tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'first100.sqlite3'}")
        return
    with _new_database(request.getfixturevalue("postgresql")) as address:
        yield from _opened(_text(address))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Database]:
    """A migrated database of the test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "first100.sqlite3"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
        yield from _opened(f"sqlite:///{file}")
        return
    address: URL = request.getfixturevalue("migrated_postgresql")
    _empty(address)
    yield from _opened(_text(address))


def _opened(address: str) -> Iterable[Database]:
    database = open_database(address)
    try:
        yield database
    finally:
        database.close()


def _text(address: URL) -> str:
    return address.render_as_string(hide_password=False)


def _empty(address: URL) -> None:
    """As it was when it was migrated, whoever is still connected from a test before."""
    tables = ", ".join(f'"{table.name}"' for table in Row.metadata.sorted_tables)
    with psycopg.connect(_text(address.set(drivername="postgresql")), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())


@contextmanager
def _new_database(server: URL) -> Generator[URL]:
    """A database made on the server and dropped after, whoever is still connected."""
    name = f"first100_{uuid4().hex}"
    with _administering(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield server.set(database=name)
    finally:
        with _administering(server) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _administering(server: URL) -> psycopg.Connection:
    return psycopg.connect(_text(server.set(drivername="postgresql")), autocommit=True)
