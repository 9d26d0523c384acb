"""Values held against a shape: pydantic checks, and each of its complaints becomes a problem in plain words."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from config.problems import Problem
from config.reading.fields import ERROR_TYPE
from config.reading.passage import Key, Passage
from config.reading.wording import kind_of, show, suggest


class Shape(BaseModel):
    """What a group of keys and values in a config file looks like: no key but these."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


S = TypeVar("S", bound=BaseModel)

_LIST_ERRORS = ("tuple_type", "list_type", "iterable_type")
_GROUP_ERRORS = ("model_type", "model_attributes_type", "dict_type", "mapping_type")


def check_shape(
    shape: type[S], value: object, passage: Passage, *, named_already: Collection[str] = ()
) -> tuple[S | None, list[Problem]]:
    """The value in that shape, or None with every reason why it does not fit.

    `named_already`: required keys whose absence another problem tells of.
    """
    try:
        return shape.model_validate(value), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        untold = [one for one in details if not (one["type"] == "missing" and one["loc"][-1] in named_already)]
        return None, [explain_error(detail, shape, passage) for detail in untold]


def explain_error(detail: ErrorDetails, shape: type[BaseModel], passage: Passage) -> Problem:
    """One of pydantic's complaints as a problem of the passage."""
    keys: tuple[Key, ...] = detail["loc"]
    name = next((key for key in reversed(keys) if isinstance(key, str)), "")
    match detail["type"]:
        case "extra_forbidden":
            words = f"{show(name)} is not a key known here; {suggest(name, _known_keys(shape, keys[:-1]))}"
            return passage.problem_at(passage.at_key(*keys), words)
        case "missing":
            words = "is missing; add it here"
        case kind if kind == ERROR_TYPE:
            words = str(detail.get("ctx", {}).get("words"))
        case kind if kind in _LIST_ERRORS:
            words = f"should be a list and is {kind_of(detail['input'])}; write it like {_as_list(detail['input'])}"
        case kind if kind in _GROUP_ERRORS:
            words = f"should be keys with values and is {kind_of(detail['input'])}; write 'key: value' lines"
        case _:
            words = f"cannot be {kind_of(detail['input'])}; compare it with the example"
    return passage.problem(name_key(name, words), *keys)


def name_key(name: str, words: str) -> str:
    """The words about a key's value, with the key before them."""
    joint = " " if words.startswith(("is ", "has ", "should ", "holds ", "cannot ")) else ": "
    return f"{name}{joint}{words}" if name else f"this {words}"


def _as_list(value: object) -> str:
    return f"[{show(value)[1:-1]}]" if isinstance(value, str | int) and str(value).strip() else "[one, two]"


def _known_keys(shape: type[BaseModel], keys: Sequence[Key]) -> tuple[str, ...]:
    """The keys that may stand below these ones."""
    annotation: Any = shape
    for key in keys:
        model = _model_in(annotation)
        mapping = _mapping_in(annotation)
        if isinstance(key, int):
            continue  # a list's places all have the same shape, which _model_in finds
        if mapping is not None:
            annotation = mapping
        elif model is not None:
            fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
            annotation = fields.get(key)
    model = _model_in(annotation)
    return tuple(field.alias or name for name, field in model.model_fields.items()) if model is not None else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)


def _mapping_in(annotation: Any) -> Any:
    """What a mapping's values are, or None where the annotation is no mapping."""
    if isinstance(get_origin(annotation), type) and issubclass(cast("type", get_origin(annotation)), Mapping):
        return get_args(annotation)[1]
    return next((found for part in get_args(annotation) if (found := _mapping_in(part)) is not None), None)
