"""The scene that most tests of the pages start from."""

import pytest

from models.database import Database
from tests.integration.web.scene import Scene, open_scene


@pytest.fixture
def scene(database: Database) -> Scene:
    """A leader who agreed to tracking, with one sent mail, on a database of each kind."""
    return open_scene(database)
