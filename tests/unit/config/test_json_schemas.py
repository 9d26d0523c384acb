"""The JSON Schemas for editors: they are what the shapes would make, and refuse what `check` refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import fastjsonschema
import pytest

from config.json_schemas import FOLDER, SETTINGS_PAGE, make_schemas, write_schema, write_schemas
from config.reading.front_matter import read_markdown
from config.reading.leader_rows import LeaderShape
from config.reading.positions import read_yaml
from config.reading.programme_shapes import ProgrammeShape, RolesShape
from config.reading.settings_sources import ENVIRONMENT_ONLY
from config.settings import Settings
from tests.unit.config.front_matter import SAMPLES, list_fields

CONFIG = FOLDER.parent
PROGRAMME = CONFIG / "first-100-days"
Validate = Callable[[object], object]

SHIPPED = {
    "tip": sorted(PROGRAMME.glob("tips/*.md")),
    "resource": sorted(PROGRAMME.glob("resources/*.md")),
    "check-in": sorted(PROGRAMME.glob("check-ins/*.md")),
    "message": sorted(PROGRAMME.glob("messages/*.md")),
    "programme": [PROGRAMME / "programme.yaml"],
    "roles": [PROGRAMME / "roles.yaml"],
    "leaders": [CONFIG / "leaders.yaml", CONFIG / "demo-leaders.yaml"],
    "settings": [CONFIG / "settings.yaml"],
}


def schemas() -> dict[str, dict[str, Any]]:
    return make_schemas(SETTINGS_PAGE.read_text(encoding="utf-8"))


def validator(name: str) -> Validate:
    return cast("Validate", fastjsonschema.compile(schemas()[f"{name}.schema.json"], use_default=False))


def value_of(path: Path) -> object:
    if path.suffix == ".md":
        return read_markdown(path).front.value
    return read_yaml(path.read_text(encoding="utf-8"), path=str(path)).value


def test_the_files_are_what_the_shapes_make() -> None:
    made = {name: write_schema(schema) for name, schema in schemas().items()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert kept.keys() == made.keys()
    assert [name for name in made if kept[name] != made[name]] == [], "run `make schemas`"


def test_writing_them_leaves_nothing_else_beside_them(tmp_path: Path) -> None:
    (tmp_path / "old.schema.json").write_text("{}")
    write_schemas(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in FOLDER.iterdir()
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_fits_its_schema(name: str) -> None:
    validate = validator(name)
    assert SHIPPED[name]
    for path in SHIPPED[name]:
        validate(value_of(path))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_schema_takes_every_field_and_refuses_any_other(name: str) -> None:
    validate, front = validator(name), dict(SAMPLES[name].front)
    validate(front)
    for wrong in ({**front, "sideways": 1}, {**front, "subject": None}, {**front, "state": "drfat"}, {}):
        with pytest.raises(fastjsonschema.JsonSchemaException):
            validate(wrong)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("tip", {"earliest_day": 500}),
        ("tip", {"when_late": "later"}),
        ("tip", {"review_by": "1 June 2027"}),
        ("tip", {"questions": {"recal": {"ask": "x", "answer": "y"}}}),
        ("resource", {"minutes": 25}),
        ("resource", {"url": "javascript:alert(1)"}),
        ("check-in", {"asks": ["a", "b", "c", "d"]}),
        ("message", {"day": "soon"}),
    ],
)
def test_a_schema_refuses_a_wrong_value(name: str, wrong: dict[str, object]) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validator(name)({**SAMPLES[name].front, **wrong})


@pytest.mark.parametrize(
    ("name", "shape"),
    [*((name, sample.shape) for name, sample in SAMPLES.items()), ("programme", ProgrammeShape), ("roles", RolesShape)],
)
def test_every_field_of_a_programmes_files_says_what_it_is(name: str, shape: Any) -> None:
    schema = schemas()[f"{name}.schema.json"]
    groups = [schema, *schema.get("$defs", {}).values()]
    silent = [field for group in groups for field, says in group["properties"].items() if not says.get("description")]
    assert silent == []
    assert sum(len(group["properties"]) for group in groups) >= len({path[-2:] for path in list_fields(shape)}) / 2


def test_leaders_and_settings_say_what_each_of_their_keys_is() -> None:
    leaders = schemas()["leaders.schema.json"]["items"]["properties"]
    settings = schemas()["settings.schema.json"]["properties"]
    assert leaders.keys() == LeaderShape.model_fields.keys()
    assert settings.keys() == Settings.model_fields.keys() - set(ENVIRONMENT_ONLY)
    assert [key for key, says in {**leaders, **settings}.items() if not says.get("description")] == []


@pytest.mark.parametrize("path", [path for name in SHIPPED for path in SHIPPED[name] if path.suffix == ".yaml"])
def test_a_yaml_file_names_the_schema_it_is_written_by(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve().parent == FOLDER
    assert (path.parent / named).exists()
