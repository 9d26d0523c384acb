"""What the pages call answers, questions and paces, in words for a reader."""

from collections.abc import Mapping
from dataclasses import dataclass

from emails.answer_names import ANSWER_NAMES
from models.domain import Answer, Enrolment, Pace, Programme, QuestionKind


@dataclass(frozen=True, slots=True)
class Button:
    answer: Answer
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionWords:
    """What stands round a question of one kind."""

    eyebrow: str
    think: str
    reveal: str
    legend: str
    buttons: tuple[Button, ...]
    consequence: str

    def name(self, answer: Answer) -> str:
        """What the button for this answer says."""
        return next(button.text for button in self.buttons if button.answer == answer)


@dataclass(frozen=True, slots=True)
class PaceWords:
    name: str
    title: str
    says: str


def _buttons(kind: QuestionKind) -> tuple[Button, ...]:
    return tuple(Button(answer, text) for answer, text in ANSWER_NAMES[kind].items())


WORDS: Mapping[QuestionKind, QuestionWords] = {
    "recall": QuestionWords(
        eyebrow="From memory",
        think="Think of your answer first. Then look, and tell us how it went.",
        reveal="Show the answer",
        legend="How did it go?",
        buttons=_buttons("recall"),
        consequence="It helps to decide when this comes back.",
    ),
    "application": QuestionWords(
        eyebrow="In your own work",
        think="Think of your own case first. Then look at what a good answer holds.",
        reveal="Show what a good answer holds",
        legend="Where are you with this?",
        buttons=_buttons("application"),
        consequence="It helps to decide when this comes back.",
    ),
    "reflection": QuestionWords(
        eyebrow="Looking back",
        think="Take a minute with it. Then look at what may be worth noticing.",
        reveal="Show what may be worth noticing",
        legend="How far did you get?",
        buttons=_buttons("reflection"),
        consequence="",
    ),
}

# Why somebody leaves, as the form sends it and as it reads.
LEAVING: Mapping[str, str] = {
    "too-much": "Too many e-mails",
    "wrong-time": "No time for it now",
    "not-for-me": "Of little use in my role",
    "known": "I know most of it already",
    "other": "Something else",
}


def describe_pace(pace: Pace) -> PaceWords:
    """A pace as a choice: its name, and what it means in e-mails."""
    apart = {1: "at most one a day", 2: "never on two days running"}.get(
        pace.gap_days, f"at least {pace.gap_days} days apart"
    )
    return PaceWords(
        name=pace.name, title=pace.name.capitalize(), says=f"At most {pace.week_cap} in any seven days, {apart}."
    )


def find_lighter(pace: Pace, programme: Programme) -> Pace | None:
    """The next pace with fewer mails, or None."""
    lighter = [other for other in programme.paces.values() if _weight(other) < _weight(pace)]
    return max(lighter, key=_weight, default=None)


def _weight(pace: Pace) -> tuple[int, int, bool]:
    return pace.week_cap, -pace.gap_days, pace.ask_below is not None


def find_pace(enrolment: Enrolment, programme: Programme) -> Pace | None:
    """The pace that holds for an enrolment: its own, else its role's; None for one that config no longer has."""
    role = programme.roles.get(enrolment.role)
    return programme.paces.get(enrolment.pace or (role.pace if role else ""))
