"""What the answers to a question are called, on pages and in mails."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from models.domain import Answer, QuestionKind

ANSWER_NAMES: Final[Mapping[QuestionKind, Mapping[Answer, str]]] = MappingProxyType(
    {
        "recall": {"using": "Knew it", "nearly": "Nearly", "forgot": "Forgot"},
        "application": {"using": "Have a plan", "nearly": "Partly", "forgot": "Not yet"},
        "reflection": {"using": "Thought it through", "nearly": "Partly", "forgot": "Not yet"},
    }
)
UNREAD: Final = "unread"  # said in place of an answer
NOT_READ_YET: Final = "Not read yet"
