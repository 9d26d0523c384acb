"""Where the tests look for a PostgreSQL, and in which order."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests import postgres
from tests.postgres import NoServerError, find_programs, open_server


def put_programs(folder: Path, *programs: str) -> Path:
    folder.mkdir(parents=True)
    for program in programs:
        (folder / program).touch()
    return folder


def test_a_named_server_is_taken_as_it_is() -> None:
    with open_server({"FIRST100_TEST_DATABASE_URL": "postgresql://sam@db.example.org/postgres"}) as address:
        assert address.render_as_string() == "postgresql+psycopg://sam@db.example.org/postgres"


def test_programs_are_looked_for_on_the_path_in_its_order(tmp_path: Path) -> None:
    second = put_programs(tmp_path / "second", "initdb", "pg_ctl")
    half = put_programs(tmp_path / "half", "initdb")
    first = put_programs(tmp_path / "first", "initdb", "pg_ctl")

    found = list(find_programs({"PATH": f"{half}:{first}:{second}:{tmp_path / 'missing'}"}))

    assert found[:2] == [first, second]


def test_programs_that_are_linked_elsewhere_are_found_once_and_at_home(tmp_path: Path) -> None:
    home = put_programs(tmp_path / "home", "initdb", "pg_ctl")
    links = tmp_path / "links"
    links.mkdir()
    for program in ("initdb", "pg_ctl"):
        (links / program).symlink_to(home / program)

    assert list(find_programs({"PATH": f"{links}:{home}"}))[:1] == [home]


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for program in ("initdb", "pg_ctl"):
        (home / program).write_text("#!/bin/sh\necho it cannot\nexit 1\n")
        (home / program).chmod(0o755)

    def find_only_this(_: Mapping[str, str]) -> Iterator[Path]:
        yield home

    monkeypatch.setattr(postgres, "find_programs", find_only_this)
    monkeypatch.setattr(postgres, "PIP_PACKAGE", "no_such_package")

    with pytest.raises(NoServerError, match=r"home: (it cannot|.*denied)"), open_server({}):
        pass
