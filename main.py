"""Where the real clock, the environment and the system's randomness are wired; hands over to commands/."""

import os
import secrets
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import typer

from commands.catalogue import CommandGroup
from commands.wiring import CommandError, Wiring

# No rich help: importing what it needs would take most of the half second that help may take.
app = typer.Typer(
    cls=CommandGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def first100() -> None:
    """First100: short e-mails over a new leader's first 100 days.

    Exit codes: 0 done, 1 the input is wrong, 2 wrong usage, 3 the service could not do it.
    """


def wire() -> Wiring:
    """The real world."""
    return Wiring(
        environ=dict(os.environ),
        clock=lambda: datetime.now(UTC),
        stopwatch=time.monotonic,
        new_token=lambda: secrets.token_hex(16),
        new_secret=lambda: secrets.token_bytes(32),
    )


def main(args: Sequence[str] | None = None, wiring: Wiring | None = None) -> None:
    """Run the command that the arguments name; what goes wrong as expected is said in lines, with its exit code."""
    try:
        app(args, obj=wiring or wire())
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
