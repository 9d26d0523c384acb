"""The repository itself: which way imports point, what is pinned, and that no file is tied to one machine."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from tests.conftest import NPM_PACKAGES

ROOT = Path(__file__).parents[2]
NOT_SHIPPED = {"tests", "benchmarks"}
MADE_HERE = {"var", "node_modules", "build"}  # at the top: what running and installing leave behind
SLOW_TO_IMPORT = {"sqlalchemy", "fastapi", "pydantic", "jinja2", "holidays", "uvicorn", "apscheduler"}
SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore|pyright:)")
TEXTS = (".py", ".md", ".yaml", ".toml", ".txt", ".in", ".html", ".mjml", ".css", ".json", ".npmrc")
SCRIPTS = ("run", "set-up", "set-up-npm")
HOMES = re.compile(r"(?<![\w.])/(?:home|Users|root)/[\w.]")


@cache
def list_files() -> tuple[Path, ...]:
    """The repository's own files: none of a tool's folders, none that running it has made."""
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder)
        made = MADE_HERE if here == ROOT else set[str]()
        folders[:] = [name for name in folders if name == ".ci" or not (name.startswith((".", "__")) or name in made)]
        found += [here / name for name in names]
    return tuple(sorted(found))


def find_files(*endings: str) -> list[Path]:
    return [path for path in list_files() if path.name.endswith(endings)]


def shipped(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.relative_to(ROOT).parts[0] not in NOT_SHIPPED]


def names_of(paths: Iterable[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def read_linter() -> dict[str, Any]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return cast("dict[str, Any]", document["tool"]["importlinter"])


def imported_by(path: Path) -> set[str]:
    """The top-level modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


# ---------------------------------------------------------------- imports


def test_the_layers_stand_in_the_order_in_which_imports_may_point() -> None:
    (layers,) = [contract for contract in read_linter()["contracts"] if contract["type"] == "layers"]

    assert layers["layers"] == ["commands", "rehearsal", "web", "reports", "scheduler", "emails", "config", "models"]


def test_every_top_level_package_is_in_the_layers() -> None:
    linter = read_linter()
    (layers,) = [contract for contract in linter["contracts"] if contract["type"] == "layers"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_SHIPPED

    assert packages == set(layers["layers"]) == set(linter["root_packages"])


def test_nothing_that_is_shipped_imports_main_or_the_tests() -> None:
    importers = [path for path in shipped(find_files(".py")) if imported_by(path) & {"main", *NOT_SHIPPED}]

    assert names_of(importers) == []


def test_every_init_file_is_empty() -> None:
    assert names_of(path for path in find_files("__init__.py") if path.stat().st_size) == []


def test_only_three_untyped_libraries_need_a_check_to_look_away() -> None:
    silenced = [path for path in shipped(find_files(".py")) if SILENCED.search(path.read_text(encoding="utf-8"))]

    assert names_of(silenced) == [
        "config/reading/logos.py",
        "scheduler/ticker.py",
        "web/openid/provider.py",
        "web/openid/tokens.py",
    ]


@pytest.mark.parametrize("arguments", [["-c", "import main"], ["main.py", "--help"]])
def test_help_imports_nothing_that_is_slow_to_import(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", *arguments]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines() if line.startswith("import time")}

    assert "commands.catalogue" in imported
    assert imported & SLOW_TO_IMPORT == set()


# ---------------------------------------------------------------- requirements


def read_pins(name: str) -> dict[str, str]:
    """Project → version of a requirements file; its extras and markers left out. Every line must be a pin."""
    pins: dict[str, str] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].partition(";")[0].strip()
        if not text or text.startswith("-c "):
            continue
        found = re.fullmatch(r"(?P<project>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>[0-9][\w.]*)", text)
        assert found is not None, f"{name}: {line!r} is no pin"
        pins[re.sub(r"[-_.]+", "-", found["project"]).lower()] = found["version"]
    return pins


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_what_is_asked_for_is_pinned_at_the_version_asked_for(name: str) -> None:
    asked, pinned = read_pins(f"{name}.in"), read_pins(f"{name}.txt")

    assert asked.items() <= pinned.items()


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_nothing_is_pinned_for_a_reason_that_is_gone(name: str) -> None:
    lines = (ROOT / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    direct = {lines[at].partition("==")[0].partition("[")[0] for at in find_direct(lines, f"{name}.in")}

    assert direct == set(read_pins(f"{name}.in"))


def find_direct(lines: list[str], source: str) -> Iterator[int]:
    """The pins that stand there because `source` asks for them, by line."""
    pin = 0
    for at, line in enumerate(lines):
        if line and not line.startswith((" ", "#")):
            pin = at
        elif line.rstrip().endswith(f"-r {source}"):
            yield pin


def test_running_and_developing_agree_on_every_version() -> None:
    running, developing = read_pins("requirements.txt"), read_pins("requirements-dev.txt")

    assert {name for name in running.keys() & developing.keys() if running[name] != developing[name]} == set()


def read_json(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((ROOT / name).read_text(encoding="utf-8")))


def test_what_is_asked_of_npm_is_pinned_at_the_version_asked_for() -> None:
    asked, packages = read_json("package.json"), read_json("package-lock.json")["packages"]
    named = asked["dependencies"] | asked["devDependencies"]

    assert named == {name: packages[f"node_modules/{name}"]["version"] for name in named}


def test_the_tests_know_which_packages_of_npm_are_for_them_alone() -> None:
    assert set(NPM_PACKAGES) == set(read_json("package.json")["devDependencies"])


def test_the_service_needs_nothing_of_npm_but_what_it_names() -> None:
    packages = read_json("package-lock.json")["packages"]
    running = {name for name, package in packages.items() if name and not package.get("dev")}

    assert running == {f"node_modules/{name}" for name in read_json("package.json")["dependencies"]}


def test_the_lock_file_holds_what_was_packed_and_no_address() -> None:
    packages = read_json("package-lock.json")["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


# ---------------------------------------------------------------- machines


def test_no_file_names_a_folder_of_one_machine() -> None:
    mine = [str(ROOT), str(Path.home())]
    named = [
        path
        for path in find_files(*TEXTS, *SCRIPTS)
        if HOMES.search(text := path.read_text(encoding="utf-8"))
        or any(len(folder) > len("/root") and folder in text for folder in mine)
    ]

    assert names_of(named) == []


def test_what_people_start_may_be_started() -> None:
    assert [name for name in SCRIPTS if not (ROOT / ".ci" / name).stat().st_mode & 0o100] == []
