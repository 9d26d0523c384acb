"""What one mail says, as values that both templates read: all words chosen, nothing left to decide."""

from dataclasses import dataclass
from typing import Literal

LetterKind = Literal["tip", "resource", "questions", "check-in", "welcome", "closing", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """An author's words twice over: safe HTML, and text already wrapped."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Button:
    """A link whose words say where it leads."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Box:
    """The thing to do, and how long it takes."""

    heading: str
    prose: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line about something to read: whose it is, what it covers, and its address where it is known."""

    title: str
    source: str = ""
    covers: str = ""
    url: str | None = None

    @property
    def after_title(self) -> str:
        """What follows the title: `, The Leadership Centre, 2015. Stories from English places.`"""
        source = f", {self.source}" if self.source else ""
        ending = "" if f"{self.title}{source}".endswith((".", "?", "!", "…")) else "."
        return f"{source}{ending} {self.covers}" if self.covers else source

    @property
    def words(self) -> str:
        """The whole line as text."""
        return self.title + self.after_title


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with its heading."""

    heading: str
    lines: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the one link to its answer."""

    ask: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail from top to bottom. What a kind of mail does not have is None or empty."""

    kind: LetterKind
    subject: str
    preheader: str
    kicker: str  # the small line above the headline, or nothing
    headline: str
    byline: str = ""
    openings: tuple[str, ...] = ()  # what has to be said before all else
    body: Prose | None = None
    box: Box | None = None
    points: tuple[str, ...] = ()  # questions to think about, answered together
    numbered: bool = True  # the points, or they are bullets
    button: Button | None = None
    riders: tuple[Listed, ...] = ()
    prompts_heading: str = ""
    prompts: tuple[Asked, ...] = ()
    listings: tuple[Listing, ...] = ()
    why_you: str  # the footer: why this mail comes
    reply_words: str = ""  # what can be written back, or nothing; the questions are numbered then
    choices: Button | None  # None: it goes to somebody else than the leader
    pixel_url: str | None = None
    trap_url: str | None = None  # a link that no person sees: whoever follows it is a machine

    @property
    def numbers_prompts(self) -> bool:
        """Whether somebody who writes back needs a number to say which question is meant."""
        return bool(self.reply_words) and len(self.prompts) > 1
