"""An installation in a folder of its own, and commands run in it as a person runs them."""

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from commands.wiring import Wiring
from main import main
from tests.builders import at

CONFIG = Path(__file__).parents[3] / "config"
ROW = """\
- name: Sam Sample
  email: sam.sample@example.org
  role: chief-executive
  organisation: Example Hospitals
  start_date: 2027-01-11
"""
DEE_ROW = """\
- name: Dee Sample
  email: dee@example.org
  role: chair
  organisation: Example Trust
  start_date: 2027-01-11
"""


class Terminal(io.StringIO):
    """A keyboard at which somebody types."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(slots=True)
class House:
    """Config that may be edited, a data folder, and a clock that stands at `now`."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    now: datetime = field(default_factory=lambda: at("2026-12-07 09:00"))
    environ: dict[str, str] = field(default_factory=dict[str, str])
    asks_local: bool = False
    _tokens: Iterator[int] = field(default_factory=count)

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def mailbox(self) -> Path:
        return self.folder / "var" / "mailbox"

    def write_roster(self, text: str, *, name: str = "leaders.yaml") -> None:
        (self.config / name).write_text(text, encoding="utf-8")

    def wiring(self, environ: Mapping[str, str] | None = None) -> Wiring:
        own = {"FIRST100_CONFIG": str(self.config), "FIRST100_DATA": str(self.folder / "var")}
        return Wiring(
            environ={**own, **self.environ, **(environ or {})},
            clock=lambda: self.now,
            stopwatch=lambda: 0.0,
            new_token=lambda: f"token-{next(self._tokens)}",
            new_secret=lambda: b"a key for tests only, 32 octets.",
            asks_local=self.asks_local,
        )

    def run(self, *args: str, environ: Mapping[str, str] | None = None) -> Outcome:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(args, self.wiring(environ))
        printed = self.capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)


def build_house(folder: Path, capsys: pytest.CaptureFixture[str]) -> House:
    """The real programme, and an empty roster."""
    shutil.copytree(CONFIG / "first-100-days", folder / "config" / "first-100-days")
    house = House(folder, capsys)
    house.write_roster("[]\n")
    return house
