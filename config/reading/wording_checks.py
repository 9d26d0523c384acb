"""Warnings about what a reader will see: texts that are too long, questions not asked, addresses not looked at."""

from collections.abc import Iterator, Sequence

from config.problems import Problem
from config.reading.items import FoundItem
from config.reading.limits import (
    ACTION_WORDS,
    COVERS_WORDS,
    HEADLINE_WORDS,
    QUESTION_WORDS,
    SUBJECT_CHARACTERS,
    WHY_WORDS,
)
from config.reading.passage import Position
from config.reading.tokens import count_words
from models.domain import Item, QuestionKind, Resource, Tip

_KINDS: tuple[QuestionKind, ...] = ("recall", "application", "reflection")


def check_wording(found: Sequence[FoundItem]) -> list[Problem]:
    """Every warning about the items' texts."""
    return [problem for one in found if one.item is not None for problem in _check_item(one, one.item)]


def _check_item(one: FoundItem, item: Item) -> Iterator[Problem]:
    yield from _check_subject(one, item.subject, one.passage.at("subject"))
    if item.preheader.lower().rstrip(".") == item.subject.lower().rstrip("."):
        words = "preheader repeats the subject; say something more"
        yield one.passage.problem(words, "preheader", severity="warning")
    for question in item.questions:
        place = one.passage.at("questions", question.kind, "ask")
        yield from _check_length(one, "ask", question.ask, QUESTION_WORDS, place)
    if isinstance(item, Tip):
        yield from _check_tip(one, item)
    if isinstance(item, Resource):
        yield from _check_length(one, "the text", item.covers, COVERS_WORDS, one.body_at)
        if not item.questions:
            words = "there is no question to ask after reading; add 'questions:' with one of them"
            yield one.passage.problem(words, severity="warning")
        if item.url is not None and item.address_checked is None:
            words = "url was seen but not confirmed; open it once and set address_checked to that day"
            yield one.passage.problem(words, "url", severity="warning")


def _check_tip(one: FoundItem, tip: Tip) -> Iterator[Problem]:
    at = one.passage.at
    yield from _check_length(one, "headline", tip.title, HEADLINE_WORDS, at("headline"))
    yield from _check_length(one, "why", tip.why, WHY_WORDS, one.body_at)
    yield from _check_length(one, "action", tip.action, ACTION_WORDS, one.action_at)
    if tip.late is not None:
        yield from _check_subject(one, tip.late.subject, at("late", "subject"))
        yield from _check_length(one, "headline", tip.late.headline, HEADLINE_WORDS, at("late", "headline"))
        yield from _check_length(one, "why", tip.late.why, WHY_WORDS, at("late", "why"))
        yield from _check_length(one, "action", tip.late.action, ACTION_WORDS, at("late", "action"))
    missing = [kind for kind in _KINDS if tip.question(kind) is None]
    if missing:
        words = f"questions: {' and '.join(missing)} not asked; add what is missing, with ask and answer"
        yield one.passage.problem(words, "questions", severity="warning")


def _check_subject(one: FoundItem, subject: str, place: Position) -> Iterator[Problem]:
    if len(subject) > SUBJECT_CHARACTERS:
        words = f"subject is {len(subject)} characters long and will be cut off; use at most {SUBJECT_CHARACTERS}"
        yield one.passage.problem_at(place, words, severity="warning")


def _check_length(one: FoundItem, name: str, text: str, limit: int, place: Position) -> Iterator[Problem]:
    words = count_words(text)
    if words > limit:
        yield one.passage.problem_at(place, f"{name} has {words} words; use at most {limit}", severity="warning")
