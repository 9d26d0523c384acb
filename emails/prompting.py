"""The questions of a letter, each a link to its answer, and the subject of a mail of questions alone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from emails.letter import Asked
from emails.occasion import NudgeOccasion
from emails.problems import ComposeError
from emails.words import SUBJECT_LENGTH, shorten
from models.domain import PlannedItem, Question, QuestionKind, Resource

_SUBJECTS: Final[Mapping[QuestionKind, tuple[str, str]]] = MappingProxyType(
    {"recall": ("Can you recall: ", "?"), "application": ("In practice: ", ""), "reflection": ("Looking back: ", "")}
)
_RESOURCE_SUBJECT = ("Did you read: ", "?")
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five")


def ask_prompts(occasion: NudgeOccasion) -> tuple[Asked, ...]:
    """The nudge's questions in order, each linked by its position in the nudge."""
    return tuple(
        Asked(occasion.fill(_question(occasion, planned).ask), occasion.links.url("a", occasion.mail_id, position))
        for position, planned in enumerate(occasion.nudge.items)
        if planned.placed == "prompt"
    )


def write_prompt_subject(occasion: NudgeOccasion) -> tuple[str, str]:
    """Subject and preheader of a mail of questions alone, made of the first item it asks about."""
    prompts = [planned for planned in occasion.nudge.items if planned.placed == "prompt"]
    if not prompts:
        raise ComposeError("the nudge holds nothing to say", occasion.where(f"nudge {occasion.nudge.ordinal}"))
    item, kind = occasion.item(prompts[0]), _question(occasion, prompts[0]).kind
    opening, ending = _RESOURCE_SUBJECT if isinstance(item, Resource) else _SUBJECTS[kind]
    title = shorten(item.title.rstrip(" .?!…"), SUBJECT_LENGTH - len(opening) - len(ending))
    number = _NUMBERS[len(prompts)] if len(prompts) < len(_NUMBERS) else str(len(prompts))
    questions = "question" if len(prompts) == 1 else "questions"
    return f"{opening}{title}{ending}", f"{number} short {questions} about what you met before, and nothing new."


def _question(occasion: NudgeOccasion, planned: PlannedItem) -> Question:
    item = occasion.item(planned)
    question = item.question(planned.question) if planned.question else None
    if question is None:
        raise ComposeError(f"it has no {planned.question or 'such'} question to ask", occasion.where(item.id))
    return question
