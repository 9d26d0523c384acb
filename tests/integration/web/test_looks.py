"""The style sheet of the pages: whole, ours, kept by browsers, and refused in one line where it is not installed."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from emails.colours import READABLE, contrast
from models.database import Database
from tests.integration.web.scene import Scene, find_sheet, open_scene
from web import looks
from web.app import create_app
from web.looks import LooksError, make_style_sheet

PLAIN = "#1d4f76"


def served(scene: Scene, **headers: str) -> "tuple[str, dict[str, str]]":
    answer = scene.get(find_sheet(scene.get("/").text), headers=headers)
    assert answer.status_code == 200
    return answer.text, dict(answer.headers)


def test_nothing_of_it_is_fetched_from_elsewhere_and_no_typeface_is_borrowed(scene: Scene) -> None:
    sheet, _ = served(scene)
    assert ".nhsuk-button" in sheet
    assert not re.search("https?:|@import|@font-face|frutiger", sheet, re.IGNORECASE)


def test_it_comes_packed_to_whoever_can_unpack_it_and_may_be_kept_for_good(scene: Scene) -> None:
    plain, headers = served(scene, **{"accept-encoding": "identity"})
    assert "content-encoding" not in headers
    unpacked, packed_headers = served(scene, **{"accept-encoding": "gzip"})
    assert (packed_headers["content-encoding"], unpacked) == ("gzip", plain)
    assert "immutable" in headers["cache-control"]
    assert headers["vary"] == "Accept-Encoding"
    assert int(packed_headers["content-length"]) < len(plain) / 5


def test_its_name_changes_with_what_it_says() -> None:
    one, other = make_style_sheet(PLAIN), make_style_sheet("#663399")
    assert one.name != other.name
    assert gzip.decompress(other.packed) == other.content


@pytest.mark.parametrize("brand", [PLAIN, "#ffcc00", "#000000", "#ffffff", "#777777"])
def test_whatever_the_brand_words_on_its_buttons_can_be_read_by_day_and_by_night(brand: str) -> None:
    sheet = make_style_sheet(brand).content.decode()
    grounds = re.findall(r"--brand:(#\w{6});--on-brand:(#\w{6});--brand-shade:(#\w{6})", sheet)
    assert len(grounds) == 2
    for ground, ink, shade in grounds:
        assert min(contrast(ground, ink), contrast(shade, ink)) >= READABLE


def test_every_colour_our_rules_read_is_there(scene: Scene) -> None:
    sheet, _ = served(scene)
    assert set(re.findall(r"var\(--([a-z-]+)\)", sheet)) <= set(re.findall(r"--([a-z-]+):", sheet))


def test_without_it_the_pages_are_refused_with_what_to_do(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = open_scene(database)
    monkeypatch.setattr(looks, "INSTALLED", tmp_path / "nothing.css")
    settings = scene.site.settings.model_copy(update={"brand_colour": "#123456"})
    with pytest.raises(LooksError, match="run `npm ci`"):
        create_app(replace(scene.site, settings=settings))
    assert TestClient(scene.browser.app).get("/").status_code == 200
