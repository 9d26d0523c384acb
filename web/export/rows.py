"""One person's data for programs: every row of every table about them, as JSON. docs/export.md names each key."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any, cast

from models.domain import RosterEntry

FORMAT = "first100 export 1"


def build_document(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    entries: Iterable[RosterEntry],
    *,
    names: Iterable[str],
    now: datetime,
) -> dict[str, Any]:
    """The document of one person: `rows` by table, and what the leaders' files say. Fit for json.dumps."""
    return {
        "format": FORMAT,
        "made_at": _plain(now),
        "known_as": sorted(names),
        "tables": {table: [_plain(dict(row)) for row in found] for table, found in rows.items()},
        "roster": [_plain(asdict(entry)) for entry in entries],
    }


def _plain(value: object) -> object:
    """A value as JSON has it: instants in UTC with Z, dates and times in ISO form, bytes in base64."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Iterable):
        return [_plain(part) for part in cast("Iterable[object]", value)]
    raise TypeError(f"nobody knows how to write a {type(value).__name__} as JSON")
