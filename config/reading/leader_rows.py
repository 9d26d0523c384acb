"""One leader as HR writes it: the keys of a row, and rows read from a YAML file."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BeforeValidator

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

    name: Annotated[str, BeforeValidator(one_line(120))]
    email: Address
    role: _Word
    organisation: Annotated[str, BeforeValidator(one_line(160))]
    start_date: IsoDate
    id: Given[Annotated[str, BeforeValidator(one_line(80, numbers=True)), AfterValidator(_check_identity)]] = None
    formerly: tuple[Address, ...] = ()
    programmes: Annotated[Given[tuple[_Word, ...]], AfterValidator(_check_not_empty)] = None
    cohort: Given[Annotated[str, BeforeValidator(one_line(80, numbers=True))]] = None
    time_zone: Given[TimeZone] = None
    holidays: Given[Holidays] = None
    working_days: Given[WorkingDays] = None
    send_at: Given[ClockTime] = None
    pace: Given[_Word] = None
    skip: tuple[_Word, ...] = ()
    away: tuple[DaysAway, ...] = ()
    assistant_reads: YesNo = False
    status: _Status = "active"


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
    document = read_yaml(read_text(path, limit_bytes=LEADERS_LIMIT_BYTES), path=str(path))
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
