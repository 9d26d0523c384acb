"""What a person may ask for: their data, and to be erased; and the way back for those who were."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from commands.opening import House, open_house
from commands.printing import print_json, print_lines
from commands.wiring import CommandError, wiring_of
from models.erasing import read_erasures, select_by_name
from models.personal import collect_names
from models.tables import LeaderRow
from scheduler.erasing import ErasingError, find_one
from scheduler.erasing import erase as erase_one
from scheduler.erasing import readmit as lift
from scheduler.receipts import KEPT, RECEIPTS, Receipt
from web.export.package import DOCUMENT, PAGE, build_export

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")]


def export(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The leader's address or id.")],
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="The file to write.")],
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there already.")] = False,
    as_json: Json = False,
) -> None:
    """Write everything kept about a leader into a file: a page to read and the same for programs."""
    wiring = wiring_of(context)
    with open_house(wiring) as house, house.database.reading() as session:
        try:
            octets = build_export(session, house.site, _find(session, house, email))
        except ErasingError as error:
            raise CommandError(str(error)) from error
    is_new = not out.exists()
    _write(out, octets, replace=replace)
    if as_json:
        print_json({"file": str(out), "bytes": len(octets), "replaced": not is_new})
    else:
        says = f"{PAGE} in it is for people, {DOCUMENT} for programs"
        print_lines([f"{out}: {'' if is_new else 'replaced; '}{len(octets)} bytes; {says}."])


def erase(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The leader's address or id.")],
    yes: Yes = False,
    receipt: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the receipt to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Erase a leader: everything kept about them, for good. What remains tells who must not be written to again.

    What remains are keyed hashes of their addresses and id, so that they are not enrolled again by mistake.
    """
    wiring = wiring_of(context)
    if receipt is not None and receipt.exists():
        raise CommandError(f"{receipt} is there already; name a new file")
    with open_house(wiring) as house:
        try:
            with house.database.reading() as session:
                leader = _find(session, house, email)
                who = f"{leader.name} ({leader.email}), {leader.organisation}"
                rows = _find_rows(session, house, leader)
            _confirm(f"Erase {who}? Everything kept about them goes, and cannot be brought back.", yes=yes)
            given = erase_one(house.erasing, leader.id, by="admin", now=wiring.clock())
        except ErasingError as error:
            raise CommandError(str(error)) from error
    lines = say_receipt(given)
    if receipt is not None:
        _write(receipt, ("\n".join(lines) + "\n").encode())
    if as_json:
        print_json({**given.as_json(), "rows_to_delete": rows})
        return
    kept = house.settings.data / RECEIPTS / f"{given.number}.json"
    print_lines([*lines, f"This receipt lies in {kept}.", *(_say_row(row) for row in rows)])


def readmit(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The address or id that was erased.")],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Let somebody who was erased be enrolled again, because they want to be. Nothing erased comes back."""
    wiring = wiring_of(context)
    with open_house(wiring) as house:
        _confirm(f"May {email} be enrolled and written to again?", yes=yes)
        lifted = lift(house.erasing, email, now=wiring.clock())
    if not lifted:
        raise CommandError(f"nobody with the address or id {email} was erased here, so nothing stands in the way")
    if as_json:
        print_json({"lifted": [one.receipt for one in lifted]})
        return
    dates = ", ".join(f"{one.at:%Y-%m-%d} (receipt {one.receipt})" for one in lifted)
    print_lines([f"May be enrolled again; was erased on {dates}. A row in the leaders' file now enrols them afresh."])


def say_receipt(receipt: Receipt) -> list[str]:
    """The receipt for people to keep. It names nobody."""
    return [receipt.heading, *(f"  {line}" for line in receipt.counts), KEPT]


def _find(session: Session, house: House, email: str) -> LeaderRow:
    """The leader. Raises ErasingError, with the date where they were erased before."""
    try:
        return find_one(session, email)
    except ErasingError:
        before = select_by_name(read_erasures(session).values(), email, house.erasing.pseudonyms)
        if before:
            on, number = f"{before[-1].at:%Y-%m-%d}", before[-1].receipt
            raise ErasingError(f"{email} was erased on {on}, receipt {number}; nothing else is kept") from None
        raise


def _find_rows(session: Session, house: House, leader: LeaderRow) -> list[str]:
    """Where the leaders' files still speak of this person: path:line."""
    names = collect_names(session, leader).all
    entries = [entry for found in house.config.current.roster.values() for entry in found]
    return [
        entry.origin
        for entry in entries
        if not names.isdisjoint((entry.leader.key, entry.leader.email.lower(), *entry.formerly))
    ]


def _say_row(origin: str) -> str:
    path, _, line = origin.rpartition(":")
    return f"Now delete the row at line {line} of {path}: until then it enrols nobody, and is named as a problem."


def _confirm(question: str, *, yes: bool) -> None:
    """Go on only at somebody's word. Raises CommandError, or a usage error where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("this cannot be undone, and nobody can be asked here; add --yes", param_hint="--yes")
    if not typer.confirm(question, err=True):
        raise CommandError("Nothing was changed.")


def _write(path: Path, octets: bytes, *, replace: bool = False) -> None:
    """Write a file for this account alone, whole or not at all. Raises CommandError, also for one that is there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(octets)
        if replace:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
    except FileExistsError:
        raise CommandError(f"{path} is there already; name a new file, or say --replace") from None
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
