"""JSON Schemas of what people write, made from the very shapes that check it, so that an editor can complete and warn.

`make schemas` (python -m config.json_schemas) writes them to config/schemas; a test holds that they are as they would
be made. They say no more than one file can tell by itself: `check` knows the rest.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from config.reading.fields import Check, refuse_null
from config.reading.item_shapes import CheckInShape, MessageShape, ResourceShape, TipShape
from config.reading.leader_rows import LeaderShape
from config.reading.programme_shapes import ProgrammeShape, RolesShape
from config.reading.settings_sources import ENVIRONMENT_ONLY
from config.settings import Settings

FOLDER = Path(__file__).parent / "schemas"
SETTINGS_PAGE = Path(__file__).parents[1] / "docs" / "settings.md"

_SETTING = re.compile(r"(?m)^\| `(?P<name>[a-z_]+)` \| `[A-Z0-9_]+` \| [^|]+ \| (?P<says>.+) \|$")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_SHAPES: Mapping[str, tuple[type[BaseModel], str]] = {
    "tip": (TipShape, "The fields of a tip"),
    "resource": (ResourceShape, "The fields of a resource"),
    "check-in": (CheckInShape, "The fields of a check-in"),
    "message": (MessageShape, "The fields of a message"),
    "programme": (ProgrammeShape, "programme.yaml"),
    "roles": (RolesShape, "roles.yaml"),
}


class _Generator(GenerateJsonSchema):
    """pydantic's own, but that a check says what it takes itself, and that a key left empty is no value."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        function: object = schema["function"]["function"]
        if isinstance(function, Check):
            return dict(cast("Check[object]", function).schema)
        inner = super().function_before_schema(schema)
        if function is refuse_null:
            (given,) = (one for one in inner["anyOf"] if one != {"type": "null"})
            return given
        return inner

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", ...) in (None, {}):
            del made["default"]  # nothing that could be written
        return made


def make_schemas(settings_page: str) -> dict[str, dict[str, Any]]:
    """File name → schema. What settings mean is taken from the page that documents them."""
    made = {name: _make(shape, title) for name, (shape, title) in _SHAPES.items()}
    leader = make_leader_schema()
    definitions = leader.pop("$defs", None)
    made["leaders"] = {"title": "leaders.yaml", "type": ["array", "null"], "items": leader}
    made["leaders"] |= {"$defs": definitions} if definitions else {}
    made["settings"] = _make_settings(settings_page)
    return {
        f"{name}.schema.json": {"$schema": "http://json-schema.org/draft-07/schema#", **schema}
        for name, schema in made.items()
    }


def make_leader_schema() -> dict[str, Any]:
    """The schema of one leader."""
    return _make(LeaderShape, "One leader")


def _make(shape: type[BaseModel], title: str) -> dict[str, Any]:
    schema = shape.model_json_schema(schema_generator=_Generator)
    schema.pop("description", None)  # the shape's docstring is for those who programme
    for one in (schema, *schema.get("$defs", {}).values()):
        one.pop("title", None)
        one.pop("description", None)
        for field in one.get("properties", {}).values():
            field.pop("title", None)
    return {"title": title, **schema}


def _make_settings(page: str) -> dict[str, Any]:
    schema = _make(Settings, "settings.yaml")
    says = {found["name"]: _LINK.sub(r"\1", found["says"]).replace("`", "") for found in _SETTING.finditer(page)}
    fields = cast("dict[str, dict[str, Any]]", schema["properties"])
    schema["properties"] = {
        name: {**field, "description": says[name]} for name, field in fields.items() if name not in ENVIRONMENT_ONLY
    }
    schema["type"] = ["object", "null"]
    return schema


def write_schemas(folder: Path = FOLDER) -> None:
    """Every schema into its file, and no other file left beside them."""
    folder.mkdir(exist_ok=True)
    made = make_schemas(SETTINGS_PAGE.read_text(encoding="utf-8"))
    for old in folder.glob("*.json"):
        old.unlink()
    for name, schema in made.items():
        (folder / name).write_text(write_schema(schema), encoding="utf-8")


def write_schema(schema: Mapping[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    write_schemas()
