"""The documentation: it names every setting and every command, none that there is not, and its links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from commands.catalogue import COMMANDS, load_command
from config.reading.calendar_fields import WEEKDAYS
from config.reading.item_shapes import CheckInShape, MessageShape, ResourceShape, TipShape
from config.reading.programme_shapes import ProgrammeShape
from config.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SETTING = re.compile(r"^\| `(?P<name>[a-z_]+)` \| `(?P<variable>[A-Z0-9_]+)` \| (?P<default>[^|]+) \| (?P<says>.+) \|$")
SHOWN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
MAKE_TARGETS = {"help", "demo", "run", "test", "check", "bench", "bench-spacing", "prove", "lock", "schemas"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# ---------------------------------------------------------------- settings


def read_settings_page() -> dict[str, re.Match[str]]:
    found = [match for line in read("docs/settings.md").splitlines() if (match := SETTING.match(line))]
    return {match["name"]: match for match in found}


def write_default(name: str) -> str:
    """A setting's default as a person would write it into settings.yaml; a dash where there is none."""
    settings = Settings()
    written = {
        "mail": settings.mail_url,
        "database_url": settings.database,
        "send_at": f"{settings.send_at:%H:%M}",
        "working_days": ", ".join(WEEKDAYS[day] for day in settings.working_days),
        "programmes": ", ".join(settings.programmes),
    }
    value = getattr(settings, name)
    if value in (None, ()):
        return "–"
    return f"`{written.get(name, str(value).lower() if isinstance(value, bool) else value)}`"


def test_every_setting_is_documented_and_none_that_there_is_not() -> None:
    assert set(read_settings_page()) == set(Settings.model_fields)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_documented_with_its_variable_and_default(name: str) -> None:
    documented = read_settings_page()[name]

    assert documented["variable"] == f"FIRST100_{name.upper()}"
    assert documented["default"].strip() == write_default(name)


def test_the_settings_file_shows_every_setting_that_may_stand_in_it() -> None:
    shown = set(re.findall(r"(?m)^#? ?([a-z_]+):", read("config/settings.yaml")))
    elsewhere = {name for name in Settings.model_fields if name.endswith("_file")} | {
        "config",
        "secret",
        "old_secrets",
        "openid_client_secret",
    }

    assert shown == set(Settings.model_fields) - elsewhere


# ---------------------------------------------------------------- commands


def read_sections() -> dict[str, str]:
    """The page of commands by command."""
    _, *sections = re.split(r"(?m)^## ", read("docs/commands.md"))
    return {section.split("`")[1]: section for section in sections}


def test_every_command_is_documented_and_none_that_there_is_not() -> None:
    assert set(read_sections()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_every_option(name: str) -> None:
    options = {
        option
        for parameter in load_command(name).params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    documented = set(re.findall(r"--[a-z-]+", read_sections()[name]))

    assert documented == options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_no_command_or_target_that_there_is_not(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = set(re.findall(r"main\.py ([a-z][\w-]*)", text))
    targets = set(re.findall(r"\bmake ([a-z]+)", "\n".join(list_code(text))))

    assert commands <= set(COMMANDS)
    assert targets <= MAKE_TARGETS


def list_code(text: str) -> Iterator[str]:
    yield from re.findall(r"(?s)```.*?```", text)
    yield from SHOWN.findall(text)


def test_make_lists_every_target() -> None:
    listed = re.findall(r"(?m)^([a-z-]+):.*## \S", read("Makefile"))

    assert set(listed) == MAKE_TARGETS


# ---------------------------------------------------------------- fields of content


def list_steps(page: str, heading: str) -> list[str]:
    section = read(page).split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"(?m)^(\d)\. ", section)


@pytest.mark.parametrize("heading", ["Change a tip", "Add a resource", "Add a theme", "Add a programme"])
def test_content_is_changed_in_five_steps(heading: str) -> None:
    assert list_steps("docs/for-content-editors.md", heading) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("shape", [TipShape, ResourceShape, CheckInShape, MessageShape, ProgrammeShape])
def test_every_field_of_content_is_in_the_editors_tables(shape: type[BaseModel]) -> None:
    page = read("docs/for-content-editors.md")
    fields = page[page.index("## The fields") :]
    rows = {name for row in re.findall(r"(?m)^\| (`[^|]+) \|", page) for name in re.findall(r"`(\w+)`", row)}
    said = rows | set(re.findall(r"`(\w+)`", fields[fields.index("A check-in has") : fields.index("## Drafts")]))

    assert set(shape.model_fields) - said == set()


# ---------------------------------------------------------------- links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(re.sub(r"(?s)```.*?```", "", page.read_text(encoding="utf-8")))

    assert [target for target in targets if not leads_somewhere(page, target)] == []


def leads_somewhere(page: Path, target: str) -> bool:
    if target.startswith("https://"):
        return True
    name, _, heading = target.partition("#")
    path = page.parent / name if name else page
    return path.exists() and (not heading or heading in list_headings(path))


def list_headings(path: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
