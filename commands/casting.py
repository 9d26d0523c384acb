"""What a rehearsal or a test mail is made of: content read without any roster, and sample leaders in roles."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from commands.wiring import CommandError, Wiring
from config.load import Config, find_config_dir, load_content
from config.problems import ConfigError
from config.reading.date_fields import iso_date
from rehearsal.storyboard.casting import Part, cast_parts, next_start


def read_date(text: str) -> date:
    """A date as it was typed, held to what a date in config may be. Raises a usage error for anything else."""
    try:
        return iso_date(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Enrolled = Annotated[
    date | None,
    typer.Option(
        metavar="DATE", parser=read_date, help="The day of enrolling; five weeks before the start date without it."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be rehearsed: without roles all of them, without start dates the next sensible one."""

    roles: tuple[str, ...] = ()
    starts: tuple[date, ...] = ()
    enrolled: date | None = None


def read_content(wiring: Wiring) -> Config:
    """Settings and programmes. Raises CommandError with a line for each problem."""
    try:
        return load_content(find_config_dir(wiring.environ), wiring.environ)
    except ConfigError as error:
        raise CommandError(str(error)) from error


def cast(config: Config, wiring: Wiring, wish: Wish) -> tuple[Part, ...]:
    """The sample leaders that were wished for. Raises RehearsalError for an unknown role."""
    today = wiring.clock().astimezone(ZoneInfo(config.settings.time_zone)).date()
    return cast_parts(
        config.settings,
        config.programmes,
        roles=wish.roles,
        starts=wish.starts or (next_start(today),),
        enrolled=wish.enrolled,
    )
