"""How many words a mail may have, so that it is read in under a minute on a phone; and how they are counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from emails.letter import Letter, LetterKind

FOOTER_WORDS: Final = 35
_WORD = re.compile(r"\S*\w\S*")
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Budget:
    """Words above the footer. A mail with fewer than `questions` of them may have fewer words than `least`."""

    least: int
    most: int
    questions: int = 0


BUDGETS: Final[Mapping[LetterKind, Budget]] = MappingProxyType(
    {
        "tip": Budget(110, 150, questions=3),
        "resource": Budget(70, 90, questions=1),
        "questions": Budget(50, 70, questions=3),
        "check-in": Budget(60, 80),
        "welcome": Budget(0, 150),
        "closing": Budget(0, 200),
        "notice": Budget(0, 100),
    }
)


def count_words(letter: Letter) -> int:
    """All that is read above the footer: addresses do not count, nor does a line about a pause or a moved start."""
    parts = [letter.kicker, letter.headline, letter.byline, *letter.points, letter.prompts_heading]
    parts += [letter.body.text] if letter.body else []
    parts += [letter.box.heading, letter.box.prose.text] if letter.box else []
    parts += [letter.button.words] if letter.button else []
    parts += [f"Also worth knowing: {rider.words}" for rider in letter.riders]
    parts += [f"{prompt.ask} Answer" for prompt in letter.prompts]
    for listing in letter.listings:
        parts += [listing.heading, *(line.words for line in listing.lines)]
    return sum(map(_count, parts))


def count_footer(letter: Letter) -> int:
    """The words of the footer."""
    return _count(letter.why_you) + _count(letter.reply_words) + (_count(letter.choices.words) if letter.choices else 0)


def judge_length(letter: Letter) -> str:
    """What is wrong with the number of words, in one phrase; "" where nothing is."""
    budget, words = BUDGETS[letter.kind], count_words(letter)
    if words > budget.most:
        return f"{words} words; {budget.most} are the most"
    if words < budget.least and len(letter.prompts) >= budget.questions:
        return f"{words} words; {budget.least} are the least"
    if count_footer(letter) > FOOTER_WORDS:
        return f"{count_footer(letter)} words in the footer; {FOOTER_WORDS} are the most"
    return ""


def _count(text: str) -> int:
    return len(_WORD.findall(_ADDRESS.sub("", text)))
