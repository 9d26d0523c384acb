"""How admin pages say things: instants, items, states of a mail."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from models.domain import MailState, PlacedAs, Programme

STATES: Mapping[MailState, tuple[str, str]] = {
    "planned": ("Planned", "It waits for its time."),
    "claimed": ("Taken up", "It is being written."),
    "sending": ("On its way", "The mail server has not answered yet."),
    "sent": ("Sent", "The mail server has taken it."),
    "in_doubt": ("In doubt", "The server may or may not have it. It is not sent again by itself."),
    "failed": ("Refused", "The server will not have it. See what it said, and check the address."),
    "failed_after_doubt": ("Given up", "It was in doubt, and then dropped or refused. It may have arrived."),
    "expired": ("Expired", "Its time passed before it could leave. What it said is planned afresh."),
    "cancelled": ("Taken back", "A pause, a leaving or a change came before it."),
    "suppressed": ("Held back", "Nothing gets through to the address."),
}


def say_instant(instant: datetime, time_zone: str = "UTC") -> str:
    """An instant as it is there: Mon 11 Jan 2027, 08:30."""
    return f"{instant.astimezone(ZoneInfo(time_zone)):%a %d %b %Y, %H:%M}"


def name_item(programme: Programme | None, item: str) -> str:
    """An item's title; its id where config no longer has it."""
    known = None if programme is None else programme.items.get(item)
    return item.replace("-", " ") if known is None else known.title


def say_placed(placed: PlacedAs, title: str) -> str:
    """An item of a mail: a question about it, or itself."""
    return f"a question about “{title}”" if placed == "prompt" else title
