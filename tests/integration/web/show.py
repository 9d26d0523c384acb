"""Pages in each of their states on a real server, and a browser before it that looks at them."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx2
import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from models.database import migrate, open_database
from tests.browser import Browser, open_browser
from tests.integration.web.scene import Scene, open_scene
from web.serve import listen

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KEPT_HEADERS = ("content-security-policy", "content-type")


class Gallery:
    """The application, and beside it pages that were collected before, with the headers that they came with."""

    def __init__(self, app: ASGIApp, pages: Mapping[str, httpx2.Response]) -> None:
        self._app, self._pages = app, dict(enumerate(pages.values()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = str(scope.get("path", "")).removeprefix("/shown/")
        if scope["type"] != "http" or not place.isdigit():
            await self._app(scope, receive, send)
            return
        page = self._pages[int(place)]
        headers = {name: page.headers[name] for name in KEPT_HEADERS}
        await Response(page.content, status_code=page.status_code, headers=headers)(scope, receive, send)


@dataclass(frozen=True)
class Show:
    scene: Scene
    browser: Browser
    base: str
    names: tuple[str, ...]

    def open(self, path: str) -> None:
        self.browser.open(self.base + path)

    def open_page(self, name: str) -> None:
        """The page, with all that is folded away unfolded."""
        self.open(f"/shown/{self.names.index(name)}")
        self.browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    def find_faults(self, widths: Sequence[int]) -> list[str]:
        """What axe finds on every page at these widths, by day, and of its colours by night."""
        axe, faults = AXE.read_text(encoding="utf-8"), list[str]()
        for name in self.names:
            self.browser.resize(width=widths[0])
            self.browser.dress("light")
            self.open_page(name)
            self.browser.evaluate(axe)
            for width in widths:
                self.browser.resize(width=width)
                self.browser.dress("light")
                faults += [f"{name} at {width}: {fault}" for fault in run_axe(self.browser)]
                self.browser.dress("dark")
                found = run_axe(self.browser, only=["color-contrast"])
                faults += [f"{name} at {width}, dark: {fault}" for fault in found]
        return faults


@contextmanager
def open_show(folder: Path, hang: Callable[[Scene], Mapping[str, httpx2.Response]], **settings: Any) -> Generator[Show]:
    """The pages that `hang` collects from a scene of their own."""
    database = open_database(f"sqlite:///{folder / 'first100.sqlite3'}")
    migrate(database)
    scene = open_scene(database, data=folder, **settings)
    pages = hang(scene)
    try:
        with serving(Gallery(scene.browser.app, pages)) as base, open_browser(folder / "profile") as browser:
            yield Show(scene, browser, base, tuple(pages))
    finally:
        database.close()


@contextmanager
def serving(app: ASGIApp) -> Generator[str]:
    """The application on a real server on this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with listen("127.0.0.1", 0) as listener, ThreadPoolExecutor(max_workers=1) as pool:
        served = pool.submit(server.run, sockets=[listener])
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            served.result()


def run_axe(browser: Browser, *, only: list[str] | None = None) -> list[str]:
    """What axe finds: rule, place and reason, a line each."""
    chosen = {"type": "rule", "values": only} if only else {"type": "tag", "values": TAGS}
    options = json.dumps({"runOnly": chosen, "resultTypes": ["violations"]})
    found: object = browser.evaluate(
        f"axe.run(document, {options}).then(r => r.violations.flatMap(v => v.nodes.map("
        "n => `${v.id}: ${n.target} ${n.failureSummary}`)))"
    )
    return [str(line) for line in cast("list[object]", found)]
