"""The scene that most tests of the pages start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from tests.integration.commands.house import build_house
from tests.integration.web.enrolling import SPRING, Office, open_office
from tests.integration.web.scene import Scene, open_scene


@pytest.fixture
def scene(database: Database) -> Scene:
    """A leader who agreed to tracking, with one sent mail, on a database of each kind."""
    return open_scene(database)


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    """An installation with one leader in its file, enrolled."""
    house = build_house(tmp_path, capsys)
    house.write_roster(SPRING)
    with open_office(house) as opened:
        opened.tick()
        yield opened
