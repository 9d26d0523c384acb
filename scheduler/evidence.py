"""Graded hits of one mail → what they say: answered, clicked by a human, probably opened, machine, nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.domain import Answer, Event, Grade
from scheduler.hits import REAL, Hit, grade_hits
from scheduler.telltales import REPEAT_SPAN

ANSWERS: Mapping[str, Answer] = {"forgot": "forgot", "nearly": "nearly", "using": "using"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the hits of one mail say."""

    grade: Grade
    opened: bool  # a real open, a human click or a press
    opens: int  # real opens, repeats within a minute counted once
    clicked: frozenset[int]  # positions whose tracked link a person followed
    answers: Mapping[int, Answer]  # the last one of each position
    unread: frozenset[int]  # positions of questions whose last press said "not read yet"
    checked_in: bool
    last_activity: datetime | None  # the newest thing a person did
    hits: tuple[Hit, ...]

    @property
    def engaged(self) -> bool:
        """Something was answered, marked or followed by a person."""
        return self.grade in ("answered", "human")


NO_EVIDENCE = Evidence(
    grade="nothing",
    opened=False,
    opens=0,
    clicked=frozenset(),
    answers={},
    unread=frozenset(),
    checked_in=False,
    last_activity=None,
    hits=(),
)


def grade_mail(
    events: Collection[Event], *, accepted_at: datetime | None, links: int, crowd: Collection[int] = ()
) -> Evidence:
    """What the hits of one mail say; the arguments are those of `grade_hits`."""
    if not events:
        return NO_EVIDENCE
    return _sum_up(grade_hits(events, accepted_at=accepted_at, links=links, crowd=crowd))


def _sum_up(hits: tuple[Hit, ...]) -> Evidence:
    real = [hit.event for hit in hits if hit.credence in REAL]
    pressed = [hit.event for hit in hits if hit.event.is_press]  # a press counts, whoever seems to have made it
    answers, unread = _last_words(pressed)
    checked_in = any(event.kind == "check_in" and event.value.get("done") for event in pressed)
    responded = any(event.kind in ("check_in", "mark") for event in pressed)  # done or not: somebody was there
    followed = [event for event in real if event.kind in ("click", "page") and event.position is not None]
    opens = _count_opens(event.at for event in real if event.kind == "open")
    if answers or unread or responded:
        grade: Grade = "answered"
    elif followed:
        grade = "human"
    elif real:  # an open, or a look at a page that belongs to no item
        grade = "probable"
    else:
        grade = "machine" if hits else "nothing"
    return Evidence(
        grade=grade,
        opened=grade in ("answered", "human", "probable"),
        opens=opens,
        clicked=frozenset(event.position for event in followed if event.kind == "click" and event.position is not None),
        answers=answers,
        unread=unread,
        checked_in=checked_in,
        last_activity=max((event.at for event in (*real, *pressed)), default=None),
        hits=hits,
    )


def _last_words(pressed: Iterable[Event]) -> tuple[dict[int, Answer], frozenset[int]]:
    """The answer of each question, and the questions of which it was said that nothing has been read yet."""
    answers: dict[int, Answer] = {}
    unread: set[int] = set()
    for event in pressed:
        answer = ANSWERS.get(event.value.get("answer", ""))
        if event.position is None:
            continue
        if event.kind == "unread":
            answers.pop(event.position, None)
            unread.add(event.position)
        elif event.kind == "answer" and answer is not None:
            answers[event.position] = answer
            unread.discard(event.position)
    return answers, frozenset(unread)


def _count_opens(instants: Iterable[datetime]) -> int:
    """How many openings these are, one after another, a repeat within a minute of the one before being no new one."""
    count, before = 0, None
    for at in instants:
        if before is None or at - before > REPEAT_SPAN:
            count += 1
        before = at
    return count
