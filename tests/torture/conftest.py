"""Processes and orders for the torture."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from models.database import Database
from tests.torture.harness import MORNING, Senders
from tests.torture.sender import Order


@pytest.fixture(scope="package")
def senders() -> Generator[Senders]:
    command = [sys.executable, "-m", "tests.torture.sender"]
    folder = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        opened = Senders(process)
        yield opened
        opened.dismiss()
        process.wait(timeout=30)


@pytest.fixture
def order(database: Database, tmp_path: Path) -> Order:
    """A tick of the morning on the test's database, without any death."""
    url = database.engine.url.render_as_string(hide_password=False)
    return Order(url=url, log=str(tmp_path / "accepted"), now=MORNING.isoformat())
