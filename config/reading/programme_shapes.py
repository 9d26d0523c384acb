"""The keys of programme.yaml and roles.yaml."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from config.reading.fields import Given, Slug, described, one_line, one_of, prose, whole, wrong
from config.reading.shapes import Shape
from models.domain import Tracking

_Word = Annotated[str, BeforeValidator(one_line(80))]
_Title = Annotated[str, BeforeValidator(one_line(160))]
_Note = Annotated[str, BeforeValidator(one_line(300))]
_Prose = Annotated[str, BeforeValidator(prose(2000))]
_Day = Annotated[int, BeforeValidator(whole(-100, 400))]


@described(type="number", exclusiveMinimum=0, exclusiveMaximum=1)
def _probability(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
        raise wrong("should be a number between 0 and 1, or null for none; write it like 0.85")
    return float(value)


class ThemeShape(Shape):
    id: Slug
    name: _Title
    purpose: _Prose


class SkillSetShape(Shape):
    id: Slug
    name: _Title
    description: _Prose


class PaceShape(Shape):
    in_any_seven_days: Annotated[int, BeforeValidator(whole(1, 7))]
    gap_days: Annotated[int, BeforeValidator(whole(1, 14))]
    prompts: Annotated[int, BeforeValidator(whole(0, 5))]
    ask_below: Annotated[float, BeforeValidator(_probability)] | None = None


class ProgrammeShape(Shape):
    name: _Title
    themes: tuple[ThemeShape, ...]
    skill_sets: tuple[SkillSetShape, ...]
    paces: Mapping[str, PaceShape] = {}
    first_day: Annotated[int, BeforeValidator(whole(-100, 0))] = -28
    last_day: Annotated[int, BeforeValidator(whole(1, 366))] = 100
    closing_last_day: Given[_Day] = None
    tips_by_day: _Day = 70
    resources_by_day: _Day = 95
    late_grace_days: Annotated[int, BeforeValidator(whole(0, 366))] = 28
    open_tracking: Annotated[Tracking, BeforeValidator(one_of("off", "ask", "on"))] = "ask"


class RoleShape(Shape):
    id: Slug
    name: _Title
    pace: _Word
    sequence: _Word


class StepShape(Shape):
    day: _Day
    item: _Word
    why: _Note
    riders: tuple[_Word, ...] = Field(default=(), alias="with")


class SequenceShape(Shape):
    items: tuple[StepShape, ...]
    optional: tuple[_Word, ...] = ()


class RolesShape(Shape):
    roles: tuple[RoleShape, ...]
    sequences: Mapping[str, SequenceShape]
