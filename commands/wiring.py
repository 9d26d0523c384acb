"""What main.py hands to every command, and how a command fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import typer

WRONG_INPUT, OUT_OF_SERVICE = 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The outside world: a program or a test may hand in another one."""

    environ: Mapping[str, str]
    clock: Callable[[], datetime]  # aware UTC
    stopwatch: Callable[[], float]  # seconds that only ever grow
    new_token: Callable[[], str]
    new_secret: Callable[[], bytes]
    asks_local: bool = False  # whether `check --links` may ask addresses of this machine: for tests


class CommandError(Exception):
    """A command cannot do what it was asked. Its text is what the user reads; `exit_code` as the contract says."""

    def __init__(self, text: str, *, exit_code: int = WRONG_INPUT) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def wiring_of(context: typer.Context) -> Wiring:
    """The wiring that main.py put into the context."""
    return cast(Wiring, context.obj)
