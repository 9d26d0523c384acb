"""Leaders, mails and hits put into a database for reports to read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from models.domain import Enrolment, ItemKind, PlacedAs, Programme, QuestionKind, Role, Step
from models.tables import AttemptRow, ConsentRow, EventRow, MailItemRow, MailRow
from reports.report import ReportContext
from tests.builders import (
    at,
    build_enrolment,
    build_leader,
    build_message,
    build_programme,
    build_resource,
    build_tip,
    keep_enrolment,
)

NOW = at("2027-02-08 12:00")  # a Monday, day 28 of who started on 11 January
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0"
PRIVACY_PROXY = "Mozilla/5.0"
Line = tuple[str, ItemKind, PlacedAs, QuestionKind | None]


def tip(item: str) -> Line:
    return item, "tip", "new", None


def resource(item: str, placed: PlacedAs = "new") -> Line:
    return item, "resource", placed, None


def prompt(item: str, kind: ItemKind = "tip") -> Line:
    return item, kind, "prompt", "recall"


def check_in(day: int) -> Line:
    return f"check-in-{day}", "check-in", "check-in", None


def message(item: str) -> Line:
    return item, "message", "message", None


def programme_of_four() -> Programme:
    """The tips `ask-early` and `be-open`, the resource `case` with a nudge of its own, `digest` riding on `be-open`."""
    items = (
        build_tip("ask-early"),
        build_tip("be-open"),
        build_resource("case"),
        build_resource("digest", url=None),
        build_message("welcome", -21),
    )
    steps = (
        Step(item="welcome", day=-21, why="First."),
        Step(item="ask-early", day=1, why="Early."),
        Step(item="be-open", day=8, why="Next.", riders=("digest",)),
        Step(item="case", day=15, why="Then."),
    )
    role = Role(id="director", name="Director", pace="standard", steps=steps)
    return replace(build_programme(items=items), roles={"director": role})


def build_context(**fields: Any) -> ReportContext:
    fields = {
        "programmes": {"first-100-days": programme_of_four()},
        "tracking": {"first-100-days": "ask"},
        "small_group": 5,
        "now": NOW,
        "month": date(2027, 1, 1),
        **fields,
    }
    return ReportContext(**fields)


def enrol(session: Session, name: str = "sam.sample", *, agrees: bool = False, **fields: Any) -> Enrolment:
    """A leader known by the first half of an address, enrolled; with `agrees`, to tracking."""
    email = f"{name}@example.org"
    own = {field: fields.pop(field) for field in ("time_zone", "assistant_reads") if field in fields}
    leader = build_leader(key=email, email=email, name=name.replace(".", " ").title(), **own)
    enrolment = keep_enrolment(session, build_enrolment(leader=leader, **fields))
    if agrees:
        agree(session, enrolment)
    return enrolment


def agree(session: Session, enrolment: Enrolment, *, tracking: bool = True) -> None:
    """The leader's word on tracking. Leaders and enrolments are numbered alike here."""
    session.add(ConsentRow(leader_id=enrolment.id, at=at("2026-12-20 10:00"), tracking=tracking, how="page"))
    session.flush()


def keep_nudge(
    session: Session,
    enrolment: Enrolment,
    on: str,
    *lines: Line,
    state: str = "sent",
    attempts: Sequence[tuple[str, str]] = (),
    **fields: Any,
) -> int:
    """A nudge of that date at half past eight UTC. `attempts`: outcome and the server's word."""
    slot = datetime.combine(date.fromisoformat(on), time(8, 30), tzinfo=UTC)
    ended = state not in ("planned", "claimed", "sending")
    fields = {
        "kind": "nudge",
        "recipient": enrolment.leader.email,
        "slot": slot,
        "not_before": slot,
        "local_date": slot.date(),
        "day": (slot.date() - enrolment.start_date).days,
        "created_at": at("2026-12-07 12:00"),
        "ended_at": slot if ended else None,
        **fields,
    }
    mail = MailRow(enrolment_id=enrolment.id, state=state, **fields)
    session.add(mail)
    session.flush()
    if mail.ordinal is None and state in ("sent", "in_doubt"):
        mail.ordinal = mail.id
    for position, (item, kind, placed, question) in enumerate(lines):
        session.add(
            MailItemRow(mail_id=mail.id, position=position, item=item, kind=kind, placed=placed, question=question)
        )
    for outcome, detail in attempts:
        session.add(AttemptRow(mail_id=mail.id, at=slot, outcome=outcome, detail=detail))
    session.flush()
    return mail.id


def hit(session: Session, mail_id: int, kind: str, when: str, **fields: Any) -> None:
    """A hit from a person's browser, by default a look and no press."""
    fields = {"method": "GET", "agent": BROWSER, "origin": "somewhere", "value": {}, **fields}
    session.add(EventRow(mail_id=mail_id, kind=kind, at=at(when), **fields))
    session.flush()


def press(
    session: Session, mail_id: int, when: str, *, position: int | None = 0, kind: str = "answer", **value: str
) -> None:
    """A button pressed; which page it was on matters to nobody here."""
    hit(session, mail_id, kind, when, method="POST", agent="", origin="", position=position, value=value)
