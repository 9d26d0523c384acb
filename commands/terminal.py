"""What is asked where somebody sits at a terminal; questions go to standard error, so that results can be piped."""

import sys

import typer

from commands.wiring import CommandError


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def ask(words: str) -> str:
    """One line of an answer; an empty one is asked for again."""
    return str(typer.prompt(words, err=True)).strip()


def confirm(words: str, *, yes: bool) -> None:
    """Goes on only where this is meant; where nobody can be asked, it is. Raises CommandError."""
    if not yes and is_terminal() and not typer.confirm(words, default=True, err=True):
        raise CommandError("Nothing has been changed.")
