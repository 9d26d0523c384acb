"""A leader's plan for programs: what was sent and what is to come, in one list, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from models.domain import Enrolment, ItemKind, PlacedAs, Plan, QuestionKind
from models.store import SentMail

ASSUMES = (
    "What is to come is laid out as if no question were answered and no opening seen from now on. Each mail is decided "
    "again on its day: answers change which questions come, and when a mail of questions alone does. Tips, resources "
    "and check-ins choose their dates first, so answers hardly move them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    item: str
    kind: ItemKind
    placed: PlacedAs
    question: QuestionKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One nudge, sent or to come."""

    day: int
    slot: datetime
    state: str
    items: tuple[PlanItem, ...]
    why: str


def lay_out(sent: Sequence[SentMail], ahead: Plan) -> list[PlanLine]:
    """The past and the plan in one list, in order of time."""
    past = [
        PlanLine(
            day=mail.day,
            slot=mail.slot,
            state=mail.state,
            items=tuple(PlanItem(item=i.item, kind=i.kind, placed=i.placed, question=i.question) for i in mail.items),
            why=mail.why,
        )
        for mail in sent
    ]
    coming = [
        PlanLine(
            day=nudge.day,
            slot=nudge.slot,
            state="planned",
            items=tuple(PlanItem(item=i.item, kind=i.kind, placed=i.placed, question=i.question) for i in nudge.items),
            why=nudge.why,
        )
        for nudge in ahead.nudges
    ]
    return past + coming


def build_plan_document(enrolment: Enrolment, ahead: Plan, lines: Sequence[PlanLine]) -> dict[str, object]:
    """The document of `plan --json`."""
    zone = enrolment.leader.time_zone
    return {
        "leader": enrolment.leader.email,
        "programme": enrolment.programme,
        "role": enrolment.role,
        "start_date": enrolment.start_date.isoformat(),
        "nudges": [
            {
                "day": line.day,
                "slot": write_instant(line.slot),
                "local": write_local(line.slot, zone),
                "state": line.state,
                "items": [
                    {"item": item.item, "kind": item.kind, "as": item.placed, "question": item.question}
                    for item in line.items
                ],
                "why": line.why,
            }
            for line in lines
        ],
        "assumes": ASSUMES,
        "not_coming": [{"item": unplaced.item, "why": unplaced.why} for unplaced in ahead.unplaced],
    }


def write_instant(instant: datetime) -> str:
    """ISO 8601 in UTC with Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_local(instant: datetime, zone: str) -> str:
    """The local time in words, with its zone: Mon 11 Jan 2027 08:30 GMT."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %d %b %Y %H:%M %Z")
