"""What one mail says, as values that both templates read: all words chosen, nothing left to decide."""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with its heading."""

    heading: str
    lines: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the one link to its answer."""

    ask: str
    button: Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail from top to bottom. What a kind of mail does not have is None or empty."""

    subject: str
    preheader: str
    kicker: str  # the small line above the headline
    headline: str
    byline: str = ""
    openings: tuple[str, ...] = ()  # what has to be said before all else
    body: Prose | None = None
    box: Box | None = None
    points: tuple[str, ...] = ()  # questions to think about, answered together
    button: Button | None = None
    riders: tuple[Listed, ...] = ()
    prompts_heading: str = ""
    prompts: tuple[Asked, ...] = ()
    listings: tuple[Listing, ...] = ()
    why_you: str  # the footer: why this mail comes
    choices: Button
    pixel_url: str | None = None
