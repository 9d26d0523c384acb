"""The commands by name: listed without importing any, imported when called, so that help is there at once."""

from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

# name: (module, what the list says of it). The function in the module has the command's name, a hyphen written as _,
# and one more _ behind a word that Python keeps for itself.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "check": ("commands.enrolling", "Read all config and say what is wrong with it, a line each."),
    "sync": ("commands.enrolling", "Enrol, move and hold as config says; or only show it."),
    "enrol": ("commands.starters", "Write a leader into leaders.yaml, or change one, and enrol them."),
    "import": ("commands.importing", "The same for many, from a spreadsheet: CSV or Excel."),
    "corrections": ("commands.corrections", "What leaders ask HR to put right: shown, granted or declined."),
    "plan": ("commands.planning", "What a leader was sent, what comes next, and why."),
    "why": ("commands.explaining", "Why a leader got a nudge on a day, or got none."),
    "tick": ("commands.service", "One pass of everything due: sync, plan, send."),
    "run": ("commands.service", "The service: ticks and web pages in one process."),
    "collect": ("commands.replies", "One pass over the mailbox of replies."),
    "report": ("commands.reporting", "A report: leaders, items or delivery."),
    "replay": ("commands.care", "Work out afresh what leaders are believed to remember."),
    "export": ("commands.privacy", "Everything kept about a leader, in a file."),
    "erase": ("commands.privacy", "Erase a leader, for good, with a receipt."),
    "readmit": ("commands.privacy", "Let somebody who was erased be enrolled again."),
    "admin": ("commands.accounts", "Who may see the admin pages: add, list, remove."),
    "api-key": ("commands.api_keys", "Keys by which other systems use the API: add, list, remove."),
    "webhook": ("commands.webhooks", "Where other systems are told what happens: add, list, test, rotate, …"),
    "classify": ("commands.care", "Grade afresh who opened and followed what: people or machines."),
    "rehearse": ("commands.storyboarding", "Every mail of the 100 days, as a folder to look through."),
    "send-test": ("commands.trying", "Send yourself one item's mail."),
    "demo": ("commands.rehearsing", "Play the sample leaders' 100 days and show the result."),
}


class CommandGroup(TyperGroup):
    """Typer's group over the catalogue."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What the list of commands shows of one; never run."""
        loaded = super().get_command(ctx, cmd_name)
        if loaded is not None or cmd_name not in COMMANDS:
            return loaded
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, imported now."""
        if args and args[0] in COMMANDS:
            self.add_command(load_command(args[0]), args[0])
        return super().resolve_command(ctx, args)


def load_command(name: str) -> TyperCommand:
    """The command of that name, ready to run."""
    module, summary = COMMANDS[name]
    function = name.replace("-", "_") + ("_" if iskeyword(name) else "")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(name, help=summary)(getattr(import_module(module), function))
    return cast(TyperCommand, typer.main.get_command(app))
