"""A house for each test."""

from pathlib import Path

import pytest

from tests.integration.commands.house import House, build_house


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    return build_house(tmp_path, capsys)
