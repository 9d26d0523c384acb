"""What holds for each page: its headers, its shape, what happens when something is wrong."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from models.database import Database, migrate, open_database
from models.domain import Programme
from models.failures import DatabaseError
from models.writer import Writer
from tests.integration.web.gallery import hang
from tests.integration.web.scene import RESOURCE, Scene, find_sheet, open_scene
from web.app import create_app

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Scene]:
    """A scene on SQLite alone: what pages look like does not depend on the database."""
    database = open_database(f"sqlite:///{tmp_path}/first100.sqlite3")
    migrate(database)
    yield open_scene(database, data=tmp_path)
    database.close()


def every_page(scene: Scene) -> dict[str, str]:
    """The HTML of each page in each of its states, by a name."""
    return {name: page.text for name, page in hang(scene).items()}


def test_each_page_is_whole_plain_and_works_without_a_script(shown: Scene) -> None:
    for name, html in every_page(shown).items():
        outline = Outline(html)
        assert html.startswith("<!doctype html>"), name
        assert outline.all("html") == [{"lang": "en-GB"}], name
        assert len(outline.all("h1")) == 1, name
        assert not outline.all("script", "style", "iframe", "object", "embed", "img"), name
        assert not any(key == "style" or key.startswith("on") for _, attributes in outline.tags for key in attributes)
        icon, sheet = (link["href"] for link in outline.all("link"))
        assert icon == "data:,", name
        assert re.fullmatch(r"/static/pages-[0-9a-f]{12}\.css", sheet or ""), name
        title = re.search("<title>(.+) – First100</title>", html)
        assert title, name


def test_each_field_has_its_label_and_each_id_stands_once(shown: Scene) -> None:
    for name, html in every_page(shown).items():
        outline = Outline(html)
        ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
        assert len(ids) == len(set(ids)), name
        fields = [field for field in outline.all("input", "select", "textarea") if field.get("type") != "hidden"]
        assert {field.get("id") for field in fields} <= {label.get("for") for label in outline.all("label")}, name
        assert all(form == {"method": "post"} for form in outline.all("form")), name


def test_each_answer_carries_the_headers_that_protect_it(shown: Scene) -> None:
    paths = [*shown.every_link(), "/", "/nowhere", "/healthz", "/static/nothing.css"]
    for path in paths:
        headers = shown.get(path).headers
        assert headers["content-security-policy"] == POLICY, path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-robots-tag"] == "noindex, nofollow", path
        assert "set-cookie" not in headers, path
    for path in [*shown.every_link(), "/healthz", "/nowhere"]:
        assert shown.get(path).headers["cache-control"] == "no-store", path


def test_links_on_a_page_are_found_below_the_path_of_the_public_address(shown: Scene) -> None:
    settings = shown.site.settings.model_copy(update={"public_url": "https://trust.example.org/first100"})
    browser = TestClient(create_app(replace(shown.site, settings=settings)))
    assert 'href="/first100/static/pages-' in browser.get("/").text


def test_the_brand_is_the_installations(shown: Scene) -> None:
    settings = shown.site.settings.model_copy(update={"brand_name": "Moor & <Dale>", "brand_colour": "#ffcc00"})
    browser = TestClient(create_app(replace(shown.site, settings=settings)))
    page = browser.get("/").text
    assert ">Moor &amp; &lt;Dale&gt;</span>" in page
    assert "--bar:#ffcc00;--on-bar:#000000" in browser.get(find_sheet(page)).text


# ---------------------------------------------------------------- what is wrong


def test_what_cannot_be_posted_to_says_so(shown: Scene) -> None:
    for path in ("/", "/healthz", shown.path("o", shown.mail_id), shown.path("l", shown.mail_id, RESOURCE)):
        answer = shown.browser.post(path)
        assert (answer.status_code, "Not possible here" in answer.text) == (405, True)
        assert "GET" in answer.headers["allow"]


def test_a_body_larger_than_any_form_of_ours_is_refused_unread(shown: Scene) -> None:
    nonce = shown.nonce(shown.question())
    before = shown.tables()
    for path in (shown.question(), shown.check_in, shown.my_days, shown.preferences, shown.my_data(), shown.leaving):
        assert shown.press(path, nonce=nonce, answer="using", filler="x" * 20_000).status_code == 413
    chunks = (b"answer=using&filler=" + b"x" * 1000 for _ in range(20))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert shown.browser.post(shown.question(), content=chunks, headers=headers).status_code == 413
    assert shown.tables() == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"answer=using", "text/plain"),
        (b'{"answer": "using"}', "application/json"),
        (b"{", "application/json"),
        (b"answer=%ff%fe&nonce=%00", "application/x-www-form-urlencoded"),
        (b"&&&==;;%%%", "application/x-www-form-urlencoded"),
        (b"answer=using&answer=forgot", "application/x-www-form-urlencoded"),
        (b"x=1&" * 2000, "application/x-www-form-urlencoded"),
        (b"--b\r\n", "multipart/form-data; boundary=b"),
        (b"garbage", "multipart/form-data; boundary=b"),
        (b"garbage", "multipart/form-data"),
        (b'--b\r\nContent-Disposition: form-data; name="answer"; filename="x"\r\n\r\nusing\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
        (b"\xff" * 500, "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)  # fmt: skip
def test_whatever_is_posted_is_never_a_fault_of_ours_and_changes_nothing(shown: Scene, body: bytes, kind: str) -> None:
    before = shown.tables()
    for path in (shown.question(), shown.check_in, shown.my_days, shown.preferences, shown.my_data(), shown.leaving):
        answer = shown.browser.post(path, content=body, headers={"content-type": kind} if kind else {})
        assert answer.status_code in (400, 413, 415, 422), path
        assert "<h1" in answer.text
    assert shown.tables() == before


def test_agents_and_purposes_of_any_kind_can_be_kept(database: Database) -> None:
    scene = open_scene(database)
    for agent in (b"", b"\xff\xfe\x80", b"\x00\x01\x1b[2J", b"a" * 5000, "\u202e\ud7ff".encode()):
        headers = [(b"user-agent", agent), (b"sec-purpose", agent)]
        request = scene.browser.build_request("GET", scene.path("o", scene.mail_id))
        request.headers = type(request.headers)([*request.headers.raw, *headers])
        assert scene.browser.send(request).status_code == 200
    assert all(len(event.agent) <= 300 and len(event.purpose) <= 40 for event in scene.events())


def test_without_a_database_the_pages_say_so_and_ask_to_come_back(shown: Scene) -> None:
    links = shown.every_link()

    def refuse() -> None:
        raise DatabaseError("cannot reach the database")

    sessions = cast(sessionmaker[Session], SimpleNamespace(begin=refuse))
    broken = cast(Database, SimpleNamespace(reading=refuse, writer=Writer(sessions)))
    browser = TestClient(create_app(replace(shown.site, database=broken)))
    for path in links:
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "Back in a moment" in answer.text
    broken.writer.close()


def test_where_nothing_more_can_be_written_a_page_asks_to_come_back(shown: Scene) -> None:
    shown.database.writer.close()
    for path in shown.every_link():
        answer = shown.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert shown.events() == ()


def test_a_fault_of_ours_shows_a_page_and_nothing_of_what_went_wrong(shown: Scene) -> None:
    def break_down() -> Mapping[str, Programme]:
        raise RuntimeError("the secret of the house")

    site = replace(shown.site, programmes=break_down)
    answer = TestClient(create_app(site), raise_server_exceptions=False).get(shown.question())
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.status_code, "The fault is ours" in answer.text) == (500, True)
    assert "secret" not in answer.text
