"""How a roster's entry differs from what is kept: pure, in fields and in words for HR."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

from models.changes import Effect
from models.domain import Leader, RosterEntry, Span

What = Literal["enrolled", "returned", "moved", "role_changed", "withdrawn", "paused", "resumed", "updated", "held"]
Fields = Mapping[str, Any]
Difference = Mapping[str, tuple[Any, Any]]  # field → before, after

_WORDS = {
    "key": "identity",
    "email": "address",
    "time_zone": "time zone",
    "working_days": "working days",
    "send_at": "time of sending",
    "away": "away",
    "assistant_reads": "read by an assistant",
    "skip": "skipped items",
    "source": "kept in",
}
_NO_PLAN_KNOWS = {"key", "name", "organisation", "cohort", "source"}  # their change leaves every plan as it was
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Step:
    """One change of an enrolment: what, in words, which fields, and what it means for mail that has not left."""

    what: What
    detail: str
    fields: Difference
    effect: Effect


def leader_fields(leader: Leader, *, source: str) -> dict[str, Any]:
    """A leader as columns."""
    return {
        "key": leader.key,
        "email": leader.email,
        "name": leader.name,
        "organisation": leader.organisation,
        "time_zone": leader.time_zone,
        "holidays": leader.holidays,
        "working_days": sorted(set(leader.working_days)),
        "send_at": f"{leader.send_at:%H:%M}",
        "away": [_span(span) for span in sorted(leader.away, key=lambda span: (span.first, span.last or date.max))],
        "assistant_reads": leader.assistant_reads,
        "source": source,
    }


def _span(span: Span) -> list[str | None]:
    return [span.first.isoformat(), None if span.last is None else span.last.isoformat()]


def enrolment_fields(entry: RosterEntry, *, source: str) -> dict[str, Any]:
    """An entry's enrolment as columns. Without a cohort it belongs to the month of its start date."""
    return {
        "role": entry.role,
        "start_date": entry.start_date,
        "cohort": entry.cohort or f"{entry.start_date:%Y-%m}",
        "pace": entry.pace,
        "skip": sorted(set(entry.skip)),
        "config_status": entry.status,
        "held_at": None,
        "source": source,
    }


def find_difference(row: object, wanted: Fields) -> dict[str, tuple[Any, Any]]:
    """The fields in which a row is not as wanted."""
    return {name: (before, after) for name, after in wanted.items() if (before := getattr(row, name)) != after}


def explain_difference(
    enrolment: Difference, leader: Difference, entry: RosterEntry, *, replaces: bool = False
) -> Iterator[Step]:
    """The steps from what is kept to the entry, in the order in which they are told.

    `replaces`: the entry was enrolled afresh before it was known to be this leader's.
    """
    rest = {**leader, **enrolment}
    unwithdrawn = enrolment.get("config_status") == ("withdrawn", "active")
    if "held_at" in rest or unwithdrawn:
        words = [f"the row is back, it was missing since {rest['held_at'][0]:%Y-%m-%d}"] if "held_at" in rest else []
        words += ["no longer withdrawn"] if unwithdrawn else []
        words += ["its history replaces the enrolment made since"] if replaces else []
        fields = _take(rest, "held_at", *(["config_status"] if unwithdrawn else []))
        yield Step("returned", "; ".join(words), fields, "replan")
    if "start_date" in rest:
        before, after = rest["start_date"]
        fields = _take(rest, "start_date", *(["cohort"] if entry.cohort is None else []))
        yield Step("moved", _say_move(before, after), fields, "cancel")
    if "role" in rest:
        before, after = rest["role"]
        yield Step("role_changed", f"role changed from {before} to {after}", _take(rest, "role"), "cancel")
    if "config_status" in rest:
        yield _explain_status(_take(rest, "config_status"))
    if rest:
        detail = "; ".join(_say_field(name, *pair) for name, pair in rest.items())
        yield Step("updated", detail, rest, _effect_of(rest))


def _take(rest: dict[str, tuple[Any, Any]], *names: str) -> Difference:
    return {name: rest.pop(name) for name in names if name in rest}


def _effect_of(fields: Difference) -> Effect:
    if "email" in fields:
        return "cancel"  # what was tried in vain is bound to the old address
    return "keep" if fields.keys() <= _NO_PLAN_KNOWS else "replan"


def _explain_status(fields: Difference) -> Step:
    match fields["config_status"][1]:
        case "withdrawn":
            return Step("withdrawn", "withdrawn: nothing more is sent", fields, "cancel")
        case "paused":
            return Step("paused", "paused: the count of days stands still until status is active", fields, "cancel")
        case _:
            return Step("resumed", "active again: the count of days goes on", fields, "replan")


# ---------------------------------------------------------------- words


def _say_move(before: date, after: date) -> str:
    days = (after - before).days
    count = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"start date moved from {before} to {after}, {count} {'later' if days > 0 else 'earlier'}"


def _say_field(name: str, before: Any, after: Any) -> str:
    return f"{_WORDS.get(name, name)}: {_say(name, before)} → {_say(name, after)}"


def _say(name: str, value: Any) -> str:
    match name:
        case "pace":
            return str(value or "the role's own")
        case "working_days":
            return ", ".join(_DAYS[day] for day in cast(list[int], value))
        case "away":
            return ", ".join(f"{first}..{last or ''}" for first, last in cast(list[list[str]], value)) or "never"
        case "skip":
            return ", ".join(cast(list[str], value)) or "none"
        case "assistant_reads":
            return "yes" if value else "no"
        case _:
            return str(value)


def for_audit(fields: Difference) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields before and after, as the audit keeps them."""
    before = {name: _plain(pair[0]) for name, pair in fields.items()}
    return before, {name: _plain(pair[1]) for name, pair in fields.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # an instant is a date, too
