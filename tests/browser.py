"""A headless Chromium driven by Playwright: pages of any width, by day or by night, and keys to press."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tests.conftest import find_chromium

if TYPE_CHECKING or find_spec("playwright"):
    from playwright.sync_api import Error, Page, sync_playwright

    BrowserError = Error
else:  # the tests that need it do not run, and say so (tests/conftest.py)
    BrowserError = RuntimeError

SECONDS = 60  # for a page or a file to come
SECONDS_AFTER = 2  # for Chromium's page about one that does not come
Scheme = Literal["light", "dark"]


class Browser:
    """One tab. Its methods wait until what they ask for is done."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._devtools = page.context.new_cdp_session(page)  # for what Playwright cannot change on an open page

    def resize(self, *, width: int, height: int = 900) -> None:
        self._emulate("DeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def dress(self, scheme: Scheme, *, media: Literal["print", "null"] = "null") -> None:
        """What the reader prefers; `media` is "print" for paper."""
        self._page.emulate_media(color_scheme=scheme, media=media)

    def allow_scripts(self, *, allowed: bool) -> None:
        """Whether pages may run scripts of their own."""
        self._emulate("ScriptExecutionDisabled", value=not allowed)

    def open(self, url: str) -> None:
        """Goes there and waits until all of the page has come."""
        try:
            self._page.goto(url)
        except BrowserError:
            with suppress(BrowserError):  # Chromium's own page about it, which would come in the way of the next
                self._page.wait_for_event("load", timeout=SECONDS_AFTER * 1000)
            raise

    @contextmanager
    def loading(self) -> Generator[None]:
        """Waits at its end until the page that was asked for meanwhile has come."""
        with self._page.expect_event("load"):
            yield

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, whatever the page's policy; promises are awaited."""
        return self._page.evaluate(expression)

    def press(self, key: str, *, shift: bool = False) -> None:
        """A key of the keyboard: Tab, Enter, a letter, ..."""
        self._page.keyboard.press(f"Shift+{key}" if shift else key)

    def type(self, text: str) -> None:
        """Letter by letter, into whatever has the focus."""
        self._page.keyboard.type(text)

    @contextmanager
    def downloading(self, folder: Path) -> Generator[None]:
        """Waits at its end until the file that was asked for meanwhile lies in the folder."""
        with self._page.expect_download() as coming:
            yield
        coming.value.save_as(folder / coming.value.suggested_filename)

    def photograph(self, path: Path) -> None:
        """The whole page as a PNG."""
        self._page.screenshot(path=path, full_page=True)

    def _emulate(self, what: str, **params: object) -> None:
        self._devtools.send(f"Emulation.set{what}", params)  # pyright: ignore[reportUnknownMemberType]


@contextmanager
def open_browser(profile: Path) -> Generator[Browser]:
    """A Chromium of the test's own, closed again afterwards; `profile` is an empty folder for what it keeps.

    While it is open this thread counts as one in which an event loop runs: no asyncio.run beside it.
    """
    chromium = find_chromium()
    if chromium is None:
        raise BrowserError("there is no Chromium on this machine")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=options, no_viewport=True
        ) as context,
    ):
        context.set_default_timeout(SECONDS * 1000)
        yield Browser(context.pages[0])
