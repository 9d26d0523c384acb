"""How a rehearsal's pages say what is in a mail, and when it comes."""

from datetime import date
from zoneinfo import ZoneInfo

from models.domain import CLOSING, WELCOME, Answer, Leader, PlannedItem, QuestionKind
from rehearsal.storyboard.mails import StagedMail
from web.wording import WORDS


def say_kind(item: PlannedItem | None) -> str:
    """What kind of mail the item makes; None: questions alone."""
    if item is None:
        return "Questions"
    if item.item == WELCOME:
        return "Welcome"
    return "Closing" if item.item == CLOSING else item.kind.capitalize()


def say_item(item: PlannedItem) -> str:
    """How an item stands in a mail."""
    if item.placed == "prompt":
        return f"asked: a question of {item.question}"
    if item.placed == "with":
        return "comes along"
    late = ", in its late wording" if item.late else ""
    return f"new{late}" if item.placed == "new" else say_kind(item).lower()


def say_answer(kind: QuestionKind | None, answer: Answer | None) -> str:
    """Which button the reader presses."""
    return "no answer" if answer is None or kind is None else f"“{WORDS[kind].name(answer)}”"


def say_first(words: str) -> str:
    """The words with a capital in front."""
    return words[:1].upper() + words[1:]


def say_date(day: date) -> str:
    """Mon 11 Jan 2027."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def say_short_date(day: date) -> str:
    """Mon 11 Jan."""
    return f"{day:%a} {day.day} {day:%b}"


def say_long_date(day: date) -> str:
    """Monday 11 January 2027."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def say_time(mail: StagedMail, leader: Leader) -> str:
    """The local time, with its zone: 08:30 GMT."""
    local = mail.scene.nudge.slot.astimezone(ZoneInfo(leader.time_zone))
    return f"{local:%H:%M %Z}"


def say_day(number: int) -> str:
    """Where in the programme a date stands: day 8, day −7."""
    return f"day {number}" if number >= 0 else f"day −{-number}"


def count(number: int, one: str, many: str | None = None) -> str:
    """One mail, 3 mails."""
    return f"{number} {one if number == 1 else many or one + 's'}"
