"""Every mail of the 100 days as a folder to look through, or one item's mails that follow each saved edit."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from commands.casting import Enrolled, Wish, cast, read_content, read_date
from commands.following import ItemShown, choose_folder, follow_item, show_item
from commands.printing import print_json, print_lines
from commands.wiring import CommandError, Wiring, wiring_of
from rehearsal.storyboard.casting import RehearsalError
from rehearsal.storyboard.folder import FolderError, write_folder
from rehearsal.storyboard.layout import INDEX, lay_out
from rehearsal.storyboard.mails import make_composer
from rehearsal.storyboard.sheets import Sheets
from rehearsal.storyboard.stage import StagedPart, StagedWalk, stage_parts

FOLDER = "rehearsal"


def rehearse(
    context: typer.Context,
    role: Annotated[list[str] | None, typer.Option(metavar="ROLE", help="Only this role; may be repeated.")] = None,
    start: Annotated[
        list[date] | None,
        typer.Option(
            metavar="DATE",
            parser=read_date,
            help="A start date; may be repeated. Without it, the first Monday at least five weeks ahead.",
        ),
    ] = None,
    enrolled: Enrolled = None,
    item: Annotated[str | None, typer.Option(metavar="ID", help="Only the mails that hold this item.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="With --item: show it again after each saved edit.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder; without it, in the data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Write every mail of the 100 days, for each role and three kinds of reader, into a folder for any browser.

    Neither a database nor a server is used, and nothing is sent.
    """
    if watch and (item is None or as_json):
        raise typer.BadParameter("it goes with --item ID, and not with --json", param_hint="--watch")
    wiring = wiring_of(context)
    wish = Wish(roles=tuple(role or ()), starts=tuple(start or ()), enrolled=enrolled)
    try:
        if item is None:
            folder, staged = _rehearse_all(wiring, wish, out)
            document, lines = _describe(folder, staged), _say(folder, staged)
        elif watch:
            follow_item(wiring, wish, item, out)
            return
        else:
            shown = show_item(read_content(wiring), wiring, wish, item, out)
            document, lines = _describe_item(shown), list(shown.lines)
    except (RehearsalError, FolderError) as error:
        raise CommandError(str(error)) from error
    if as_json:
        print_json(document)
    else:
        print_lines(lines)


def _rehearse_all(wiring: Wiring, wish: Wish, out: Path | None) -> tuple[Path, tuple[StagedPart, ...]]:
    config = read_content(wiring)
    staged = stage_parts(make_composer(config.settings), cast(config, wiring, wish))
    folder = choose_folder(config.settings, out, FOLDER)
    write_folder(folder, lay_out(Sheets(config.settings), staged))
    return folder, staged


def _say(folder: Path, staged: Sequence[StagedPart]) -> list[str]:
    mails = sum(walk.figures.mails for one in staged for walk in one.walks)
    missing = [
        f"{one.part.role.name} cannot get {missing.item}: {missing.why}." for one in staged for missing in one.missing
    ]
    who = "one sample leader" if len(staged) == 1 else f"{len(staged)} sample leaders"
    return [
        f"{mails} mails for {who}, as three kinds of reader get them. Nothing was sent.",
        *missing,
        f"Open {(folder / INDEX).absolute()} in a browser.",
    ]


def _describe(folder: Path, staged: Sequence[StagedPart]) -> dict[str, object]:
    return {
        "folder": str(folder.absolute()),
        "index": str((folder / INDEX).absolute()),
        "parts": [
            {
                "programme": one.part.programme.id,
                "role": one.part.role.id,
                "start_date": one.part.enrolment.start_date.isoformat(),
                "enrolled_on": one.part.enrolment.enrolled_on.isoformat(),
                "folder": one.part.folder,
                "wording": one.fingerprint,
                "readers": [_describe_walk(walk) for walk in one.walks],
                "not_coming": [{"item": missing.item, "why": missing.why} for missing in one.missing],
            }
            for one in staged
        ],
    }


def _describe_walk(walk: StagedWalk) -> dict[str, object]:
    figures = walk.figures
    return {
        "reader": walk.reader.id,
        "mails": figures.mails,
        "questions_alone": figures.questions_alone,
        "asked": figures.asked,
        "answered": figures.answered,
        "remembered": figures.remembered,
    }


def _describe_item(shown: ItemShown) -> dict[str, object]:
    return {
        "folder": str(shown.folder.absolute()),
        "index": str((shown.folder / INDEX).absolute()),
        "item": shown.item,
        "role": shown.part.role.id,
        "start_date": shown.part.enrolment.start_date.isoformat(),
        "mails": [
            {
                "date": mail.scene.nudge.local_date.isoformat(),
                "day": mail.scene.nudge.day,
                "subject": mail.composed.subject,
                "eml": f"{mail.stem}.eml",
            }
            for mail in shown.mails
        ],
    }
