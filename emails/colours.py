"""Colours for mail made from one brand colour, each readable where it stands (WCAG 2.2, AA: 4.5 to 1)."""

from dataclasses import dataclass

READABLE = 4.5  # contrast of text with what is behind it
_BRIGHT = 7.0  # of links and buttons at night: at 4.5 they look switched off

_WHITE, _PAGE, _INK = "#ffffff", "#f2f4f6", "#1b1f23"
_DARK_CARD, _DARK_INK = "#1b2127", "#e8ebee"
_EDGE, _DARK_EDGE = "#7a858f", "#7f8a94"
_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """All the colours of a mail, by day and by night (`dark_`)."""

    page: str
    card: str
    ink: str
    muted: str  # small print on the page
    tint: str  # behind the box
    edge: str  # round a question: told from the card at 3 to 1
    link: str
    button: str
    on_button: str
    dark_page: str
    dark_card: str
    dark_ink: str
    dark_muted: str
    dark_tint: str
    dark_edge: str
    dark_link: str
    dark_button: str
    dark_on_button: str


def choose_palette(brand: str, accent: str | None = None) -> Palette:
    """The palette for a brand colour (`#rrggbb`); ValueError for anything that is no colour.

    `accent` is the colour of links and of what goes with them; without it the brand's own.
    """
    tint, dark_tint = mix(brand, _WHITE, 0.08), mix(brand, _DARK_CARD, 0.14)
    dark_link = make_readable(accent or brand, on=(_DARK_CARD, dark_tint), towards=_WHITE, ratio=_BRIGHT)
    return Palette(
        page=_PAGE,
        card=_WHITE,
        ink=_INK,
        muted="#4a545e",
        tint=tint,
        edge=_EDGE,
        link=make_readable(accent or brand, on=(_PAGE, _WHITE, tint), towards="#000000"),
        button=brand,
        on_button=_pick_ink(brand),
        dark_page="#12161a",
        dark_card=_DARK_CARD,
        dark_ink=_DARK_INK,
        dark_muted="#b4bcc4",
        dark_tint=dark_tint,
        dark_edge=_DARK_EDGE,
        dark_link=dark_link,
        dark_button=dark_link,
        dark_on_button=_pick_ink(dark_link),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` of the first colour in the second."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(first * share + second * (1 - share)):02x}" for first, second in pairs)


def make_readable(colour: str, *, on: tuple[str, ...], towards: str, ratio: float = READABLE) -> str:
    """The colour, moved no further towards another than it must be to read well on these grounds."""
    steps = (mix(towards, colour, step / _STEPS) for step in range(_STEPS + 1))
    return next((step for step in steps if min(contrast(step, ground) for ground in on) >= ratio), towards)


def _pick_ink(ground: str) -> str:
    """White where it can be read, else black: on any colour one of the two can."""
    return _WHITE if contrast(_WHITE, ground) >= READABLE else "#000000"


def _channels(colour: str) -> tuple[int, int, int]:
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(f"{colour!r} is no colour; write it like #1d4f76")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
