"""What a report is: a value read from the store, a JSON document by its fields, and a sheet for people to look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Generic, Literal, TypeVar

from sqlalchemy.orm import Session

from models.domain import Programme, Tracking

Value = TypeVar("Value")
Asked = Literal["email", "month"]


class ReportError(ValueError):
    """A report cannot be given for what was asked. Its text is what the user reads."""


class Suppressed(Enum):
    """A figure that too few people stand behind to be shown."""

    FIGURE = "suppressed"


SUPPRESSED = Suppressed.FIGURE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """What a report needs beside the store."""

    programmes: Mapping[str, Programme]
    tracking: Mapping[str, Tracking]  # the setting in force, by programme
    small_group: int  # answers of fewer people than this are not shown
    now: datetime
    problems: tuple[str, ...] = ()  # of the installation as a whole, such as of its config: a line each
    answers_visible: bool = False  # how one person answered may be shown, as the setting says
    email: str | None = None  # of the leader whom a report on one person is about
    month: date | None = None  # its first day, for a report on a month


@dataclass(frozen=True, slots=True)
class Muted:
    """Words in place of a figure that there is not: "not tracked"."""

    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1, shown in per cent."""

    value: float

    def __str__(self) -> str:
        return f"{self.value:.0%}"


Cell = str | int | Share | Muted


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of a sheet's own rows: a bar for each, or a line for each of the columns `shows` from row to row.

    Columns are given by their titles. `label` names a row.
    """

    kind: Literal["bars", "lines"]
    label: str
    shows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A report laid out for people: one table, lines to read with it, and more tables below where one is not enough."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    more: tuple["Sheet", ...] = ()
    chart: Chart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Generic[Value]):
    """`read` gives a frozen dataclass whose fields are the keys of the JSON document; `lay_out` its sheet.

    `read` raises ReportError. `asks`: what of the context must be given. `stream`: the rows of the value, of which no
    more are in memory than are worked on.
    """

    name: str
    summary: str  # in one line, for help
    read: Callable[[Session, ReportContext], Value]
    lay_out: Callable[[Value], Sheet]
    asks: Asked | None = None
    stream: Callable[[Session, ReportContext], Iterator[object]] | None = None
