"""What a leader is told about a reply of theirs: what was noted, or what can be written back."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, cast

from emails.answer_names import ANSWER_NAMES, NOT_READ_YET, UNREAD
from emails.leader_letters import tell_leader
from emails.letter import Letter
from emails.occasion import Occasion
from models.domain import Answer, NoticeName, QuestionKind

_CHOICES = "See all your choices"


def _write_resumed(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    by_hr = "by" in values
    who = "HR has ended" if by_hr else "An e-mail in your name asked us to end"
    return tell_leader(
        occasion,
        subject="Your pause is over" if by_hr else "Your pause is over, as you asked",
        preheader="Your days count on from today.",
        headline="On we go",
        body=f"{who} the pause of {{{{programme}}}}. Your days count on from today, and nothing is lost.",
        by_hr=by_hr,
        button=_CHOICES,
    )


def _write_returned(occasion: Occasion, _: Mapping[str, str]) -> Letter:
    return tell_leader(
        occasion,
        subject="You are back, as you asked",
        preheader="What still fits into your 100 days will be sent to you.",
        headline="Welcome back to {{programme}}",
        body="An e-mail in your name asked us to go on writing to you. What still fits into your 100 days will come.",
        button=_CHOICES,
    )


def _write_answered(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    """One answer comes with what a good one holds; of several, that would be more than is read on a phone."""
    given = [line.split("|") for line in values["given"].splitlines()]
    alone = len(given) == 1
    return tell_leader(
        occasion,
        subject="Noted: your answer" if alone else "Noted: your answers",
        preheader="It helps to decide what comes back, and when.",
        headline="Noted",
        body="This is what we read in your e-mail. Not so, or not you? Reply again: the last word counts.",
        points=tuple(_say_answer(occasion, *line, tells=alone) for line in given),
        button="See what each tip said",
        url=occasion.days_url,
    )


def _say_answer(occasion: Occasion, item: str, kind: str, answer: str, *, tells: bool) -> str:
    """The question, what was answered, and what a good answer holds, as far as config still has them."""
    asked = cast(QuestionKind, kind)
    said = NOT_READ_YET if answer == UNREAD else ANSWER_NAMES[asked][cast(Answer, answer)]
    known = occasion.programme.items.get(item)
    question = None if known is None else known.question(asked)
    if question is None:
        return f"You said: {said}."
    good = f" A good answer: {occasion.fill(question.answer)}" if tells else ""
    return f"{occasion.fill(question.ask)} You said: {said}.{good}"


def _write_checked_in(occasion: Occasion, _: Mapping[str, str]) -> Letter:
    return tell_leader(
        occasion,
        subject="Noted: your check-in is done",
        preheader="Nothing you wrote was kept, only that it is done.",
        headline="Your check-in is done",
        body="We read “done” in your e-mail and have noted it. To keep what you thought, for you alone, open the "
        "check-in from the e-mail that asked.",
        button=_CHOICES,
    )


def _write_not_understood(occasion: Occasion, _: Mapping[str, str]) -> Letter:
    hr = occasion.settings.hr_contact
    person = f"write to {hr}" if hr else "ask whoever enrolled you"
    return tell_leader(
        occasion,
        subject="We could not read your e-mail",
        preheader="Some short words that we do understand.",
        headline="Some words for writing back",
        body="An e-mail in your name came to a machine. It could not tell what was meant, or the e-mail came from "
        "another address than this one. Nobody was shown it. Write one of these in the first line of a reply, or open "
        f"your page. To reach a person, {person}.",
        points=(
            "knew it, nearly or forgot: where an e-mail asked one question",
            "1 knew it, 2 forgot: where it asked several",
            "pause, pause two weeks, or pause until 3 March",
            "resume: to end a pause",
            "stop: to leave",
        ),
        button="Open your page of choices",
    )


ON_REPLIES: Final[Mapping[NoticeName, Callable[[Occasion, Mapping[str, str]], Letter]]] = MappingProxyType(
    {
        "resumed": _write_resumed,
        "returned": _write_returned,
        "answered": _write_answered,
        "checked_in": _write_checked_in,
        "reply_not_understood": _write_not_understood,
    }
)
