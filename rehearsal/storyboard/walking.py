"""Three kinds of reader walk through the 100 days of a part: the real planner, with answers by a fixed rule."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from models.domain import Answer, History, PlannedNudge, SentItem, SentNudge, Unplaced
from rehearsal.storyboard.casting import Part
from scheduler.planning import next_nudge, plan_ahead

_LATER = timedelta(hours=1)  # by when a reader has answered, and what comes next is planned


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderType:
    """A kind of reader. `answers` are given to question after question, and then from the first again."""

    id: str
    name: str
    says: str
    answers: tuple[Answer | None, ...]


NONE: Final = ReaderType(
    id="none",
    name="Answers nothing",
    says="Never presses a button. This is the plan as it is laid out beforehand.",
    answers=(None,),
)
HALF: Final = ReaderType(
    id="half",
    name="Answers every second question",
    says="Of four answers, two say that the tip is in use, one that it nearly came to mind, one that it was forgotten.",
    answers=("using", None, "nearly", None, "using", None, "forgot", None),
)
ALL: Final = ReaderType(
    id="all",
    name="Answers everything",
    says="Has every tip in use, and says so each time.",
    answers=("using",),
)
READERS: Final = (NONE, HALF, ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One nudge, what had come before it, and what became of it."""

    nudge: PlannedNudge
    before: History
    sent: SentNudge


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A part's way through the programme as one kind of reader; `after` is the history at its end."""

    part: Part
    reader: ReaderType
    scenes: tuple[Scene, ...]
    after: History


def walk(part: Part, reader: ReaderType) -> Walk:
    """Every nudge in its turn, each planned after the answers to those before it. Opens are never seen."""
    enrolment = part.enrolment
    scenes: list[Scene] = []
    history, now, asked = History(), _enrolled_at(part), 0
    while (nudge := next_nudge(part.programme, enrolment, history, now)) is not None:
        sent = _send(nudge, reader, asked)
        scenes.append(Scene(nudge=nudge, before=history, sent=sent))
        history = replace(history, nudges=(*history.nudges, sent), next_ordinal=nudge.ordinal + 1)
        asked += sum(item.placed == "prompt" for item in nudge.items)
        now = nudge.slot + _LATER
    return Walk(part=part, reader=reader, scenes=tuple(scenes), after=history)


def find_missing(part: Part) -> tuple[Unplaced, ...]:
    """What cannot come to this part, each with the rule that forbids it."""
    return plan_ahead(part.programme, part.enrolment, History(), _enrolled_at(part)).unplaced


def _enrolled_at(part: Part) -> datetime:
    return datetime.combine(part.enrolment.enrolled_on, time(12), tzinfo=UTC)


def _send(nudge: PlannedNudge, reader: ReaderType, asked: int) -> SentNudge:
    return SentNudge(
        ordinal=nudge.ordinal,
        at=nudge.slot,
        local_date=nudge.local_date,
        items=tuple(_answer(nudge, reader, asked)),
    )


def _answer(nudge: PlannedNudge, reader: ReaderType, asked: int) -> Iterator[SentItem]:
    """The nudge's items with this reader's answers, when so many questions were asked before."""
    for item in nudge.items:
        answer = None
        if item.placed == "prompt":
            answer = reader.answers[asked % len(reader.answers)]
            asked += 1
        yield SentItem(item=item.item, kind=item.kind, placed=item.placed, question=item.question, answer=answer)
