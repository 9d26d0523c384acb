"""The pages of OpenID Connect in a real browser: nothing that axe finds, and nothing to scroll sideways."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.integration.openid.double import Double
from tests.integration.openid.stage import Stage, change_settings, trust
from tests.integration.web.admin import visit
from tests.integration.web.scene import Scene
from tests.integration.web.show import Show, open_show

NOBODY_THERE = "http://127.0.0.1:1"

pytestmark = pytest.mark.browser


def hang_openid(scene: Scene) -> dict[str, httpx2.Response]:
    """Each of the pages."""
    stranger = visit(scene)
    alone = change_settings(Stage(scene, Double(NOBODY_THERE)), local_sign_in=False).scene
    return {
        "both ways": stranger.get("/admin/sign-in"),
        "one way": visit(alone).get("/admin/sign-in"),
        "wrong password": stranger.sign_in("ada@example.org", "wrong"),
        "out of reach": stranger.get("/admin/openid"),
        "not begun here": stranger.get("/admin/openid/callback?code=x&state=y"),
        "signed out": stranger.get("/admin/signed-out"),
    }


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with open_show(tmp_path_factory.mktemp("openid"), hang_openid, **trust(NOBODY_THERE)) as opened:
        yield opened


@pytest.mark.npm
def test_axe_finds_nothing_on_any_page_of_openid_connect(show: Show) -> None:
    faults = show.find_faults((375, 1280))
    assert faults == [], "\n".join(faults)


def test_no_page_of_openid_connect_has_to_be_scrolled_sideways_on_a_phone(show: Show) -> None:
    show.browser.resize(width=375)
    for name in show.names:
        show.open_page(name)
        assert show.browser.evaluate("document.documentElement.scrollWidth") == 375, name
