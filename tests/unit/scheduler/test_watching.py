"""Config that is saved while the service runs."""

import logging
from pathlib import Path
from queue import Queue

import pytest

from scheduler.watching import on_saving

PATIENCE_SECONDS = 20


def test_a_saved_config_file_is_noticed_and_another_file_is_not(tmp_path: Path) -> None:
    noticed: Queue[str] = Queue()
    (tmp_path / "first-100-days").mkdir()
    with on_saving(tmp_path, lambda: noticed.put("saved")):
        (tmp_path / "notes.txt").write_text("mine")
        (tmp_path / ".leaders.yaml.swp").write_text("an editor's")
        (tmp_path / "first-100-days" / "roles.yaml").write_text("roles: []")
        assert noticed.get(timeout=PATIENCE_SECONDS) == "saved"
        draft = tmp_path / ".leaders.yaml.new"
        draft.write_text("[]")
        while not noticed.empty():
            noticed.get()
        draft.replace(tmp_path / "leaders.yaml")
        assert noticed.get(timeout=PATIENCE_SECONDS) == "saved"


def test_a_folder_that_cannot_be_watched_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), on_saving(tmp_path / "gone", lambda: None):
        assert "cannot be watched" in caplog.text
