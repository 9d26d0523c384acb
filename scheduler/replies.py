"""The leader's own words in a reply → what they ask for, by a small grammar, or nothing.

The first line that says anything decides; answers may go on over the lines below it. The grammar in words stands in
docs/replies.md.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from models.domain import Answer, ItemKind
from scheduler.spoken_dates import read_last_day

ReplyAnswer = Answer | Literal["unread"]  # unread: what the question is about has not been read yet

_LONGEST_LINE = 200  # characters; nothing that is understood is as long
_MOST_LINES = 20  # looked at
_ANSWERS: Final[Mapping[ReplyAnswer, tuple[str, ...]]] = {
    "using": ("using", "using it", "knew", "knew it", "know it", "got it", "yes", "have a plan", "thought it through"),
    "nearly": ("nearly", "almost", "partly", "nearly knew it"),
    "forgot": ("forgot", "forgot it", "forgotten", "no", "not yet", "did not know", "did not know it", "do not know"),
    "unread": ("unread", "not read", "not read yet", "not read it", "not read it yet", "have not read it yet"),
}
_WORDS: Final[Mapping[str, ReplyAnswer]] = {words: answer for answer, known in _ANSWERS.items() for words in known}

# What stands above or before the first words that say anything: greetings, and what gateways put there.
_HELLO = r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thanks|thank you|many thanks)"
_GREETING = re.compile(rf"{_HELLO}(?: \w+){{0,3}}")
_GREETING_FIRST = re.compile(rf"^\W*{_HELLO}\b[^,.!]{{0,30}}[,.!]")
_BANNER = re.compile(r"(?:external|caution|warning|this (?:message|e-?mail) (?:originated|was sent|came) from)\b.*")
_COURTESY = re.compile(
    r"^(?:please|pls|can you|could you|would you|i want to|i would like to|i) | (?:please|pls|thanks|thank you|now)$"
)
_IGNORED = re.compile(r"[,;:!?()\[\]*_#\"“”]|\.(?=\s|$)")
_NUMBERED = re.compile(r"\b(?:question |q)?([1-9])(?![0-9])")

_MAIL = r"(?: (?:the|these|this|your|my|all|any|more|of|e-?mails?|messages|nudges|programme))*"
_PAUSE = re.compile(rf"pause{_MAIL}(?: (?P<time>.+))?")
_LEAVE = re.compile(
    rf"(?:stop|unsubscribe|opt out)(?: (?:sending|me|from|it))*{_MAIL}|leave{_MAIL}|no more{_MAIL}|remove me"
)
_RESUME = re.compile(rf"(?:resume|restart|continue|start again|unpause){_MAIL}|(?:end|stop|cancel) (?:the |my )?pause")
_RETURN = re.compile(r"return|rejoin|come back")
_DONE = re.compile(r"(?:check-?in )?done")


@dataclass(frozen=True, slots=True)
class Answers:
    """How the questions of the mail went: number in the mail, from 1 → answer."""

    given: Mapping[int, ReplyAnswer]


@dataclass(frozen=True, slots=True)
class Pause:
    until: date | None  # the last day; None: without an end


@dataclass(frozen=True, slots=True)
class Plain:
    """What needs no more words. `done`: the check-in that the mail asked for."""

    wish: Literal["leave", "resume", "return", "done"]


Asked = Answers | Pause | Plain


def understand(words: str, *, questions: Sequence[ItemKind], today: date) -> Asked | None:
    """What the words ask for; None where that cannot be told.

    `questions`: those of the mail that is replied to, in its order, by what each is about.
    """
    lines = _read_lines(words)
    if not lines:
        return None
    return _read_choice(lines[0], today) or _read_answers(lines, questions)


def _read_lines(words: str) -> list[str]:
    """The lines that say something, in lower case and without marks, courtesies, and what stands above the first."""
    lines: list[str] = []
    for written in words.splitlines():
        line = _simplify(written[: _LONGEST_LINE + 1])
        above = not lines and (_GREETING.fullmatch(line) or _BANNER.fullmatch(line))
        if line and not above:
            lines.append(line)
        if len(lines) == _MOST_LINES:
            break
    return lines


def _simplify(written: str) -> str:
    line = _GREETING_FIRST.sub("", unicodedata.normalize("NFKC", written).lower().replace("’", "'"), count=1)
    line = re.sub(r"\b(did|do|have)n't\b", r"\1 not", line).replace("i'd like", "i would like")
    line = " ".join(_IGNORED.sub(" ", line).split()).strip(" -–—=.'")
    while line != (shorter := _COURTESY.sub("", line)):
        line = shorter
    return line if len(line) <= _LONGEST_LINE else ""


def _read_choice(line: str, today: date) -> Asked | None:
    pause = _PAUSE.fullmatch(line)
    if pause is not None:
        until = read_last_day(pause["time"], today=today) if pause["time"] else None
        return None if pause["time"] and until is None else Pause(until)
    for wish, pattern in _PLAIN.items():
        if pattern.fullmatch(line):
            return Plain(wish)
    return None


_PLAIN: Final[Mapping[Literal["leave", "resume", "return", "done"], re.Pattern[str]]] = {
    "resume": _RESUME,
    "leave": _LEAVE,
    "return": _RETURN,
    "done": _DONE,
}


def _read_answers(lines: Sequence[str], questions: Sequence[ItemKind]) -> Answers | None:
    """Answers by number, on one line or several; without a number where there was one question alone."""
    if len(questions) == 1 and (alone := _read_word(lines[0], questions[0])):
        return Answers({1: alone})
    given: dict[int, ReplyAnswer] = {}
    for line in lines:
        found = _read_numbered(line, questions)
        if found is None and line[0].isdigit():
            return None  # rather nothing than half of it
        if found is None:
            break
        given |= found
    return Answers(given) if given else None


def _read_numbered(line: str, questions: Sequence[ItemKind]) -> dict[int, ReplyAnswer] | None:
    """1 knew it 2 forgot; None for a line that says anything else."""
    before, *parts = _NUMBERED.split(line)
    numbers = [int(number) for number in parts[::2]]
    if before.strip() or not numbers or max(numbers) > len(questions):
        return None
    found: dict[int, ReplyAnswer] = {}
    for number, words in zip(numbers, parts[1::2], strict=True):
        said = _COURTESY.sub("", words.removesuffix(" and ").strip(" -–—=."))
        answer = _read_word(said, questions[number - 1])
        if answer is None:
            return None
        found[number] = answer
    return found


def _read_word(words: str, about: ItemKind) -> ReplyAnswer | None:
    if about == "resource" and words == "no":  # "Did you read ...?"
        return "unread"
    answer = _WORDS.get(words)
    return None if answer == "unread" and about != "resource" else answer
