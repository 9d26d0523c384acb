"""One leader as HR writes it: the keys of a row, and rows read from a YAML file."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field

from config.problems import Problem
from config.reading.address_fields import Address
from config.reading.calendar_fields import ClockTime, Holidays, TimeZone, WorkingDays
from config.reading.date_fields import DaysAway, IsoDate
from config.reading.fields import Given, YesNo, one_line, one_of, wrong
from config.reading.passage import Passage
from config.reading.positions import read_yaml
from config.reading.shapes import Shape
from config.reading.text import MEBIBYTE, read_text
from config.reading.wording import kind_of, show

LEADERS_LIMIT_BYTES = 8 * MEBIBYTE
_IDENTITY = re.compile(r"[^\s-]\S{0,63}")


def _check_identity(text: str) -> str:
    if not _IDENTITY.fullmatch(text):
        raise wrong(f"{show(text)} cannot be an id; use up to 64 letters and digits without spaces, like ESR-10442")
    return text


def _check_not_empty(values: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if values == ():
        raise wrong("is an empty list; name at least one, or delete the line")
    return values


_Word = Annotated[str, BeforeValidator(one_line(80))]
_Status = Annotated[Literal["active", "paused", "withdrawn"], BeforeValidator(one_of("active", "paused", "withdrawn"))]


class LeaderShape(Shape):
    """The keys of one leader; None where the setting or the role decides."""

    name: Annotated[str, BeforeValidator(one_line(120))] = Field(description="First name first.")
    email: Address = Field(description="Where the mail goes.")
    role: _Word = Field(description="The id of a role of the programme.")
    organisation: Annotated[str, BeforeValidator(one_line(160))] = Field(description="As it calls itself.")
    start_date: IsoDate = Field(description="The first day in post: year-month-day.")
    id: Given[Annotated[str, BeforeValidator(one_line(80, numbers=True)), AfterValidator(_check_identity)]] = Field(
        default=None, description="A staff number; without it the address says who this is."
    )
    formerly: tuple[Address, ...] = Field(default=(), description="Earlier addresses: their history comes along.")
    programmes: Annotated[Given[tuple[_Word, ...]], AfterValidator(_check_not_empty)] = Field(
        default=None, description="The programmes taken; else the first of the settings."
    )
    cohort: Given[Annotated[str, BeforeValidator(one_line(80, numbers=True))]] = Field(
        default=None, description="For reports; else the month of the start date."
    )
    time_zone: Given[TimeZone] = Field(default=None, description="Like Europe/London; else the setting.")
    holidays: Given[Holidays] = Field(default=None, description="Public holidays: GB-ENG, GB-WLS, …; else the setting.")
    working_days: Given[WorkingDays] = Field(default=None, description="Mail comes on these days; else the setting.")
    send_at: Given[ClockTime] = Field(default=None, description="The local time of mail; else the setting.")
    pace: Given[_Word] = Field(default=None, description="light, standard or full; else the role's.")
    skip: tuple[_Word, ...] = Field(default=(), description="The ids of items that this leader shall not get.")
    away: tuple[DaysAway, ...] = Field(default=(), description="Days without mail; the count of days runs on.")
    assistant_reads: YesNo = Field(default=False, description="true: somebody else opens this leader's mail.")
    status: _Status = Field(default="active", description="paused or withdrawn stops the mail.")


LEADER_KEYS = tuple(LeaderShape.model_fields)
REQUIRED_KEYS = tuple(key for key, field in LeaderShape.model_fields.items() if field.is_required())


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a file says about one leader, unchecked. `named_already`: required keys its whole file has not got."""

    value: object
    passage: Passage
    named_already: tuple[str, ...] = ()

    def read(self, key: str) -> object:
        """The value of a key, or None."""
        value = self.value
        return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None


def read_yaml_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    """The rows of a leaders.yaml. Raises ConfigError where the file cannot be read at all."""
    return parse_yaml_rows(read_text(path, limit_bytes=LEADERS_LIMIT_BYTES), path=path)


def parse_yaml_rows(text: str, *, path: Path) -> tuple[list[Row], list[Problem]]:
    """The rows in the text of a leaders.yaml. Raises ConfigError where it cannot be read at all."""
    document = read_yaml(text, path=str(path))
    problems = list(document.problems)
    value = document.value
    if value is None:  # nothing but comments
        return [], problems
    if isinstance(value, list):
        values = cast("list[object]", value)
        return [Row(value=one, passage=document.passage.under(i)) for i, one in enumerate(values)], problems
    if isinstance(value, dict):
        words = "the leaders should be a list; start each of them with '- ' and indent the lines below it"
    else:
        words = f"the leaders should be a list and this is {kind_of(value)}; start each of them with '- name: '"
    return [], [*problems, document.passage.problem(words)]
