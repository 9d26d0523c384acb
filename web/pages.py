"""Pages from templates: an environment of their own, apart from that of the mails."""

from pathlib import Path
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.site import Site

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(site: Site, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """The page of this template. `brand` and `root` (the path our addresses begin with) are given to each."""
    brand = {"name": site.settings.brand_name}
    root = urlsplit(site.settings.public_url).path.rstrip("/")
    html = _ENVIRONMENT.get_template(template).render(brand=brand, root=root, **context)
    return HTMLResponse(html, status_code=status)
