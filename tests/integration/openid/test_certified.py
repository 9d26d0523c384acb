"""The whole way with a certified provider that is not ours: by a client that follows each step, and in a browser."""

import html
import re
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
import uvicorn

from models.database import Database, migrate, open_database
from tests.browser import open_browser
from tests.integration.openid.certified import open_certified
from tests.integration.openid.double import SECRET
from tests.integration.openid.stage import CALLBACK, open_openid_scene, prepare, read_audit
from tests.integration.web.admin import Visitor, read_text, visit
from tests.integration.web.scene import Scene
from web.serve import listen

SITE = "https://nudges.example.org"

pytestmark = pytest.mark.npm


@pytest.fixture(scope="module")
def issuer() -> Generator[str]:
    with open_certified(callback=SITE + CALLBACK, home=f"{SITE}/admin/sign-in", secret=SECRET) as opened:
        yield opened


@pytest.fixture
def scene(database: Database, issuer: str) -> Scene:
    return open_now(database, issuer)


def open_now(database: Database, issuer: str, **settings: str) -> Scene:
    """A scene of today, which is when the provider signs."""
    scene = open_openid_scene(database, issuer, **settings)
    scene.now = datetime.now(UTC)
    return scene


def find_form(page: httpx2.Response) -> tuple[str, dict[str, str]]:
    """Where a page's form goes, and what it brings along by itself."""
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert action, page.text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return urljoin(str(page.url), html.unescape(action[1])), dict(hidden)


def go_through(name: str, address: str) -> str:
    """What the provider sends the browser of this person back to."""
    with httpx2.Client() as browser:
        page = browser.get(address)
        for _ in range(12):
            if page.status_code in (302, 303):
                there = urljoin(str(page.url), page.headers["location"])
                if there.startswith(SITE):
                    return there
                page = browser.get(there)
            else:
                form, fields = find_form(page)
                typed = {"login": name, "password": "any"} if 'name="login"' in page.text else {}
                page = browser.post(form, data={**fields, **typed})
    raise AssertionError(f"lost at {page.url}")


def sign_in(visitor: Visitor, name: str) -> httpx2.Response:
    away = visitor.get("/admin/openid?to=/admin/leaders")
    assert away.status_code == 303, away.text
    return visitor.get(go_through(name, away.headers["location"]).removeprefix(SITE))


def test_somebody_with_an_account_signs_in_and_out(scene: Scene) -> None:
    prepare(scene, "ada@example.org")
    visitor = visit(scene)
    for _ in range(2):  # the first time binds the account, the second finds it so
        answer = sign_in(visitor, "ada")
        assert (answer.status_code, answer.headers.get("location")) == (303, "/admin/leaders"), read_text(answer)
        assert "ada@example.org" in read_text(visitor.get("/admin"))
    out = visitor.press("/admin", "/admin/sign-out")
    assert out.headers["location"] == "/admin/signed-out"
    there = visitor.get("/admin/openid/sign-out").headers["location"]
    assert there.startswith(scene.site.settings.openid_issuer or "?")
    with httpx2.Client() as browser:
        form, fields = find_form(browser.get(there))
        back = browser.post(form, data=fields)
    assert back.headers["location"] == f"{SITE}/admin/sign-in"
    done = [action for action, _ in read_audit(scene)]
    assert done == ["account_added", "account_bound", "signed_in", "signed_out", "signed_in", "signed_out"]


def test_somebody_without_an_account_or_a_verified_address_does_not_get_in(scene: Scene) -> None:
    prepare(scene, "unverified.ada@example.org")
    for name in ("stranger", "unverified.ada"):
        page = sign_in(visit(scene), name)
        assert (page.status_code, "No account here is yours" in read_text(page)) == (403, True)


def test_a_code_is_good_for_one_sign_in(scene: Scene) -> None:
    prepare(scene, "ada@example.org")
    first, second = visit(scene), visit(scene)
    away = first.get("/admin/openid").headers["location"]
    answer = go_through("ada", away).removeprefix(SITE)
    second.browser.cookies.update(first.browser.cookies)
    assert first.get(answer).status_code == 303
    assert second.get(answer).status_code == 400


# ---------------------------------------------------------------- in a browser


@contextmanager
def open_site(folder: Path) -> Generator[tuple[Scene, str]]:
    """A site and a provider on two hosts of this machine, as a browser sees it."""
    database = open_database(f"sqlite:///{folder / 'first100.sqlite3'}")
    migrate(database)
    with listen("127.0.0.1", 0) as listener, ThreadPoolExecutor(max_workers=1) as serving:
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with open_certified(callback=site + CALLBACK, home=f"{site}/admin/sign-in", secret=SECRET) as issuer:
            scene = open_now(database, issuer, public_url=site)
            server = uvicorn.Server(uvicorn.Config(scene.browser.app, log_config=None, lifespan="off"))
            served = serving.submit(server.run, sockets=[listener])
            try:
                yield scene, site
            finally:
                server.should_exit = True
                served.result()
                database.close()


@pytest.mark.browser
def test_in_a_browser_the_button_leads_there_and_back_again(tmp_path: Path) -> None:
    with open_site(tmp_path) as (scene, site), open_browser(tmp_path / "profile") as browser:
        prepare(scene, "ada@example.org")
        browser.open(f"{site}/admin/leaders")
        assert browser.evaluate("location.pathname + location.search") == "/admin/sign-in?to=/admin/leaders"
        with browser.loading():
            browser.evaluate("document.querySelector('a[href*=\"/admin/openid\"]').click()")
        assert browser.evaluate("location.hostname") == "localhost"
        browser.evaluate("document.querySelector('[name=login]').value = 'ada'")
        browser.evaluate("document.querySelector('[name=password]').value = 'any'")
        with browser.loading():
            browser.evaluate("document.querySelector('form').requestSubmit()")
        with browser.loading():  # the provider asks whether we may know who it is
            browser.evaluate("document.querySelector('form').requestSubmit()")
        assert browser.evaluate("location.href") == f"{site}/admin/leaders"
        assert "ada@example.org" in browser.evaluate("document.body.innerText")
        with browser.loading():
            browser.evaluate("document.querySelector('form[action$=\"/sign-out\"]').requestSubmit()")
        assert browser.evaluate("location.pathname") == "/admin/signed-out"
        with browser.loading():
            browser.evaluate("document.querySelector('a[href$=\"/openid/sign-out\"]').click()")
        assert browser.evaluate("location.hostname") == "localhost"
        with browser.loading():  # the provider asks whether that is meant
            browser.evaluate("document.querySelector('[name=logout]').click()")
        assert browser.evaluate("location.href") == f"{site}/admin/sign-in"
