"""The pages' process killed with SIGKILL under load: nothing acknowledged is lost, and no press counts twice."""

import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Condition, Thread
from typing import IO, cast
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from models.database import Database
from models.tables import EventRow
from tests.integration.web.scene import RECALL, RESOURCE, Scene, find_nonce, open_scene

SECONDS = 60  # a test that waits longer has failed
READERS = 12
KILLED = -9


@dataclass
class Stand:
    """Where the service listens now, and what it has acknowledged: each request went under a name of its own."""

    changed: Condition = field(default_factory=Condition)
    port: int | None = None
    over: bool = False
    acknowledged: list[str] = field(default_factory=list[str])
    pressed: list[str] = field(default_factory=list[str])

    def move(self, port: int | None, *, over: bool = False) -> None:
        with self.changed:
            self.port, self.over = port, over
            self.changed.notify_all()

    def find_port(self) -> int | None:
        """Where to ask next; None when all is over."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.port is not None or self.over, SECONDS)
            return None if self.over else self.port

    def acknowledge(self, name: str, *, press: bool) -> None:
        with self.changed:
            self.acknowledged.append(name)
            if press:
                self.pressed.append(name)
            self.changed.notify_all()

    def wait_for_more(self, number: int) -> None:
        with self.changed:
            enough = len(self.acknowledged) + number
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= enough, SECONDS)


@dataclass
class Reader:
    """Opens, follows and answers, one request after another; what was not acknowledged is sent again as it was."""

    stand: Stand
    name: str
    paths: tuple[str, str]  # of the pixel and of a tracked link
    question: str

    def read_on(self) -> None:
        number, nonce = 0, ""
        while (port := self.stand.find_port()) is not None:
            connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            try:
                while self.stand.find_port() == port:
                    press = number % 5 == 4
                    if press:  # on the page that was looked at
                        nonce = nonce or find_nonce(self._ask(connection, "GET", self.question, f"{self.name}-look"))
                        body = urlencode({"nonce": nonce, "answer": "using"})
                        self._ask(connection, "POST", self.question, f"{self.name}-{number}", body)
                    else:
                        self._ask(connection, "GET", self.paths[number % 2], f"{self.name}-{number}")
                    self.stand.acknowledge(f"{self.name}-{number}", press=press)
                    number, nonce = number + 1, ""
            except (OSError, HTTPException):  # it was killed
                with self.stand.changed:
                    if self.stand.port == port:
                        self.stand.port = None
            finally:
                connection.close()

    def _ask(self, connection: HTTPConnection, method: str, path: str, agent: str, body: str = "") -> str:
        headers = {"User-Agent": agent}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        assert answer.status in (200, 302), text
        return text


@contextmanager
def serving(url: str) -> Generator["tuple[subprocess.Popen[str], int]"]:
    command = [sys.executable, "-m", "tests.torture.receiver", url]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, int(cast(IO[str], process.stdout).readline())
        finally:
            process.kill()


def survive(scene: Scene, *, kills: int, between: int) -> Stand:
    """So many deaths under load, each after so many more acknowledgements, and then an orderly end."""
    url = scene.database.engine.url.render_as_string(hide_password=False)
    stand = Stand()
    paths = (scene.path("o", scene.mail_id), scene.path("l", scene.mail_id, RESOURCE))
    question = scene.question(RECALL)  # the same for all: their pages are shown in the same instants
    readers = [Reader(stand, f"reader-{number}", paths, question) for number in range(READERS)]
    threads = [Thread(target=reader.read_on) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        for _ in range(kills):
            with serving(url) as (process, port):
                stand.move(port)
                stand.wait_for_more(between)
                process.kill()
                assert process.wait(SECONDS) == KILLED
        with serving(url) as (process, port):
            stand.move(port)
            stand.wait_for_more(between)
            stand.move(None, over=True)
            for thread in threads:
                thread.join(SECONDS)
            process.terminate()
            assert process.wait(SECONDS) == 0
    finally:
        stand.move(None, over=True)
    return stand


def check_promise(scene: Scene, stand: Stand) -> None:
    with scene.database.reading() as session:
        rows = session.execute(select(EventRow.agent, EventRow.kind, EventRow.nonce)).all()
    kept = Counter(agent for agent, _, _ in rows)
    assert [name for name in stand.acknowledged if not kept[name]] == []
    assert len(stand.acknowledged) == len(set(stand.acknowledged))
    answers = Counter(agent for agent, kind, _ in rows if kind == "answer")
    assert {name: answers[name] for name in stand.pressed} == dict.fromkeys(stand.pressed, 1)
    assert stand.pressed
    if scene.database.engine.dialect.name == "sqlite":
        with scene.database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_what_was_acknowledged_outlives_the_death_of_the_process(database: Database) -> None:
    scene = open_scene(database)
    check_promise(scene, survive(scene, kills=2, between=60))


@pytest.mark.prove
def test_ten_deaths_under_load_lose_nothing_that_was_acknowledged(database: Database) -> None:
    scene = open_scene(database)
    check_promise(scene, survive(scene, kills=10, between=250))
