"""A database of many made-up leaders, spread over the days of the programme, with what they were sent and answered."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from models.database import Database
from models.domain import Enrolment, History, Leader, Programme, SentNudge
from models.tables import EnrolmentRow, EventRow, LeaderRow, MailItemRow, MailRow, Row
from scheduler.planning import next_nudge
from scheduler.remembering import replay

NOW = datetime(2027, 4, 20, 6, tzinfo=UTC)
ENROLLED_BEFORE = timedelta(days=35)
ANSWERED = 0.38  # of the questions
AT_ONCE = 20_000  # rows in one insert
CALENDAR = {"time_zone": "Europe/London", "holidays": "GB-ENG", "working_days": [0, 1, 2, 3, 4], "send_at": "08:30"}


@dataclass(frozen=True, slots=True)
class Past:
    """A role, a start date, and what a leader there has been sent by NOW; many leaders share one."""

    role: str
    start_date: date
    nudges: tuple[SentNudge, ...]


Rows = Iterator[Mapping[str, Any]]
Sent = tuple[int, int, Past, SentNudge]  # mail, enrolment, past, nudge


def play_pasts(programme: Programme, *, offsets: range) -> list[Past]:
    """The past of each role for leaders who started so many days before NOW."""
    return [
        _play(programme, role, NOW.date() - timedelta(days=offset)) for role in programme.roles for offset in offsets
    ]


def fill(database: Database, programme: Programme, pasts: list[Past], *, idle: int, waiting: int, seed: int) -> None:
    """Writes `idle` enrolments with their past and nothing planned, and `waiting` ones with a planned nudge.

    What is remembered is kept as the service leaves it: as of the planning of the last nudge, before it went out.
    """
    dice = random.Random(seed)
    numbered = [(number, dice.choice(pasts)) for number in range(1, idle + 1)]
    beyond = range(idle + 1, idle + waiting + 1)
    _write(database, LeaderRow, _leaders(idle + waiting))
    _write(database, EnrolmentRow, _enrolments(programme, numbered, waiting=beyond))
    for which in (slice(None, -1), slice(-1, None)):
        sent = list(_number(numbered, which))
        _write(database, MailRow, _mails(sent))
        _write(database, MailItemRow, _items(sent))
        _write(database, EventRow, _answers(sent, dice))
        if which.stop == -1:
            replay(database, only=range(1, idle + 1))
    _write(database, MailRow, _planned(beyond, dice))


def _write(database: Database, table: type[Row], rows: Rows) -> None:
    with database.sessions.begin() as session:
        while portion := list(islice(rows, AT_ONCE)):
            session.execute(insert(table), portion)


def _number(numbered: list[tuple[int, Past]], which: slice) -> Iterator[Sent]:
    """Some of the nudges of each enrolment, with the numbers of their mails."""
    first = 1
    for number, past in numbered:
        mails = range(first, first + len(past.nudges))
        for mail_id, nudge in list(zip(mails, past.nudges, strict=True))[which]:
            yield mail_id, number, past, nudge
        first += len(past.nudges)


def _play(programme: Programme, role: str, start_date: date) -> Past:
    leader = Leader(key="s", email="s@example.org", name="Sam Sample", organisation="Example Hospitals")
    enrolled = start_date - ENROLLED_BEFORE
    enrolment = Enrolment(
        id=1,
        leader=leader,
        programme=programme.id,
        role=role,
        start_date=start_date,
        enrolled_on=enrolled,
        cohort="",
    )
    history, now = History(), datetime.combine(enrolled, time(9), tzinfo=UTC)
    while (nudge := next_nudge(programme, enrolment, history, now)) is not None and nudge.slot < NOW:
        history = History(nudges=(*history.nudges, nudge.sent()), next_ordinal=nudge.ordinal + 1)
        now = nudge.slot + timedelta(hours=1)
    return Past(role, start_date, history.nudges)


# ---------------------------------------------------------------- rows


def _leaders(count: int) -> Rows:
    for number in range(1, count + 1):
        address = f"leader{number}@example.org"
        yield {
            "id": number,
            "key": address,
            "email": address,
            "name": "Sam Sample",
            "organisation": "Example",
            **CALENDAR,
            "away": [],
            "assistant_reads": False,
            "source": "benchmark",
            "created_at": NOW,
        }


def _enrolments(programme: Programme, numbered: list[tuple[int, Past]], *, waiting: range) -> Rows:
    roles = list(programme.roles)
    known = ((number, past.role, past.start_date) for number, past in numbered)
    unknown = ((number, roles[number % len(roles)], NOW.date() + timedelta(days=21)) for number in waiting)
    for number, role, start_date in (*known, *unknown):
        yield {
            "id": number,
            "leader_id": number,
            "programme": programme.id,
            "role": role,
            "start_date": start_date,
            "enrolled_on": start_date - ENROLLED_BEFORE,
            "cohort": f"{start_date:%Y-%m}",
            "skip": [],
            "config_status": "active",
            "source": "benchmark",
            "created_at": NOW,
        }


def _mails(sent: Iterable[Sent]) -> Rows:
    for mail_id, number, past, nudge in sent:
        day = (nudge.local_date - past.start_date).days
        yield {
            "id": mail_id,
            "kind": "nudge",
            "recipient": f"leader{number}@example.org",
            "enrolment_id": number,
            "ordinal": nudge.ordinal,
            "state": "sent",
            "slot": nudge.at,
            "not_before": nudge.at,
            "day": day,
            "local_date": nudge.local_date,
            "why": "In its turn.",
            "subject": "A tip",
            "tries": 1,
            "message_id": f"<{mail_id}@example.org>",
            "created_at": nudge.at,
            "ended_at": nudge.at,
            "tracked": False,
        }


def _items(sent: Iterable[Sent]) -> Rows:
    for mail_id, _, _, nudge in sent:
        for position, item in enumerate(nudge.items):
            yield {
                "mail_id": mail_id,
                "position": position,
                "item": item.item,
                "kind": item.kind,
                "placed": item.placed,
                "question": item.question,
                "late": False,
            }


def _answers(sent: Iterable[Sent], dice: random.Random) -> Rows:
    for mail_id, number, _, nudge in sent:
        for position, item in enumerate(nudge.items):
            if item.placed == "prompt" and dice.random() < ANSWERED:
                at = nudge.at + timedelta(hours=dice.uniform(0.2, 30))
                said = dice.choice(("using", "using", "nearly", "forgot"))
                yield {
                    "at": at,
                    "kind": "answer",
                    "mail_id": mail_id,
                    "enrolment_id": number,
                    "position": position,
                    "method": "POST",
                    "agent": "",
                    "origin": "",
                    "nonce": f"n{position}",
                    "value": {"answer": said, "shown_at": (at - timedelta(seconds=40)).isoformat()},
                }


def _planned(numbers: range, dice: random.Random) -> Rows:
    for number in numbers:
        slot = NOW + timedelta(hours=dice.uniform(-48, 24 * 60))
        yield {
            "kind": "nudge",
            "recipient": f"leader{number}@example.org",
            "enrolment_id": number,
            "ordinal": 1,
            "state": "planned",
            "slot": slot,
            "not_before": slot,
            "local_date": slot.date(),
            "day": -21,
            "why": "In its turn.",
            "tries": 0,
            "tracked": False,
            "created_at": NOW,
        }
