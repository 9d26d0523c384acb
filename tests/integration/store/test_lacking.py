"""What a machine lacks is said in the last lines, and is no excuse under CI."""

import os
import subprocess
import sys
from pathlib import Path

from tests.postgres import NAMED_BY

ROOT = Path(__file__).parents[3]
A_STORE_TEST = "tests/integration/store/test_database.py::test_what_is_written_is_there_for_the_next"
HIDE_EVERY_SERVER = """
from tests import postgres

postgres.find_programs = lambda environ: iter(())
postgres.PIP_PACKAGE = "no_such_package"
"""


def run_without_a_server(folder: Path, **environ: str) -> tuple[int, list[str]]:
    """A run of one store test where no PostgreSQL can be found: its exit code and its lines."""
    (folder / "hide_every_server.py").write_text(HIDE_EVERY_SERVER)
    clean = {name: value for name, value in os.environ.items() if name not in {"CI", NAMED_BY}}
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "hide_every_server", A_STORE_TEST],
        cwd=ROOT,
        env={**clean, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return finished.returncode, finished.stdout.strip().splitlines()


def test_the_last_line_names_what_is_missing_and_how_to_bring_it(tmp_path: Path) -> None:
    code, lines = run_without_a_server(tmp_path)

    assert code == 0
    assert lines[-2].startswith("1 passed, 1 skipped")
    assert lines[-1].startswith("1 test did not run: this machine lacks a PostgreSQL server; bring it: ")
    assert lines[-1].endswith("install -r requirements-dev.txt")


def test_under_ci_a_missing_server_is_a_failure(tmp_path: Path) -> None:
    code, lines = run_without_a_server(tmp_path, CI="true")

    assert code == 1
    assert lines[-1].startswith("1 passed, 1 error")
