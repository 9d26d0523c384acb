"""An enrolment as the API shows it: the keys of a row of leaders.yaml, and what the service adds to them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast

from pydantic import BaseModel, Field

from config.json_schemas import make_leader_schema
from config.reading.calendar_fields import WEEKDAYS
from models.store import is_withdrawn
from models.tables import EnrolmentRow, LeaderRow
from web.api.problems import FieldNote


class EnrolmentRead(BaseModel):
    """A leader taking a programme."""

    enrolment: int = Field(description="The number by which it is asked for.")
    source: str = Field(description="`api`, or the file that speaks of it: only the former can be changed here.")
    stopped: Literal["held", "withdrawn"] | None = Field(
        description="Why nothing is sent: held back here or missing from its file; withdrawn, or left by the leader."
    )
    enrolled_on: date
    name: str
    email: str
    id: str | None = Field(description="The staff number; null where the address says who this is.")
    organisation: str
    programme: str
    role: str
    start_date: date
    cohort: str
    status: Literal["active", "paused", "withdrawn"] = Field(description="What was asked for.")
    pace: str | None = Field(description="null: that of the role.")
    skip: list[str]
    away: list[str]
    time_zone: str
    holidays: str
    working_days: list[str]
    send_at: str
    assistant_reads: bool
    warnings: list[FieldNote] = Field(default=[], description="What is doubtful; only after a change.")


class EnrolmentPage(BaseModel):
    """Some of the enrolments, by their numbers."""

    enrolments: list[EnrolmentRead]
    next: str | None = Field(description="The `cursor` of the next page; null at the end.")


def show_enrolment(row: EnrolmentRow, leader: LeaderRow, *, warnings: list[FieldNote] | None = None) -> EnrolmentRead:
    """The enrolment as its source says it should be; what the leader chose is not for others to see here."""
    return EnrolmentRead(
        enrolment=row.id,
        source=row.source,
        stopped="withdrawn" if is_withdrawn(row) else "held" if row.held_at is not None else None,
        enrolled_on=row.enrolled_on,
        name=leader.name,
        email=leader.email,
        id=_find_id(leader),
        organisation=leader.organisation,
        programme=row.programme,
        role=row.role,
        start_date=row.start_date,
        cohort=row.cohort,
        status=cast(Any, row.config_status),
        pace=row.pace,
        skip=row.skip,
        away=[first if last in (None, first) else f"{first}..{last}" for first, last in leader.away],
        time_zone=leader.time_zone,
        holidays=leader.holidays,
        working_days=[WEEKDAYS[day] for day in leader.working_days],
        send_at=leader.send_at,
        assistant_reads=leader.assistant_reads,
        warnings=warnings or [],
    )


def _find_id(leader: LeaderRow) -> str | None:
    return None if leader.key == leader.email else leader.key


def write_row(shown: EnrolmentRead) -> dict[str, object]:
    """The document that would enrol like this; a cohort that follows the start date goes on following it."""
    document = shown.model_dump(
        mode="json", exclude={"enrolment", "source", "stopped", "enrolled_on", "warnings"}, exclude_none=True
    )
    if shown.cohort == f"{shown.start_date:%Y-%m}":
        del document["cohort"]
    return document


# ---------------------------------------------------------------- what may be sent


def translate(document: Mapping[str, object]) -> dict[str, object]:
    """The document with the keys of a row: an enrolment takes one programme, and a row names several."""
    return {
        "programmes" if key == "programme" else key: [value] if key == "programme" else value
        for key, value in document.items()
    }


def describe_row(*, change: bool) -> dict[str, Any]:
    """The JSON Schema of what is sent to enrol, or to change an enrolment: then all is optional, and null clears."""
    schema = make_leader_schema()
    fields: dict[str, Any] = schema["properties"]
    del fields["programmes"]
    fields["programme"] = {"type": "string", "description": "The programme taken; else the first of the settings."}
    if change:
        schema["properties"] = {name: {"anyOf": [field, {"type": "null"}]} for name, field in fields.items()}
        del schema["required"]
    return {**schema, "title": "Change" if change else "Row"}
