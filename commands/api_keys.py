"""Keys of the API: made, listed, removed."""

from enum import StrEnum
from typing import Annotated, cast

import typer
from sqlalchemy.orm import Session

from commands.opening import House, open_house
from commands.printing import print_json, print_lines, write_instant
from commands.wiring import CommandError, Wiring, wiring_of
from models.api_keys import (
    SCOPES,
    ApiKey,
    ApiKeyError,
    Scope,
    add_api_key,
    list_api_keys,
    remove_api_key,
)


class Action(StrEnum):
    """What is done with keys."""

    add = "add"
    list = "list"
    remove = "remove"


def _check_scopes(scopes: list[str] | None) -> list[str] | None:
    unknown = [scope for scope in scopes or () if scope not in SCOPES]
    if unknown:
        raise typer.BadParameter(f"there is no scope {unknown[0]!r}; known: {', '.join(SCOPES)}")
    return scopes


def api_key(
    context: typer.Context,
    action: Annotated[Action, typer.Argument(help="add, list or remove.")],
    name: Annotated[str | None, typer.Argument(help="The key's name, such as the system that will use it.")] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"What it may do: {', '.join(SCOPES)}; may be repeated.", callback=_check_scopes),
    ] = None,
    organisation: Annotated[
        list[str] | None,
        typer.Option(help="Whose leaders it sees, as their rows say; may be repeated. Without it: everybody's."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Make, list or remove the keys by which other systems speak to the API."""
    wiring = wiring_of(context)
    if action is not Action.add and (scope or organisation):
        raise typer.BadParameter("--scope and --organisation go with add alone")
    if (name is None) != (action is Action.list):
        raise typer.BadParameter("add and remove take the name of a key, and list takes none")
    with open_house(wiring) as house:
        try:
            _do(house, wiring, action, name or "", scope or [], organisation or [], as_json=as_json)
        except ApiKeyError as error:
            raise CommandError(str(error)) from error


def _do(
    house: House,
    wiring: Wiring,
    action: Action,
    name: str,
    scopes: list[str],
    organisations: list[str],
    *,
    as_json: bool,
) -> None:
    with house.database.sessions.begin() as session:
        match action:
            case Action.add:
                sent = add_api_key(
                    session,
                    name,
                    scopes=cast("list[Scope]", scopes),
                    organisations=organisations,
                    secret=wiring.new_secret() + wiring.new_secret(),
                    now=wiring.clock(),
                )
            case Action.remove:
                remove_api_key(session, name)
                sent = ""
            case Action.list:
                _print_keys(session, as_json=as_json)
                return
    if as_json:
        print_json({"name": name, "key": sent} if sent else {"removed": name})
    elif sent:
        print_lines([sent, "The key is shown this once: keep it where the other system keeps its secrets."])
    else:
        print_lines([f"{name}: removed; the key is good for nothing now."])


def _print_keys(session: Session, *, as_json: bool) -> None:
    keys = list_api_keys(session)
    if as_json:
        print_json({"keys": [_key_row(key) for key in keys]})
        return
    print_lines([_say_key(key) for key in keys] or ["There is no key: nobody can use the API."])


def _key_row(key: ApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "organisations": None if key.organisations is None else sorted(key.organisations),
        "created_at": write_instant(key.created_at),
    }


def _say_key(key: ApiKey) -> str:
    whose = "every organisation" if key.organisations is None else ", ".join(sorted(key.organisations))
    return f"{key.name}: {', '.join(sorted(key.scopes))}; {whose}; since {key.created_at:%d %B %Y}"
