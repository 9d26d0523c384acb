"""A headless Chromium driven over its DevTools pipe: pages of any width, by day or by night, and keys to press."""

import base64
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, BinaryIO, Literal

from tests.conftest import find_chromium

SECONDS = 60  # for anything that Chromium is asked
Scheme = Literal["light", "dark"]
_KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}
# Chromium listens on descriptor 3 and answers on 4; which are free in our own process nobody knows.
_HAND_OVER = """
import fcntl, os, sys
heard, told = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(heard, 3), os.dup2(told, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class BrowserError(Exception):
    """Chromium could not do what it was asked."""


class Browser:
    """One tab. Its methods wait until what they ask for is done."""

    def __init__(self, process: "subprocess.Popen[bytes]", commands: BinaryIO, answers: BinaryIO) -> None:
        self._process, self._commands, self._answers = process, commands, answers
        self._events: list[str] = []  # that came while something else was waited for
        self._downloads = 0  # files that have come
        self._numbers = itertools.count(1)
        self._session: str | None = None
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Page.enable")

    def resize(self, *, width: int, height: int = 900) -> None:
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def dress(self, scheme: Scheme, *, media: str = "") -> None:
        """What the reader prefers; `media` is "print" for paper."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._ask("Emulation.setEmulatedMedia", media=media, features=features)

    def allow_scripts(self, *, allowed: bool) -> None:
        """Whether pages may run scripts of their own."""
        self._ask("Emulation.setScriptExecutionDisabled", value=not allowed)

    def open(self, url: str) -> None:
        """Goes there and waits until all of the page has come."""
        with self.loading():
            failed = self._ask("Page.navigate", url=url).get("errorText")
            if failed:
                raise BrowserError(f"{url}: {failed}")

    @contextmanager
    def loading(self) -> Generator[None]:
        """Waits at its end until the page that was asked for meanwhile has come."""
        self._events.clear()
        yield
        while "Page.loadEventFired" not in self._events:
            self._note(self._read())

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, whatever the page's policy; promises are awaited."""
        found = self._ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise BrowserError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        """A key of the keyboard: Tab, Enter, a letter, ..."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        code = _KEYS.get(key, ord(key.upper()) if len(key) == 1 and key.isalnum() else 0)
        held: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **held, **({"text": text} if text else {}))
        self._ask("Input.dispatchKeyEvent", type="keyUp", **held)

    def type(self, text: str) -> None:
        """Letter by letter, into whatever has the focus."""
        for letter in text:
            self.press(letter)

    @contextmanager
    def downloading(self, folder: Path) -> Generator[None]:
        """Waits at its end until the file that was asked for meanwhile lies in the folder."""
        self._ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
        self._downloads = 0
        yield
        while not self._downloads:
            self._note(self._read())

    def photograph(self, path: Path) -> None:
        """The whole page as a PNG."""
        shot = self._ask("Page.captureScreenshot", captureBeyondViewport=True, format="png", clip=self._whole())
        path.write_bytes(base64.b64decode(shot["data"]))

    def _whole(self) -> Mapping[str, Any]:
        size = self._ask("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        while (answer := self._read()).get("id") != number:
            self._note(answer)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _note(self, event: Mapping[str, Any]) -> None:
        self._events.append(str(event.get("method")))
        if event.get("method") == "Browser.downloadProgress" and event["params"]["state"] == "completed":
            self._downloads += 1

    def _read(self) -> dict[str, Any]:
        impatience = Timer(SECONDS, self._process.kill)
        impatience.start()
        octets = bytearray()
        while (octet := self._answers.read(1)) not in (b"", b"\0"):
            octets += octet
        impatience.cancel()
        if not octet:
            raise BrowserError("Chromium has gone, or took too long")
        return json.loads(octets)


@contextmanager
def open_browser(profile: Path) -> Generator[Browser]:
    """A Chromium of the test's own, closed again afterwards; `profile` is an empty folder for what it keeps."""
    chromium = find_chromium()
    if chromium is None:
        raise BrowserError("there is no Chromium on this machine")
    (heard, commands), (answers, told) = os.pipe(), os.pipe()
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
    pipe = [f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    process = subprocess.Popen(
        [sys.executable, "-c", _HAND_OVER, str(heard), str(told), str(chromium), *options, *pipe],
        pass_fds=(heard, told),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(heard)
    os.close(told)
    try:
        with os.fdopen(commands, "wb") as writing, os.fdopen(answers, "rb") as reading:
            yield Browser(process, writing, reading)
    finally:
        process.kill()
        process.wait()
