"""The pages that anybody may see: what this is, and the brand's colours."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from emails.colours import Palette, choose_palette
from web.pages import render
from web.site import GivenSite

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
def show_start(site: GivenSite) -> Response:
    """What this service is."""
    return render(site, "start.html", hr_contact=site.settings.hr_contact or "")


@router.api_route("/static/brand.css", methods=["GET", "HEAD"])
def show_brand(site: GivenSite) -> Response:
    """The brand's colours for the style sheet."""
    colours = write_colours(choose_palette(site.settings.brand_colour))
    return Response(colours, media_type="text/css", headers={"Cache-Control": "max-age=300"})


def write_colours(palette: Palette) -> str:
    """The palette of the mails as the custom properties that site.css reads."""
    day = {
        "bar": palette.button,
        "on-bar": palette.on_button,
        "page": palette.page,
        "sheet": palette.card,
        "ink": palette.ink,
        "soft": palette.muted,
        "tint": palette.tint,
        "link": palette.link,
        "brand": palette.button,
        "on-brand": palette.on_button,
    }
    night = {
        "page": palette.dark_page,
        "sheet": palette.dark_card,
        "ink": palette.dark_ink,
        "soft": palette.dark_muted,
        "tint": palette.dark_tint,
        "link": palette.dark_link,
        "brand": palette.dark_button,
        "on-brand": palette.dark_on_button,
    }
    return f":root{{{_list(day)}}}\n@media (prefers-color-scheme:dark){{:root{{{_list(night)}}}}}\n"


def _list(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())
