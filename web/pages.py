"""A template becomes a page: what every page has, and the components its parts are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.components import Component, load_components
from web.looks import make_style_sheet
from web.site import Site


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link at the foot of a page."""

    href: str
    text: str


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


def render(
    site: Site, template: str, *, status: int = 200, own: Sequence[PageLink] = (), **context: object
) -> HTMLResponse:
    """The page of this template. `own` are links to the leader's own pages, shown at its foot before the others."""
    root = urlsplit(site.settings.public_url).path.rstrip("/")
    html = (
        _templates()
        .get_template(template)
        .render(
            nhs=_components(),
            brand=site.settings.brand_name,
            sheet=f"{root}/static/{make_style_sheet(site.settings.brand_colour).name}",
            foot=list(own),
            **context,
        )
    )
    return HTMLResponse(html, status_code=status)


def link_own_pages(site: Site, enrolment_id: int, mail_id: int) -> tuple[PageLink, ...]:
    """The leader's own pages, as reached from a mail; 0 for one that is no longer kept."""
    return (
        PageLink(site.links.url("m", enrolment_id, mail_id), "My 100 days"),
        PageLink(site.links.url("p", enrolment_id, mail_id), "Pause, change or leave, and what we keep"),
    )
