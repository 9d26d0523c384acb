"""A site whose admins sign in by OpenID Connect."""

from collections.abc import Generator

import pytest

from models.database import Database
from tests.integration.openid.double import open_double
from tests.integration.openid.stage import Stage, open_openid_scene


@pytest.fixture
def stage(database: Database) -> Generator[Stage]:
    """A site, and a provider of our own that it trusts; on a database of each kind."""
    with open_double() as double:
        stage = Stage(open_openid_scene(database, double.issuer), double)
        double.now = lambda: stage.scene.now
        yield stage
