"""One service a data folder."""

import os
from pathlib import Path

import pytest

from scheduler.instance import InstanceError, sole_instance


def test_a_second_service_on_the_same_folder_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with sole_instance(folder), pytest.raises(InstanceError) as refusal, sole_instance(folder):
        pass
    assert str(refusal.value) == (
        f"{folder}: another First100 (process {os.getpid()}) works with this folder; stop it first, or name another "
        "folder with FIRST100_DATA"
    )


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_instance(tmp_path):
            pass


def test_a_lock_file_left_behind_by_a_crash_locks_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "service.lock").write_text("4711\n")
    with sole_instance(tmp_path):
        assert (tmp_path / "service.lock").read_text() == f"{os.getpid()}\n"


def test_the_folder_is_made_for_this_account_alone(tmp_path: Path) -> None:
    with sole_instance(tmp_path / "var"):
        assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
