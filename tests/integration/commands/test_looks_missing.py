"""Without what npm brings the service does not start, and says so in one line."""

import shutil
from pathlib import Path

import pytest

from tests.integration.commands.house import CONFIG, House
from web import looks


@pytest.mark.parametrize("command", ["run", "demo"])
def test_without_the_pages_look_nothing_starts_and_one_line_says_what_to_do(
    house: House, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(CONFIG / "demo-leaders.yaml", house.config)
    monkeypatch.setattr(looks, "INSTALLED", Path("nowhere.css"))
    looks.make_style_sheet.cache_clear()
    outcome = house.run(command, *(["--no-serve"] if command == "demo" else []))
    looks.make_style_sheet.cache_clear()
    assert outcome.code == 3
    assert outcome.err.splitlines()[-1] == (
        "the look of the pages is not installed (nhsuk-frontend): run `npm ci` or `make run`"
    )
    assert "Traceback" not in outcome.err
