"""What repetition gained over a plain drip, by the planner's own model of memory: a model, not a measurement."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import fmean

from models.domain import Enrolment, History
from scheduler.asking import appearances_of
from scheduler.memory import believe, retrievability


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Mean predicted retrievability, 0 to 1, over leaders and the items each met, on one day of the programme."""

    day: int
    with_questions: float
    without: float


def estimate_gain(cases: Iterable[tuple[Enrolment, History]], *, day: int = 100) -> Gain | None:
    """The same mails with their questions, as they were answered, and without any; None where nothing was sent."""
    asked: list[float] = []
    plain: list[float] = []
    for enrolment, history in cases:
        appearances = appearances_of(history, enrolment.start_date)
        new = [replace(appearance, answer=None) for appearance in appearances if appearance.introduced]
        asked += [retrievability(belief, day) for belief in believe(appearances).values()]
        plain += [retrievability(belief, day) for belief in believe(new).values()]
    if not asked:
        return None
    return Gain(day=day, with_questions=fmean(asked), without=fmean(plain))
