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
    id: Slug = Field(description="Its id: small letters, digits and hyphens.")
    name: _Title = Field(description="Its name, as leaders read it.")
    purpose: _Prose = Field(description="What it is for.")


class SkillSetShape(Shape):
    id: Slug = Field(description="Its id: small letters, digits and hyphens.")
    name: _Title = Field(description="Its name, as leaders read it.")
    description: _Prose = Field(description="What somebody does who has it.")


class PaceShape(Shape):
    in_any_seven_days: Annotated[int, BeforeValidator(whole(1, 7))] = Field(description="So many mails at most.")
    gap_days: Annotated[int, BeforeValidator(whole(1, 14))] = Field(description="Two mails lie so far apart at least.")
    prompts: Annotated[int, BeforeValidator(whole(0, 5))] = Field(description="So many questions in a mail at most.")
    ask_below: Annotated[float, BeforeValidator(_probability)] | None = Field(
        default=None,
        description="Below this probability of recall a mail of questions alone goes out on a free day; null: never.",
    )


class ProgrammeShape(Shape):
    name: _Title = Field(description="The programme's name, as leaders read it.")
    themes: tuple[ThemeShape, ...] = Field(description="What it is about: one theme at least.")
    skill_sets: tuple[SkillSetShape, ...] = Field(description="What its items teach.")
    paces: Mapping[str, PaceShape] = Field(
        default={}, description="Paces of its own, or other figures for light, standard and full."
    )
    first_day: Annotated[int, BeforeValidator(whole(-100, 0))] = Field(
        default=-28, description="Nothing goes out before this day; the start date is day 0."
    )
    last_day: Annotated[int, BeforeValidator(whole(1, 366))] = Field(
        default=100, description="Nothing goes out after this day, but for the closing summary."
    )
    closing_last_day: Given[_Day] = Field(
        default=None, description="As late as the closing summary may come; else three days after last_day."
    )
    tips_by_day: _Day = Field(default=70, description="By this day every tip has come.")
    resources_by_day: _Day = Field(default=95, description="By this day every resource has come.")
    late_grace_days: Annotated[int, BeforeValidator(whole(0, 366))] = Field(
        default=28, description="After a late enrolment every window stays open so long."
    )
    open_tracking: Annotated[Tracking, BeforeValidator(one_of("off", "ask", "on"))] = Field(
        default="ask", description="Whether opens and clicks are seen: of nobody, of those who agreed, of everybody."
    )


class RoleShape(Shape):
    id: Slug = Field(description="Its id, as leaders' rows name it.")
    name: _Title = Field(description="Its name, as leaders read it.")
    pace: _Word = Field(description="light, standard, full, or a pace of programme.yaml.")
    sequence: _Word = Field(description="The sequence that it takes; several roles may share one.")


class StepShape(Shape):
    day: _Day = Field(description="The day aimed at, counted from the start date (day 0).")
    item: _Word = Field(description="The id of what comes: the name of its file.")
    why: _Note = Field(description="Why it stands here, as HR reads it in the plan.")
    riders: tuple[_Word, ...] = Field(default=(), alias="with", description="The ids of what comes in the same mail.")


class SequenceShape(Shape):
    items: tuple[StepShape, ...] = Field(description="What comes, in order.")
    optional: tuple[_Word, ...] = Field(default=(), description="The ids of what is never sent by itself.")


class RolesShape(Shape):
    roles: tuple[RoleShape, ...] = Field(description="The kinds of leaders.")
    sequences: Mapping[str, SequenceShape] = Field(description="Name → what a role meets, and in which order.")
