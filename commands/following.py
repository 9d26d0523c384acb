"""One item's mails on a page: written once, or again after each saved edit."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from commands.casting import Wish, cast
from commands.opening import make_data_folder
from commands.printing import print_lines
from commands.wiring import CommandError, Wiring
from config.load import Config, find_config_dir, load_content, load_settings
from config.problems import ConfigError, Problem
from config.settings import Settings
from rehearsal.storyboard.casting import Part, RehearsalError
from rehearsal.storyboard.folder import write_folder
from rehearsal.storyboard.item import find_part, lay_out_item, lay_out_problem, stage_item
from rehearsal.storyboard.layout import INDEX
from rehearsal.storyboard.mails import StagedMail, make_composer
from rehearsal.storyboard.sheets import Sheets
from rehearsal.storyboard.watching import CannotShowError, follow, watch_folder

ITEM_FOLDER = "rehearsal-item"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShown:
    """An item's mails as they were written into a folder; `lines` tell a person about it."""

    folder: Path
    item: str
    part: Part
    mails: tuple[StagedMail, ...]
    warnings: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        first = self.mails[0]
        when = f"{self.part.role.name}, day {first.scene.nudge.day}"
        return (
            *self.warnings,
            f"“{first.composed.subject}” ({when}): {(self.folder / INDEX).absolute()}",
        )


def show_item(
    config: Config, wiring: Wiring, wish: Wish, item: str, out: Path | None, *, watched: bool = False
) -> ItemShown:
    """Writes an item's mails into its folder. Raises RehearsalError and FolderError."""
    part = find_part(cast(config, wiring, wish), item)
    shown = ItemShown(
        folder=choose_folder(config.settings, out, ITEM_FOLDER),
        item=item,
        part=part,
        mails=stage_item(make_composer(config.settings), part, item),
        warnings=tuple(f"{problem} (a warning)" for problem in config.warnings if _is_about(problem, item)),
    )
    sheets = Sheets(config.settings)
    files = lay_out_item(sheets, part, item, shown.mails, warnings=shown.warnings, watched=watched)
    write_folder(shown.folder, files)
    return shown


def follow_item(wiring: Wiring, wish: Wish, item: str, out: Path | None) -> None:
    """Shows an item's mails, again after each change of the config, until Ctrl-C.

    What is wrong is said and shown in their place. Raises CommandError for settings that are wrong from the start,
    RehearsalError for a role or item that is unknown then.
    """
    config_dir = find_config_dir(wiring.environ)
    try:
        settings = load_settings(config_dir, wiring.environ)
    except ConfigError as error:
        raise CommandError(str(error)) from error
    _refuse_unknown(wiring, wish, item)
    folder, sheets = choose_folder(settings, out, ITEM_FOLDER), Sheets(settings)

    def show() -> Iterable[str]:
        try:
            return show_item(load_content(config_dir, wiring.environ), wiring, wish, item, folder, watched=True).lines
        except (ConfigError, RehearsalError) as error:
            raise CannotShowError(str(error).splitlines()) from error

    def show_problem(lines: Iterable[str]) -> None:
        write_folder(folder, lay_out_problem(sheets, tuple(lines)))

    try:
        _say([f"Watching {config_dir.absolute()}; Ctrl-C ends it."])
        follow(show, show_problem, changes=watch_folder(config_dir), say=_say)
    except KeyboardInterrupt:
        print_lines(["Ended."])


def choose_folder(settings: Settings, out: Path | None, name: str) -> Path:
    """The folder to write into: the one asked for, else one of that name in the data folder."""
    if out is not None:
        return out
    try:
        make_data_folder(settings.data)
    except OSError as error:
        words = f"{settings.data}: {error.strerror}; check FIRST100_DATA, or name a folder with --out"
        raise CommandError(words) from error
    return settings.data / name


def _refuse_unknown(wiring: Wiring, wish: Wish, item: str) -> None:
    """Raises RehearsalError for what a mistyped command asks for; content that is wrong tells nothing about that."""
    try:
        config = load_content(find_config_dir(wiring.environ), wiring.environ)
    except ConfigError:
        return
    find_part(cast(config, wiring, wish), item)


def _is_about(problem: Problem, item: str) -> bool:
    return Path(problem.path).stem == item


def _say(lines: list[str]) -> None:
    """At once, also where the output is no terminal."""
    print_lines(lines)
    sys.stdout.flush()
