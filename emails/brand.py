"""What a mail looks like: the brand's name, colours, typeface and logo."""

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from config.reading.logos import read_logo
from config.settings import Settings
from emails.colours import Palette, choose_palette
from emails.links import Links

LOGO_ROUTE: Final = "brand/logo"  # and the ending of its kind
_TALLEST, _WIDEST = 48, 240  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLogo:
    """A logo as mails show it: where it is fetched from, and its size on the page, in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """One installation's looks."""

    name: str
    palette: Palette
    typeface: str
    logo: ShownLogo | None = None


def find_brand(settings: Settings, links: Links) -> Brand:
    """The installation's looks. ValueError for a colour that is none, or a logo that cannot be read."""
    return Brand(
        name=settings.brand_name,
        palette=choose_palette(settings.brand_colour, settings.brand_accent_colour),
        typeface=settings.brand_typeface,
        logo=None if settings.brand_logo is None else find_logo(settings.brand_logo, links),
    )


def find_logo(path: Path, links: Links) -> ShownLogo:
    """The logo in this file. ValueError for one that cannot be read."""
    logo = read_logo(path)
    scale = min(1.0, _TALLEST / logo.height, _WIDEST / logo.width)
    version = blake2b(logo.data, digest_size=4).hexdigest()  # mail programs keep pictures: another one, another address
    return ShownLogo(
        url=links.asset(f"{LOGO_ROUTE}.{logo.ending}?v={version}"),
        width=max(1, round(logo.width * scale)),
        height=max(1, round(logo.height * scale)),
    )
