"""Accounts of the admin pages: who may see them, and as what."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from commands.opening import House, open_house
from commands.printing import print_json, print_lines, print_table, write_instant
from commands.wiring import CommandError, Wiring, wiring_of
from config.reading.address_fields import address
from models.accounts import LINK_GOOD_FOR, Account, AccountRole, SignIn, put_account, read_accounts, remove_account

EVERYBODY = "everybody's"


class Action(StrEnum):
    """What to do with accounts."""

    add = "add"
    list = "list"
    remove = "remove"


class Role(StrEnum):
    """What an account may do: look; look and act on leaders; everything."""

    viewer = "viewer"
    hr = "hr"
    admin = "admin"


def admin(
    context: typer.Context,
    action: Annotated[Action, typer.Argument(help="What to do.")],
    email: Annotated[str | None, typer.Argument(help="The account's address; not for list.")] = None,
    role: Annotated[Role | None, typer.Option(help="What the account may do; with add.")] = None,
    organisation: Annotated[
        list[str] | None, typer.Option(help="Whose leaders it sees; may be given more than once. None: everybody's.")
    ] = None,
    sign_in: Annotated[
        SignIn | None, typer.Option(help="With add: by a password, or by OpenID Connect. Default: as is allowed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Who may see the admin pages: add an account, list them, remove one."""
    _check_usage(action, email, role, organisation, sign_in)
    wiring = wiring_of(context)
    with open_house(wiring) as house:
        if action is Action.add and email and role:
            settings = house.settings
            by = sign_in or ("password" if settings.local_sign_in else "openid")
            _add(wiring, house, email, role.value, organisation or [], by=by, as_json=as_json)
        elif action is Action.remove and email:
            _remove(wiring, house, email, as_json=as_json)
        else:
            with house.database.reading() as session:
                accounts = read_accounts(session)
            _print_accounts(accounts, now=wiring.clock(), as_json=as_json)


def _check_usage(
    action: Action,
    email: str | None,
    role: Role | None,
    organisation: Sequence[str] | None,
    sign_in: SignIn | None,
) -> None:
    """Raises BadParameter where the options do not belong to the action."""
    if (email is None) != (action is Action.list):
        says = "list takes no address" if email else f"{action} needs the account's address"
        raise typer.BadParameter(says, param_hint="EMAIL")
    if (role is None) == (action is Action.add):
        says = "only add takes a role" if role else f"add needs one of {', '.join(Role)}"
        raise typer.BadParameter(says, param_hint="--role")
    if organisation and action is not Action.add:
        raise typer.BadParameter("only add takes an organisation", param_hint="--organisation")
    if sign_in and action is not Action.add:
        raise typer.BadParameter("only add takes a way to sign in", param_hint="--sign-in")


def _add(
    wiring: Wiring,
    house: House,
    email: str,
    role: AccountRole,
    organisations: Sequence[str],
    *,
    by: SignIn,
    as_json: bool,
) -> None:
    _check_way(house, by)
    try:
        checked = address(email)
    except ValueError as error:
        raise CommandError(f"{error}") from error
    link = wiring.new_token() if by == "password" else None

    def put(session: Session) -> bool:
        return put_account(session, checked, role=role, organisations=organisations, link=link, now=wiring.clock())

    is_new = house.database.writer.run(put)
    url = f"{house.settings.public_url}/admin/{f'password/{link}' if link else 'sign-in'}"
    until = wiring.clock() + LINK_GOOD_FOR
    if as_json:
        ways = {"link": url, "link_until": write_instant(until)} if link else {"link": None, "link_until": None}
        print_json({"email": checked.lower(), "new": is_new, "sign_in": by, **ways})
        return
    sees, strange = ", ".join(organisations) or EVERYBODY, _find_strange(house, organisations)
    print_lines(
        [
            f"{checked.lower()}: {'added' if is_new else 'changed, and signed out'}; {role}, leaders: {sees}.",
            *(f"{name}: no leader there yet; is it written as in the leaders' file?" for name in strange),
            f"Link to set the password, once, until {until:%d %B %Y, %H:%M} UTC; hand it to nobody else:"
            if link
            else f"Signs in with {house.settings.openid_name}, where that is the verified address, at:",
            url,
        ]
    )


def _check_way(house: House, by: SignIn) -> None:
    """Raises CommandError where nobody can sign in like that."""
    if by == "openid" and house.settings.openid_issuer is None:
        raise CommandError("OpenID Connect is not set up; set openid_issuer and what goes with it (docs/settings.md)")
    if by == "password" and not house.settings.local_sign_in:
        raise CommandError("nobody signs in with a password here (local_sign_in: false); use --sign-in openid")


def _find_strange(house: House, organisations: Sequence[str]) -> list[str]:
    known = {entry.leader.organisation for entries in house.config.current.roster.values() for entry in entries}
    return [name for name in organisations if name not in known]


def _remove(wiring: Wiring, house: House, email: str, *, as_json: bool) -> None:
    removed = house.database.writer.run(lambda session: remove_account(session, email, now=wiring.clock()))
    if not removed:
        raise CommandError(f"there is no account {email}; `admin list` names them all")
    if as_json:
        print_json({"email": email.strip().lower(), "removed": True})
    else:
        print_lines([f"{email.strip().lower()}: removed, and signed out everywhere."])


def _print_accounts(accounts: Sequence[Account], *, now: datetime, as_json: bool) -> None:
    if as_json:
        print_json({"accounts": [_row(account, now) for account in accounts]})
        return
    if not accounts:
        print_lines(["There is no account yet: admin add EMAIL --role admin"])
        return
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in ("Account", "Role", "Leaders", "Sign-in"):
        table.add_column(title, overflow="fold")
    for account in accounts:
        sees = ", ".join(account.organisations) or EVERYBODY
        table.add_row(account.email, account.role, sees, _say_sign_in(account, now))
    print_table(table)


def _say_sign_in(account: Account, now: datetime) -> str:
    if account.sign_in == "openid":
        return "OpenID Connect" if account.can_sign_in else "OpenID Connect, not yet"
    waits = account.link_until is not None and account.link_until > now
    link = f"link until {write_instant(account.link_until)}" if account.link_until and waits else ""
    password = "password" if account.can_sign_in else "no password yet"
    return ", ".join(word for word in (password, link) if word)


def _row(account: Account, now: datetime) -> dict[str, object]:
    waits = account.link_until is not None and account.link_until > now
    return {
        "email": account.email,
        "role": account.role,
        "organisations": list(account.organisations),
        "created_at": write_instant(account.created_at),
        "sign_in": account.sign_in,
        "password_set": account.can_sign_in and account.sign_in == "password",
        "bound": account.can_sign_in and account.sign_in == "openid",
        "link_until": write_instant(account.link_until) if account.link_until and waits else None,
    }
