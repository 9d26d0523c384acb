"""One installation's looks, in its mails, its pages and its rehearsals."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from config.settings import Settings
from emails.brand import find_brand
from emails.links import Links
from models.database import Database
from rehearsal.storyboard.mails import REHEARSAL_URL, show_html
from rehearsal.storyboard.sheets import Sheets
from tests.integration.mail.page import Page
from tests.integration.test_compose import LINKS, VARIANTS, compose
from tests.integration.web.scene import find_sheet, open_scene
from tests.unit.config.test_logos import draw_png
from web.app import create_app


@pytest.fixture
def branded(tmp_path: Path) -> Settings:
    (tmp_path / "logo.png").write_bytes(draw_png(300, 120))
    return Settings(
        config=tmp_path,
        brand_name="Example Hospitals & Friends",
        brand_logo=Path("logo.png"),
        brand_typeface="Arial, 'Some Sans', sans-serif",
        brand_accent_colour="#aa0055",
    )


def test_a_mail_shows_the_logo_small_and_named_and_without_it_the_name(branded: Settings) -> None:
    page = Page(compose(VARIANTS["tip"], settings=branded).html)
    (logo,) = page.images
    assert (logo["alt"], logo["width"], logo["height"]) == ("Example Hospitals & Friends", "120", "48")
    assert (logo["src"] or "").startswith(LINKS.asset("brand/logo.png?v="))
    assert "Example Hospitals & Friends" not in page.words.split("Day 21")[0]

    plain = Page(compose(VARIANTS["tip"], settings=branded.model_copy(update={"brand_logo": None})).html)
    assert (plain.images, "Example Hospitals & Friends" in plain.words) == ([], True)


def test_another_logo_has_another_address(branded: Settings, tmp_path: Path) -> None:
    before = find_brand(branded, LINKS).logo
    (tmp_path / "logo.png").write_bytes(draw_png(299, 120))
    after = find_brand(branded, LINKS).logo
    assert before is not None
    assert after is not None
    assert before.url != after.url


def test_a_mail_is_set_in_the_typeface_and_the_accent(branded: Settings) -> None:
    html = compose(VARIANTS["tip"], settings=branded).html
    assert "Segoe" not in html
    assert "font-family:Arial, 'Some Sans', sans-serif" in html
    assert "color:#aa0055" in html
    head = html.split("</head>")[0]
    assert set(re.findall(r"https?://[^\s\"']+", head)) <= {"http://www.w3.org/1999/xhtml"}  # nothing is fetched


def test_the_logo_is_served_to_whoever_asks_under_its_kind_alone(branded: Settings, database: Database) -> None:
    browser = TestClient(create_app(replace(open_scene(database).site, settings=branded)))
    answer = browser.get("/brand/logo.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == draw_png(300, 120)
    assert browser.get("/brand/logo.gif").status_code == 404


def test_pages_show_the_logo_by_name_and_are_set_in_the_typeface(branded: Settings, database: Database) -> None:
    browser = TestClient(create_app(replace(open_scene(database).site, settings=branded)))
    page = browser.get("/").text
    (logo,) = re.findall(r'<img class="first-logo" src="([^"]+)" width="120" height="48" alt="([^"]+)">', page)
    assert logo[1] == "Example Hospitals &amp; Friends"
    assert browser.get(logo[0].removeprefix(branded.public_url)).status_code == 200
    sheet = browser.get(find_sheet(page)).text
    assert ":root{--typeface:Arial, 'Some Sans', sans-serif}" in sheet


def test_without_a_logo_there_is_none_to_fetch(database: Database) -> None:
    assert open_scene(database).get("/brand/logo.png").status_code == 404


def test_a_rehearsal_holds_the_logo_and_shows_it_from_there(branded: Settings) -> None:
    assert Sheets(branded).write_logo() == {"brand/logo.png": draw_png(300, 120)}
    logo = find_brand(branded, Links(REHEARSAL_URL, (b"a key for tests only, 32 octets.",))).logo
    assert logo is not None
    assert show_html(f'<img src="{logo.url}">', root="../../") == '<img src="../../brand/logo.png">'
