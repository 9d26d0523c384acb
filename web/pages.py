"""A template becomes a page: what every page has, and the components its parts are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from emails.brand import ShownLogo, find_logo
from emails.links import Links
from web.components import Component, load_components
from web.looks import find_style_sheet
from web.site import Site


@dataclass(frozen=True, slots=True)
class OwnPages:
    """The addresses of a leader's own pages."""

    my_days: str
    choices: str


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _components() -> Mapping[str, Component]:
    return load_components()


@lru_cache(maxsize=4)
def _find_logo(path: Path | None, links: Links) -> ShownLogo | None:
    """The brand's logo as it was when the first page was shown."""
    return None if path is None else find_logo(path, links)


def render(
    site: Site, template: str, *, status: int = 200, own: OwnPages | None = None, **context: object
) -> HTMLResponse:
    """The page of this template. `own`: the pages of the leader who looks at it; None where nobody knows who does."""
    root = site.root
    given = {
        "root": root,
        "nhs": _components(),
        "brand": site.settings.brand_name,
        "logo": _find_logo(site.settings.brand_logo, site.links),
        "sheet": f"{root}/static/{find_style_sheet(site.settings).name}",
        "own": own,
        "privacy": f"{root}/privacy",
        "foot": [
            *_list_own(own),
            {"href": f"{root}/privacy", "text": "Privacy"},
            {"href": f"{root}/accessibility", "text": "Accessibility"},
        ],
    }
    return HTMLResponse(_templates().get_template(template).render(given, **context), status_code=status)


def fill_template(template: str, **context: object) -> str:
    """A document of its own, that is no page of the site."""
    return _templates().get_template(template).render(context)


def link_own_pages(site: Site, enrolment_id: int, mail_id: int) -> OwnPages:
    """The leader's own pages as reached from a mail; 0 for one that is no longer kept."""
    return OwnPages(
        my_days=site.links.url("m", enrolment_id, mail_id), choices=site.links.url("p", enrolment_id, mail_id)
    )


def _list_own(own: OwnPages | None) -> list[Mapping[str, str]]:
    """The leader's own pages as links for the foot of a page."""
    if own is None:
        return []
    return [
        {"href": own.my_days, "text": "My 100 days"},
        {"href": own.choices, "text": "Pause, change or leave, and what we keep"},
    ]
