"""The whole planner, with real calendars, paces, riders and anchors: what each pace makes leaders remember."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import numpy as np

from benchmarks.trial.arrays import Floats
from benchmarks.trial.cells import DRIP
from benchmarks.trial.reader import Reader
from models.domain import Enrolment, History, Leader, PlannedNudge, Programme, Span
from scheduler.planning import next_nudge

ENROLLED_BEFORE = timedelta(days=35)
STARTS: tuple[tuple[date, tuple[Span, ...]], ...] = (  # and when the leader is away
    (date(2027, 1, 11), ()),
    (date(2027, 4, 6), (Span(first=date(2027, 5, 31), last=date(2027, 6, 4)),)),
    (date(2027, 7, 19), (Span(first=date(2027, 8, 9), last=date(2027, 8, 20)),)),
    (date(2027, 11, 1), (Span(first=date(2027, 12, 20), last=date(2027, 12, 31)),)),
)


@dataclass(frozen=True, slots=True)
class Group:
    """What the leaders of a pace got and remember, all by leader."""

    name: str
    mails: Floats
    prompts: Floats
    mean_recall: Floats  # of the items met, each from its introduction to the horizon
    recall_at_100: Floats
    recall_at_180: Floats


def run_paces(programme: Programme, model: str, *, seed: int, copies: int) -> list[Group]:
    """The first pace without its questions, then each pace; with every role, every start and so many copies of each.

    The same leaders with the same luck at every pace; every other one agreed to tracking.
    """
    plain_pace = next(iter(programme.paces))
    plain: list[Reader] = []
    asked: dict[str, list[Reader]] = {pace: [] for pace in programme.paces}
    for pace, readers in asked.items():
        for number, (role, start, _) in enumerate(product(programme.roles, STARTS, range(copies))):
            enrolment = _enrolment(programme, role, pace, start, tracking=number % 2 == 0)
            reader, other = (
                Reader(programme, model, seed * 1_000_003 + number, tracked=enrolment.leader.tracking) for _ in range(2)
            )
            nudges = _send_all(programme, enrolment, reader)
            readers.append(reader)
            if pace == plain_pace:
                _drip(nudges, other)
                plain.append(other)
    return [
        _gather(f"{plain_pace}, {DRIP}", plain),
        *(_gather(pace, readers) for pace, readers in asked.items()),
    ]


def _send_all(programme: Programme, enrolment: Enrolment, reader: Reader) -> list[PlannedNudge]:
    """Every nudge as the planner makes it up, each after what came back of those before."""
    history = History()
    now = datetime.combine(enrolment.enrolled_on, time(9), tzinfo=UTC)
    nudges: list[PlannedNudge] = []
    while (nudge := next_nudge(programme, enrolment, history, now)) is not None:
        nudges.append(nudge)
        history = replace(
            history, nudges=(*history.nudges, reader.receive(nudge)), next_ordinal=history.next_ordinal + 1
        )
        now = nudge.slot + timedelta(hours=1)
    reader.live_on()
    return nudges


def _drip(nudges: Iterable[PlannedNudge], reader: Reader) -> None:
    """The same nudges without their questions; those of questions alone are left out."""
    for nudge in nudges:
        if items := tuple(item for item in nudge.items if item.placed != "prompt"):
            reader.receive(replace(nudge, items=items))
    reader.live_on()


def _enrolment(
    programme: Programme, role: str, pace: str, start: tuple[date, tuple[Span, ...]], *, tracking: bool
) -> Enrolment:
    start_date, away = start
    leader = Leader(
        key="s",
        email="sam.sample@example.org",
        name="Sam Sample",
        organisation="Example Hospitals",
        away=away,
        tracking=tracking,
    )
    return Enrolment(
        id=1,
        leader=leader,
        programme=programme.id,
        role=role,
        start_date=start_date,
        enrolled_on=start_date - ENROLLED_BEFORE,
        cohort=f"{start_date:%Y-%m}",
        pace=pace,
    )


def _gather(name: str, readers: list[Reader]) -> Group:
    return Group(
        name=name,
        mails=np.array([reader.mails for reader in readers], dtype=np.float64),
        prompts=np.array([reader.prompts for reader in readers], dtype=np.float64),
        mean_recall=np.array([reader.mean_recall for reader in readers]),
        recall_at_100=np.array([reader.recall_at_100 for reader in readers]),
        recall_at_180=np.array([reader.recall_at_180 for reader in readers]),
    )
