"""The pages in a real browser: nothing that axe finds, nothing to scroll sideways, all of it by keyboard, no script."""

from collections.abc import Iterator
from typing import cast

import pytest

from tests.browser import Browser, Scheme
from tests.integration.web.gallery import hang
from tests.integration.web.show import AXE, Show, open_show, run_axe

WIDTHS = (320, 1280)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """All pages of leaders."""
    with open_show(tmp_path_factory.mktemp("browser"), hang) as opened:
        yield opened


@pytest.mark.npm
def test_axe_finds_nothing_on_any_page_narrow_or_wide_by_day_or_by_night(show: Show) -> None:
    faults = show.find_faults(WIDTHS)
    assert faults == [], "\n".join(faults)


@pytest.mark.npm
def test_axe_would_find_something(show: Show) -> None:
    show.open_page("question")
    show.browser.evaluate("document.querySelector('main').innerHTML += '<img src=\"x.png\"><a href=\"#x\"></a>'")
    show.browser.evaluate(AXE.read_text(encoding="utf-8"))
    assert {fault.partition(":")[0] for fault in run_axe(show.browser)} == {"image-alt", "link-name"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_has_to_be_scrolled_sideways_on_the_narrowest_phone(show: Show, scheme: Scheme) -> None:
    show.browser.resize(width=320)
    show.browser.dress(scheme)
    for name in show.names:
        show.open_page(name)
        assert show.browser.evaluate("document.documentElement.scrollWidth") == 320, name


def test_each_page_is_dressed_and_nothing_on_it_is_refused_by_its_own_policy(show: Show) -> None:
    for name in show.names:
        show.open_page(name)
        sheets = show.browser.evaluate("[...document.styleSheets].map(s => s.cssRules.length > 1000)")
        assert sheets == [True], name
        fetched = show.browser.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
        assert all(address.startswith((show.base, "data:")) for address in fetched), name


def test_on_paper_no_address_shows_that_would_open_a_leaders_pages(show: Show) -> None:
    show.browser.dress("light", media="print")
    said = "[...document.querySelectorAll('a')].map(a => getComputedStyle(a, '::after').content + ' ' + a.href)"
    for name in show.names:
        show.open_page(name)
        printed = [line for line in cast("list[str]", show.browser.evaluate(said)) if not line.startswith("none ")]
        assert not any(show.scene.site.settings.public_url in line for line in printed), name
    show.browser.dress("light")


# ---------------------------------------------------------------- by keyboard


def focused(browser: Browser) -> str:
    """What has the focus, in words."""
    return str(browser.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))


# What the Tab key should stop at, in order: of radios that belong together, the chosen one or the first.
STOPS = """
window.stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter(e =>
  e.type != "hidden" && e.checkVisibility({contentVisibilityAuto: true}) &&
  (e.type != "radio" || e == (document.querySelector(`input[name="${e.name}"]:checked`) ||
                              document.querySelector(`input[name="${e.name}"]`)))), window.stops.length
"""
SHOWN = """(e => [e, e.nextElementSibling && getComputedStyle(e.nextElementSibling, "::before")].some(x => {
  const s = x instanceof Element ? getComputedStyle(x) : x;
  return s && (s.outlineStyle != "none" || s.boxShadow != "none" || s.borderTopColor == "rgb(33, 43, 50)");
}))(document.activeElement)"""


@pytest.mark.parametrize(
    "name",
    [
        "question",
        "check-in",
        "my days",
        "preferences",
        "paused",
        "leaving",
        "thanks",
        "my data",
        "erasing asked",
        "privacy",
    ],
)
def test_the_tab_key_stops_at_everything_in_order_and_shows_where_it_is(show: Show, name: str) -> None:
    show.browser.resize(width=320)
    show.browser.dress("light")
    show.open_page(name)
    expected, seen = show.browser.evaluate(STOPS), list[int]()
    for _ in range(4 * expected):  # a date or a time has a stop for each of its parts
        show.browser.press("Tab")
        at = show.browser.evaluate("window.stops.indexOf(document.activeElement)")
        if not seen or seen[-1] != at:
            seen.append(at)
            assert show.browser.evaluate(SHOWN), (at, focused(show.browser))
        if at == expected - 1:
            break
    assert expected > 5
    assert seen == list(range(expected))


def test_what_is_wrong_has_the_focus_when_the_page_comes(show: Show) -> None:
    for name in ("stale", "unwise", "too long", "my data pressed too late", "no days", "asked in vain"):
        show.open_page(name)
        show.browser.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        assert focused(show.browser).startswith("There is a problem"), name
        assert show.browser.evaluate("document.title").startswith("Error: "), name
    show.browser.press("Tab")
    assert show.browser.evaluate("document.activeElement.getAttribute('href')") == "#role"


def test_a_question_is_answered_with_the_keyboard_alone_and_without_scripts(show: Show) -> None:
    browser, before = show.browser, len(show.scene.answers())
    browser.allow_scripts(allowed=False)
    try:
        show.open(show.scene.question())
        for _ in range(2):
            browser.press("Tab")
        browser.press("Enter")  # the answer unfolds
        assert browser.evaluate("document.querySelector('details').open") is True
        browser.press("Tab")
        show.scene.wait(seconds=5)
        with browser.loading():
            browser.press("Enter")
        assert "Thank you" in browser.evaluate("document.title")
    finally:
        browser.allow_scripts(allowed=True)
    assert show.scene.answers()[before:] == ["using"]
