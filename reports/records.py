"""A report's value as plain records for spreadsheets: named columns, and a row of bare values for each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from sqlalchemy.orm import Session

from reports.report import Muted, Report, ReportContext, Share, Suppressed

Field = str | int | float | date | datetime | None
HIDDEN = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """`rows` may be read once: they may come straight from the store."""

    title: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[Field, ...]]


def read_records(report: Report[Any], session: Session, context: ReportContext) -> Records:
    """A report read for a spreadsheet, streamed where it can be."""
    if report.stream is not None:
        (row,) = get_args(get_type_hints(report.stream)["return"])
        rows = (_flatten(each) for each in report.stream(session, context))
        return Records(title=report.name, columns=tuple(_name_columns(row)), rows=rows)
    return build_records(report, report.read(session, context))


def build_records(report: Report[Any], value: object) -> Records:
    """The rows of a value, a column for each of their fields; without rows, its sheet."""
    row = _find_row(type(value))
    if row is not None:
        found = cast(Iterable[object], cast(Any, value).rows)
        return Records(title=report.name, columns=tuple(_name_columns(row)), rows=(_flatten(each) for each in found))
    sheet = report.lay_out(value)
    columns = tuple(column.title for column in sheet.columns)
    return Records(title=report.name, columns=columns, rows=(tuple(map(_bare, cells)) for cells in sheet.rows))


def _find_row(value: type) -> type | None:
    """The row type of a value's `rows`; None where it has none."""
    hint = get_type_hints(value).get("rows")
    return None if hint is None else get_args(hint)[0]


def _name_columns(row: type) -> Iterator[str]:
    for name, hint in get_type_hints(row).items():
        keys = _keys_of(hint)
        yield from ([f"{name}.{key}" for key in keys] if keys else [name])


def _keys_of(hint: Any) -> tuple[str, ...]:
    """The names in a mapping of a fixed few; none for anything else."""
    if get_origin(hint) is not Mapping:
        return ()
    key = get_args(hint)[0]
    return get_args(key) if get_origin(key) is Literal else ()


def _flatten(row: object) -> tuple[Field, ...]:
    flat: list[Field] = []
    for name, hint in get_type_hints(type(row)).items():
        value = cast(object, getattr(row, name))
        keys = _keys_of(hint)
        flat += [cast(Mapping[str, int], value)[key] for key in keys] if keys else [_bare(value)]
    return tuple(flat)


def _bare(value: object) -> Field:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, str | int | float | date):
        return value
    if isinstance(value, Suppressed):
        return HIDDEN
    if isinstance(value, Muted):
        return value.text
    if isinstance(value, Share):
        return value.value
    return "; ".join(_say(part) for part in cast(Iterable[object], value))


def _say(part: object) -> str:
    if is_dataclass(part):
        told = (cast(object, getattr(part, field.name)) for field in fields(part))
        return " ".join(str(one) for one in told if one is not None)
    return str(part)
