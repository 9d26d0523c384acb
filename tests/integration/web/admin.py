"""People who sign in to the admin pages, as a browser does it."""

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from fastapi.testclient import TestClient

from models.accounts import AccountRole, put_account
from tests.integration.web.scene import FIREFOX, Scene

PASSWORD = "heron lantern quarry mitten"


def find_mark(page: httpx2.Response) -> str:
    """The mark in a page's first form."""
    found = re.search(r'name="mark" value="([^"]+)"', page.text)
    assert found, f"no form with a mark on {page.url}"
    return found.group(1)


def read_text(page: httpx2.Response) -> str:
    """A page's words in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def invite(scene: Scene, email: str, *, role: AccountRole = "admin", organisations: tuple[str, ...] = ()) -> str:
    """The path of the link that sets an account's password."""
    link = f"link-of-{email}-{scene.now.timestamp()}"
    with scene.database.sessions.begin() as session:
        put_account(session, email, role=role, organisations=organisations, link=link, now=scene.now)
    return f"/admin/password/{link}"


@dataclass
class Visitor:
    """A browser of its own, with its cookies."""

    scene: Scene
    browser: TestClient

    def get(self, path: str) -> httpx2.Response:
        return self.browser.get(path, follow_redirects=False)

    def post(self, path: str, **fields: Any) -> httpx2.Response:
        return self.browser.post(path, data=fields, follow_redirects=False)

    def press(self, on: str, path: str = "", **fields: Any) -> httpx2.Response:
        """Look at a page and press a button on it; `path`: where its form goes, if not to itself."""
        return self.post(path or on, mark=find_mark(self.get(on)), **fields)

    def sign_in(self, email: str, password: str = PASSWORD, **fields: Any) -> httpx2.Response:
        return self.press("/admin/sign-in", email=email, password=password, **fields)

    def go_on(self, answer: httpx2.Response) -> httpx2.Response:
        """The page that an answer leads to."""
        place = urlsplit(answer.headers["location"])
        return self.get(place.path + (f"?{place.query}" if place.query else ""))


def visit(scene: Scene, *, host: str = "192.0.2.1") -> Visitor:
    """Somebody new, at an address of their own."""
    browser = TestClient(
        scene.browser.app,
        base_url=scene.site.settings.public_url,
        headers={"user-agent": FIREFOX},
        client=(host, 50000),
    )
    return Visitor(scene, browser)


def enter(
    scene: Scene, email: str = "ada@example.org", *, role: AccountRole = "admin", organisations: tuple[str, ...] = ()
) -> Visitor:
    """Somebody with an account, signed in."""
    path = invite(scene, email, role=role, organisations=organisations)
    visitor = visit(scene)
    assert visitor.press(path, password=PASSWORD, again=PASSWORD).status_code == 303
    assert visitor.sign_in(email).status_code == 303
    return visitor
