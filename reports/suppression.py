"""Which aggregates of answers and recall may be shown: none that tells of fewer people than a small group.

A figure is about the people behind it. Shown are either all answer figures of a row or none: with the sum and two of
its three parts the third is known, and with one part and the sum so is the rest. Zero is about nobody and may stand;
so a row may say that everybody answered alike, where everybody is a group large enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import get_args

from models.domain import Answer
from reports.report import SUPPRESSED, Suppressed

Count = int | Suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """How many prompts were answered, and how; all four numbers or none."""

    answered: Count
    using: Count
    nearly: Count
    forgot: Count


_ALL_SUPPRESSED = AnswerFigures(answered=SUPPRESSED, using=SUPPRESSED, nearly=SUPPRESSED, forgot=SUPPRESSED)


def count_answers(given: Iterable[tuple[str, Answer]], *, small_group: int) -> AnswerFigures:
    """The figures of these answers, each with the key of the person who gave it."""
    by_answer: dict[Answer, list[str]] = {answer: [] for answer in get_args(Answer)}
    for person, answer in given:
        by_answer[answer].append(person)
    if any(_is_few(people, small_group) for people in by_answer.values()):
        return _ALL_SUPPRESSED
    counts = {answer: len(people) for answer, people in by_answer.items()}
    return AnswerFigures(answered=sum(counts.values()), **counts)


def average(known: Iterable[tuple[str, float]], *, small_group: int) -> float | Suppressed | None:
    """The mean to three decimals, each number with the key of the person it is about; None of nobody."""
    numbers = tuple(known)
    if _is_few((person for person, _ in numbers), small_group):
        return SUPPRESSED
    return round(fmean(number for _, number in numbers), 3) if numbers else None


def _is_few(people: Iterable[str], small_group: int) -> bool:
    """Whether there is somebody, and not enough of them. A person counts once."""
    return 0 < len(set(people)) < small_group
