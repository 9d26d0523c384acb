"""The questions of a letter: each with one link that names it, and the subject of a mail of questions alone."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from emails.letter import Asked, Button
from emails.occasion import Occasion
from emails.problems import ComposeError
from emails.words import SUBJECT_LENGTH, name_question, shorten
from models.domain import PlannedItem, Question, QuestionKind, Resource

_ASK_LENGTH = 28  # characters of a question in its link
_SUBJECTS: Final[Mapping[QuestionKind, tuple[str, str]]] = MappingProxyType(
    {"recall": ("Can you recall: ", "?"), "application": ("In practice: ", ""), "reflection": ("Looking back: ", "")}
)
_RESOURCE_SUBJECT = ("Did you read: ", "?")
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five")


def ask_prompts(occasion: Occasion) -> tuple[Asked, ...]:
    """The nudge's questions in order, each linked by its position in the nudge."""
    asked = [
        (position, occasion.fill(_question(occasion, planned).ask))
        for position, planned in enumerate(occasion.nudge.items)
        if planned.placed == "prompt"
    ]
    names = Counter(name_question(ask, _ASK_LENGTH) for _, ask in asked)
    return tuple(
        Asked(ask, Button(f"Answer: {_name(ask, names)}", occasion.links.url("a", occasion.mail_id, position)))
        for position, ask in asked
    )


def write_prompt_subject(occasion: Occasion) -> tuple[str, str]:
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


def _name(ask: str, names: Counter[str]) -> str:
    """The question, short unless another begins the same: two links of one name are no use to anybody."""
    short = name_question(ask, _ASK_LENGTH)
    return short if names[short] == 1 else ask


def _question(occasion: Occasion, planned: PlannedItem) -> Question:
    item = occasion.item(planned)
    question = item.question(planned.question) if planned.question else None
    if question is None:
        raise ComposeError(f"it has no {planned.question or 'such'} question to ask", occasion.where(item.id))
    return question
