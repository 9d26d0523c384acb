"""The look of the pages: one style sheet, put together at start from NHS.UK frontend, our own rules and the brand.

NHS.UK frontend comes from npm at set-up. Its typeface is for NHS bodies, and would be fetched from elsewhere, so it is
left out. Colours that the brand decides are custom properties, which our own rules read.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from config.settings import Settings
from emails.colours import Palette, choose_palette, mix

INSTALLED = Path(__file__).parents[1] / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk" / "nhsuk-frontend.min.css"
_OWN = Path(__file__).with_name("static")
_TYPEFACE = re.compile(r"@font-face\{[^}]*\}")
_TYPEFACE_NAME = "Frutiger W01,"
_SHADE = 0.82  # of a button's own colour under the pointer
_DEEP = 0.6  # and at its foot


class LooksError(Exception):
    """The pages have no look. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class StyleSheet:
    """What `/static/NAME` answers, as it is and packed with gzip."""

    name: str  # changes with the content, so that browsers may keep it for good
    content: bytes
    packed: bytes


def find_style_sheet(settings: Settings) -> StyleSheet:
    """The style sheet of an installation; see make_style_sheet."""
    return make_style_sheet(settings.brand_colour, settings.brand_accent_colour, typeface=settings.brand_typeface)


@lru_cache(maxsize=4)
def make_style_sheet(brand_colour: str, accent_colour: str | None = None, *, typeface: str = "arial") -> StyleSheet:
    """The style sheet in these colours. Raises LooksError where NHS.UK frontend has not been installed.

    `typeface`: as CSS writes them, best first.
    """
    own = "\n".join(path.read_text(encoding="utf-8") for path in sorted(_OWN.glob("*.css")))
    colours = write_colours(choose_palette(brand_colour, accent_colour))
    content = "\n".join((_read_frontend(), f":root{{--typeface:{typeface}}}", colours, own)).encode()
    name = f"pages-{blake2b(content, digest_size=6).hexdigest()}.css"
    return StyleSheet(name, content, gzip.compress(content, mtime=0))


def _read_frontend() -> str:
    try:
        sheet = INSTALLED.read_text(encoding="utf-8")
    except OSError as error:
        raise LooksError(
            "the look of the pages is not installed (nhsuk-frontend): run `npm ci` or `make run`"
        ) from error
    return _TYPEFACE.sub("", sheet).replace(_TYPEFACE_NAME, "")


def write_colours(palette: Palette) -> str:
    """The palette of the mails as the custom properties that our rules read."""
    day = {
        "bar": palette.button,
        "on-bar": palette.on_button,
        "page": palette.page,
        "sheet": palette.card,
        "ink": palette.ink,
        "soft": palette.muted,
        "tint": palette.tint,
        "link": palette.link,
        **_button(palette.button, palette.on_button),
    }
    night = {
        "page": palette.dark_page,
        "sheet": palette.dark_card,
        "ink": palette.dark_ink,
        "soft": palette.dark_muted,
        "tint": palette.dark_tint,
        "link": palette.dark_link,
        **_button(palette.dark_button, palette.dark_on_button),
    }
    return f":root{{{_list(day)}}}\n@media (prefers-color-scheme:dark){{:root{{{_list(night)}}}}}\n"


def _button(colour: str, ink: str) -> dict[str, str]:
    """A button, under the pointer and at its foot: away from the colour of its words, so that they stay readable."""
    away = "#000000" if ink == "#ffffff" else "#ffffff"
    return {
        "brand": colour,
        "on-brand": ink,
        "brand-shade": mix(colour, away, _SHADE),
        "brand-deep": mix(colour, "#000000", _DEEP),
    }


def _list(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())
