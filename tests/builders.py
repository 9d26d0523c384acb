"""Values for tests: each builder gives something valid, and a test states only what matters to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from emails.letter import Button, Letter
from models.domain import (
    Appearance,
    CheckIn,
    Enrolment,
    History,
    Item,
    Leader,
    Message,
    Pace,
    PlacedAs,
    PlannedItem,
    PlannedNudge,
    Programme,
    Question,
    QuestionKind,
    Resource,
    Role,
    RosterEntry,
    SentItem,
    SentNudge,
    SkillSet,
    Step,
    Theme,
    Tip,
)
from models.tables import EnrolmentRow, LeaderRow

PACES = {
    "light": Pace(name="light", week_cap=2, gap_days=3, prompts=3, ask_below=None),
    "standard": Pace(name="standard", week_cap=2, gap_days=2, prompts=3, ask_below=0.85),
    "full": Pace(name="full", week_cap=3, gap_days=1, prompts=3, ask_below=0.85),
}


def build_questions(item: str, kinds: Sequence[QuestionKind]) -> tuple[Question, ...]:
    return tuple(Question(kind=kind, ask=f"What is the {kind} of {item}?", answer=f"The {kind}.") for kind in kinds)


def build_tip(item: str = "listen-first", **fields: Any) -> Tip:
    fields = {
        "title": item.replace("-", " ").capitalize(),
        "subject": f"About {item}",
        "why": "People tell you more when you ask first.",
        "action": "Ring one partner and ask what is hardest.",
        "questions": build_questions(item, ("recall", "application", "reflection")),
        **fields,
    }
    return Tip(id=item, **fields)


def build_resource(item: str = "short-report", **fields: Any) -> Resource:
    fields = {
        "title": item.replace("-", " ").capitalize(),
        "subject": f"Read {item}",
        "format": "report",
        "covers": "What others found when they tried.",
        "read": "the summary",
        "minutes": 5,
        "url": "https://example.org/report",
        "questions": build_questions(item, ("application",)),
        **fields,
    }
    return Resource(id=item, **fields)


def build_check_in(day: int) -> CheckIn:
    asks = ("Whom do you know now?", "What surprised you?", "What next?")
    return CheckIn(
        id=f"check-in-{day}", title=f"Day {day}", subject=f"Day {day}", day=day, body="Look back.", asks=asks
    )


def build_message(item: str, day: int) -> Message:
    title = item.capitalize()
    return Message(id=item, title=title, subject=title, day=day, body="Hello {{name}}.", choice="One choice is yours.")


def build_programme(
    items: Sequence[Item] = (), steps: Sequence[Step] = (), *, role_pace: str = "standard", **fields: Any
) -> Programme:
    """A programme of one role, `director`. Without steps, each tip and linked resource is a step, a week apart."""
    fixed: list[Item] = [build_message("welcome", -21), *map(build_check_in, (30, 60, 90))]
    fixed.append(build_message("closing-summary", 100))
    own = items or (build_tip("listen-first"), build_tip("share-early"), build_resource("short-report"))
    steps = steps or [Step(item=item.id, day=1 + 7 * i, why="In its turn.") for i, item in enumerate(own)]
    anchors = [Step(item=item.id, day=getattr(item, "day", 0), why="A pause.") for item in fixed]
    role = Role(id="director", name="Director", pace=role_pace, steps=(*anchors[:1], *steps, *anchors[1:]))
    fields = {
        "id": "first-100-days",
        "name": "First 100 days",
        "themes": (Theme(id="systems", name="Systems leadership", purpose="Work across borders."),),
        "skill_sets": {"listening": SkillSet(id="listening", name="Listening", description="Hear others.")},
        "paces": PACES,
        **fields,
    }
    return Programme(items={item.id: item for item in (*fixed, *own)}, roles={"director": role}, **fields)


def build_letter(subject: str = "A letter", **fields: Any) -> Letter:
    fields = {
        "kind": "tip",
        "subject": subject,
        "preheader": "",
        "kicker": "Day 1",
        "headline": subject,
        "why_you": "Somebody enrolled you.",
        "choices": Button("Leave", "https://example.org/p/token"),
        **fields,
    }
    return Letter(**fields)


def build_leader(**fields: Any) -> Leader:
    fields = {
        "key": "sam.sample@example.org",
        "email": "sam.sample@example.org",
        "name": "Sam Sample",
        "organisation": "Example Hospitals",
        **fields,
    }
    return Leader(**fields)


def build_enrolment(*, leader: Leader | None = None, **fields: Any) -> Enrolment:
    """Starts on Monday 11 January 2027, enrolled five weeks before."""
    fields = {
        "id": 1,
        "programme": "first-100-days",
        "role": "director",
        "start_date": date(2027, 1, 11),
        "enrolled_on": date(2026, 12, 7),
        "cohort": "2027-01",
        **fields,
    }
    return Enrolment(leader=leader or build_leader(), **fields)


def build_entry(email: str = "sam.sample@example.org", **fields: Any) -> RosterEntry:
    """A row of a roster that starts on Monday 11 January 2027; fields of the leader's may stand among the entry's."""
    names = Leader.__dataclass_fields__.keys() & fields.keys()
    leader = {name: fields.pop(name) for name in names}
    fields = {
        "role": "director",
        "start_date": date(2027, 1, 11),
        "programmes": ("first-100-days",),
        **fields,
    }
    return RosterEntry(leader=build_leader(**{"key": email.lower(), "email": email, **leader}), **fields)


def build_appearance(item: str = "listen-first", *, day: float = 0, **fields: Any) -> Appearance:
    fields = {
        "nudge": f"n{day:g}",
        "kind": "tip",
        "introduced": False,
        "answer": None,
        "opened": None,
        "clicked": False,
        **fields,
    }
    return Appearance(item=item, day=day, **fields)


def at(text: str, zone: str = "UTC") -> datetime:
    """An instant from local ISO text, in UTC: at("2027-01-11 08:30", "Europe/London")."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def send(history: History, nudge: PlannedNudge, **fields: Any) -> History:
    """The history after a planned nudge went out as planned, by default unanswered and not tracked."""
    sent = replace(nudge.sent(), **fields)
    next_ordinal = max(history.next_ordinal, nudge.ordinal + 1)
    return History(nudges=(*history.nudges, sent), elsewhere=history.elsewhere, next_ordinal=next_ordinal)


def build_sent(item: str, on: date, *, ordinal: int = 1, placed: PlacedAs = "new", **fields: Any) -> SentNudge:
    """One tip that went out on a date at half past eight."""
    sent = SentItem(item=item, kind="tip", placed=placed)
    slot = datetime.combine(on, time(8, 30), tzinfo=UTC)
    return SentNudge(ordinal=ordinal, at=slot, local_date=on, items=(sent,), **fields)


def build_planned(slot: str = "2027-01-12 08:30", **fields: Any) -> PlannedNudge:
    """A nudge of one new tip, by default on the Tuesday after the start."""
    instant = at(slot)
    fields = {
        "ordinal": 1,
        "day": (instant.date() - date(2027, 1, 11)).days,
        "local_date": instant.date(),
        "items": (PlannedItem(item="listen-first", kind="tip", placed="new", question="recall"),),
        "why": "In its turn.",
        **fields,
    }
    return PlannedNudge(slot=instant, **fields)


def keep_enrolment(session: Session, enrolment: Enrolment) -> Enrolment:
    """The enrolment, stored with its leader; a leader who is there already takes one more programme."""
    leader = enrolment.leader
    row = session.scalar(select(LeaderRow).where(LeaderRow.key == leader.key))
    if row is None:
        row = LeaderRow(
            key=leader.key,
            email=leader.email,
            name=leader.name,
            organisation=leader.organisation,
            time_zone=leader.time_zone,
            holidays=leader.holidays,
            working_days=list(leader.working_days),
            send_at=leader.send_at.isoformat("minutes"),
            away=[],
            assistant_reads=leader.assistant_reads,
            source="tests",
            created_at=at("2026-12-07 12:00"),
        )
        session.add(row)
        session.flush()
    kept = EnrolmentRow(
        leader_id=row.id,
        programme=enrolment.programme,
        role=enrolment.role,
        start_date=enrolment.start_date,
        enrolled_on=enrolment.enrolled_on,
        cohort=enrolment.cohort,
        pace=enrolment.pace,
        skip=list(enrolment.skip),
        config_status="active",
        source="tests",
        created_at=at("2026-12-07 12:00"),
    )
    session.add(kept)
    session.flush()
    return replace(enrolment, id=kept.id)
