"""Webhooks: where other systems are told what happens, and the telling while the service runs."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import StrEnum
from threading import Event, Thread
from typing import Annotated, Any, cast

import typer

from commands.opening import House, open_house
from commands.printing import print_json, print_lines, write_instant
from commands.wiring import OUT_OF_SERVICE, CommandError, Wiring, wiring_of
from models.deliveries import Delivery, count_deliveries, list_deliveries, retry_deliveries
from models.happenings import HappeningKind
from models.webhooks import (
    KINDS,
    OVERLAP,
    Seal,
    Webhook,
    WebhookError,
    add_webhook,
    enable_webhook,
    find_webhook,
    list_webhooks,
    remove_webhook,
    rotate_webhook,
)
from scheduler.clock_guard import is_virtual
from scheduler.webhooks.courier import Courier, deliver_on, ping
from scheduler.webhooks.destinations import DestinationError, check_url
from scheduler.webhooks.posting import Outlet, trust
from scheduler.webhooks.signing import write_secret

SHOWN = 50  # deliveries
_log = logging.getLogger(__name__)


class Action(StrEnum):
    """What is done with webhooks."""

    add = "add"
    list = "list"
    remove = "remove"
    test = "test"
    rotate = "rotate"
    deliveries = "deliveries"
    retry = "retry"
    enable = "enable"


def _check_events(events: list[str] | None) -> list[str] | None:
    unknown = [event for event in events or () if event not in KINDS]
    if unknown:
        raise typer.BadParameter(f"nobody is told of {unknown[0]!r}; known: {', '.join(KINDS)}")
    return events


def webhook(
    context: typer.Context,
    action: Annotated[Action, typer.Argument(help="add, list, remove, test, rotate, deliveries, retry or enable.")],
    which: Annotated[
        str | None, typer.Argument(help="With add, the address (https://…); else the number that list shows.")
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What it is told: {', '.join(KINDS)}; may be repeated. Default all.", callback=_check_events
        ),
    ] = None,
    organisation: Annotated[
        list[str] | None,
        typer.Option(help="Of whose leaders, as their rows say; may be repeated. Without it: everybody's."),
    ] = None,
    description: Annotated[str, typer.Option(help="A line that says whose it is.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Make, look after and remove the addresses that are told what happens."""
    wiring = wiring_of(context)
    if action is not Action.add and (event or organisation or description):
        raise typer.BadParameter("--event, --organisation and --description go with add alone")
    if (which is None) != (action is Action.list):
        raise typer.BadParameter("add takes an address, list takes nothing, and all else takes the number of a webhook")
    with open_house(wiring) as house:
        try:
            if action is Action.add:
                document, lines = _add(
                    house, wiring, which or "", event or list(KINDS), organisation or [], description
                )
            elif action is Action.list:
                document, lines = _list(house)
            else:
                document, lines = _ACTIONS[action](house, wiring, _read_number(which or ""))
        except (WebhookError, DestinationError) as error:
            raise CommandError(str(error)) from error
    if as_json:
        print_json(document)
    else:
        print_lines(lines)


Told = tuple[dict[str, Any], list[str]]  # the document of --json, and the lines for a person


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise WebhookError(f"{text!r} is no number of a webhook; webhook list shows them all")
    return int(text)


# ---------------------------------------------------------------- each action


def _add(house: House, wiring: Wiring, url: str, events: list[str], organisations: list[str], description: str) -> Told:
    check_url(url, allowed=house.settings.webhook_networks)
    with house.database.sessions.begin() as session:
        made = add_webhook(
            session,
            url,
            events=cast("list[HappeningKind]", events),
            organisations=organisations,
            description=description,
            seal=_seal(house, wiring),
            now=wiring.clock(),
        )
    return _show_secret(house, made, "kept as webhook")


def _seal(house: House, wiring: Wiring) -> Seal:
    return house.hook_secrets.seal(wiring.new_secret())


def _show_secret(house: House, made: Webhook, said: str) -> Told:
    secret = write_secret(house.hook_secrets.derive(made.seals[0]) or b"")
    return (
        {"webhook": made.id, "url": made.url, "secret": secret},
        [
            secret,
            f"{said} {made.id}. The secret is shown this once: keep it where the other system keeps its secrets.",
        ],
    )


def _list(house: House) -> Told:
    with house.database.reading() as session:
        found, counts = list_webhooks(session), count_deliveries(session)
    document = {"webhooks": [_row(one, counts.get(one.id, {})) for one in found]}
    return document, [_say(one, counts.get(one.id, {})) for one in found] or ["There is no webhook: nobody is told."]


def _remove(house: House, _: Wiring, number: int) -> Told:
    with house.database.sessions.begin() as session:
        remove_webhook(session, number)
    return {"removed": number}, [f"webhook {number}: removed, with what waited for it."]


def _test(house: House, _: Wiring, number: int) -> Told:
    with house.database.reading() as session:
        found = find_webhook(session, number)
    answer = ping(open_courier(house), found)
    if not answer.is_accepted:
        raise CommandError(f"webhook {number}: {answer.why}", exit_code=OUT_OF_SERVICE)
    return {"webhook": number, "status": answer.status}, [f"webhook {number}: answered {answer.status}"]


def _rotate(house: House, wiring: Wiring, number: int) -> Told:
    with house.database.sessions.begin() as session:
        made = rotate_webhook(session, number, seal=_seal(house, wiring), now=wiring.clock())
    hours = int(OVERLAP.total_seconds() // 3600)
    return _show_secret(house, made, f"the one before it goes on signing beside it for {hours} hours, for webhook")


def _deliveries(house: House, _: Wiring, number: int) -> Told:
    with house.database.reading() as session:
        find_webhook(session, number)
        found = list_deliveries(session, number, limit=SHOWN)
    lines = [_say_delivery(one) for one in found] or [f"webhook {number}: nothing is on record"]
    return {"webhook": number, "deliveries": [_delivery_row(one) for one in found]}, lines


def _retry(house: House, wiring: Wiring, number: int) -> Told:
    with house.database.sessions.begin() as session:
        find_webhook(session, number)
        again = retry_deliveries(session, number, now=wiring.clock())
    return {"webhook": number, "retried": again}, [f"webhook {number}: {again} that were given up go out again"]


def _enable(house: House, _: Wiring, number: int) -> Told:
    with house.database.sessions.begin() as session:
        enable_webhook(session, number)
    lines = [f"webhook {number}: enabled; what was given up goes out with: python main.py webhook retry {number}"]
    return {"enabled": number}, lines


_ACTIONS: dict[Action, Callable[[House, Wiring, int], Told]] = {
    Action.remove: _remove,
    Action.test: _test,
    Action.rotate: _rotate,
    Action.deliveries: _deliveries,
    Action.retry: _retry,
    Action.enable: _enable,
}


# ---------------------------------------------------------------- how they are shown


def _row(one: Webhook, counts: dict[Any, int]) -> dict[str, Any]:
    return {
        "webhook": one.id,
        "url": one.url,
        "description": one.description,
        "events": sorted(one.events),
        "organisations": None if one.organisations is None else sorted(one.organisations),
        "created_at": write_instant(one.created_at),
        "failing_since": None if one.failing_since is None else write_instant(one.failing_since),
        "disabled_at": None if one.disabled_at is None else write_instant(one.disabled_at),
        "disabled_why": one.disabled_why,
        "deliveries": {state: counts.get(state, 0) for state in ("waiting", "delivered", "given_up", "dropped")},
    }


def _say(one: Webhook, counts: dict[Any, int]) -> str:
    whose = "every organisation" if one.organisations is None else ", ".join(sorted(one.organisations))
    state = "enabled"
    if one.disabled_at is not None:
        state = f"disabled since {write_instant(one.disabled_at)}: {one.disabled_why}"
    elif one.failing_since is not None:
        state = f"failing since {write_instant(one.failing_since)}"
    parts = (
        f"{one.id}: {one.url}",
        *([one.description] if one.description else []),
        ", ".join(sorted(one.events)),
        whose,
        state,
        f"{counts.get('waiting', 0)} waiting, {counts.get('given_up', 0)} given up",
    )
    return "; ".join(parts)


def _delivery_row(one: Delivery) -> dict[str, Any]:
    return {
        "event": one.happening_id,
        "state": one.state,
        "tries": one.tries,
        "status": one.status,
        "detail": one.detail,
        "next_try": write_instant(one.not_before) if one.state == "waiting" else None,
        "ended_at": None if one.ended_at is None else write_instant(one.ended_at),
    }


def _say_delivery(one: Delivery) -> str:
    told = f"event {one.happening_id}: {one.state.replace('_', ' ')}, tries: {one.tries}"
    if one.state == "waiting":
        told += f", next {write_instant(one.not_before)}"
    return f"{told}; {one.detail}" if one.detail else told


# ---------------------------------------------------------------- the telling


def open_courier(house: House, *, stopping: Callable[[], bool] = lambda: False) -> Courier:
    """What telling needs of the house. Raises CommandError where the certificates cannot be read."""
    settings = house.settings
    try:
        trusted = trust(settings.webhook_ca)
    except OSError as error:
        words = f"webhook_ca: the certificates in {settings.webhook_ca} cannot be read: {error.strerror or error}"
        raise CommandError(words) from error
    with house.database.reading() as session:
        virtual = is_virtual(session)
    return Courier(
        database=house.database,
        secrets=house.hook_secrets,
        outlet=Outlet(trusted=trusted, allowed=settings.webhook_networks, local_only=virtual),
        new_token=house.installation.new_token,
        clock=house.site.now,
        answers_visible=settings.answers_visible_to_admins,
        stopping=stopping,
    )


@contextmanager
def telling(house: House, *, stopping: Callable[[], bool]) -> Generator[None]:
    """Tells webhooks what happens while the block runs, in a thread of its own; then awaits what is on its way."""
    ended = Event()
    courier = open_courier(house, stopping=lambda: ended.is_set() or stopping())
    thread = Thread(target=deliver_on, args=(courier,), name="webhooks")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
