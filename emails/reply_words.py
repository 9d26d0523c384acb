"""The words that a mail can be answered with, for its footer, where replies are read."""

from emails.answer_names import ANSWER_NAMES
from emails.occasion import NudgeOccasion
from models.domain import CLOSING, Answer


def say_reply_words(occasion: NudgeOccasion) -> str:
    """One line: an answer where the nudge asks for one, then what can always be chosen; "" where nobody reads it."""
    items = occasion.nudge.items
    if occasion.settings.replies is None or any(planned.item == CLOSING for planned in items):
        return ""
    words = _name_answers(occasion)
    if any(planned.placed == "check-in" for planned in items):
        words += ["done"]
    return f"To reply, write: {', '.join([*words, 'pause'])} or stop."


def _name_answers(occasion: NudgeOccasion) -> list[str]:
    """All answers to a question that stands alone; of several one each, as an example of how to write them."""
    asked = [planned for planned in occasion.nudge.items if planned.placed == "prompt"]
    named = [ANSWER_NAMES[planned.question] for planned in asked if planned.question]
    if len(named) == 1:
        return [name.lower() for name in named[0].values()]
    examples: tuple[Answer, ...] = ("using", "nearly")
    pairs = zip(named, examples, strict=False)
    return [f"{number} {names[answer].lower()}" for number, (names, answer) in enumerate(pairs, 1)]
