"""What the demo serves: the report, and every mail of the mailbox with its HTML, its text and its headers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rehearsal.gain import Gain
from rehearsal.mailbox import ReceivedMail

PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"
# A mail brings its own styles. Its images are not loaded: looking at it here must not count as opening it.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What there is to look at. `rows` are those of the report on leaders, as its JSON has them."""

    rows: Sequence[Mapping[str, Any]]
    gain: Gain | None
    mails: Sequence[ReceivedMail]
    first_day: str
    last_day: str


def create_viewer(shown: Shown, product: FastAPI) -> FastAPI:
    """The demo's pages in front of the product's own, so that the links in the mails work."""
    pages = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    viewer = FastAPI(openapi_url=None)

    def render(template: str, **values: object) -> HTMLResponse:
        page = pages.get_template(template).render(shown=shown, **values)
        return HTMLResponse(page, headers={"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"})

    def find(number: int) -> ReceivedMail:
        if not 0 <= number < len(shown.mails):
            raise HTTPException(404, "There is no such mail.")
        return shown.mails[number]

    def start() -> HTMLResponse:
        by_leader = {
            row["email"]: [(i, mail) for i, mail in enumerate(shown.mails) if mail.recipient == row["email"]]
            for row in shown.rows
        }
        return render("start.html", by_leader=by_leader)

    def show_mail(number: int) -> HTMLResponse:
        return render("mail.html", mail=find(number), number=number)

    def show_html(number: int) -> HTMLResponse:
        return HTMLResponse(find(number).html, headers={"Content-Security-Policy": MAIL_POLICY})

    for path, show in (("/", start), ("/mailbox/{number}", show_mail), ("/mailbox/{number}/html", show_html)):
        viewer.add_api_route(path, show, methods=["GET", "HEAD"], response_class=HTMLResponse)
    viewer.mount("/viewer", StaticFiles(directory=_FOLDER / "static"))
    viewer.mount("/", product)
    return viewer
