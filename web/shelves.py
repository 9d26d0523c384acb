"""What a leader can look up again: the tips met, with those kept as habits, and all that there is to read."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from emails.listing import write_source
from models.domain import Enrolment, Programme, Resource, Tip
from models.store import SentMailItem
from web.site import Site
from web.telling import Reminder, find_told


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvedTip:
    id: str
    reminder: Reminder
    kept: bool  # as a habit


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvedResource:
    title: str
    source: str
    read: str  # the part to read
    minutes: str
    url: str | None  # its own address; None: none is confirmed


@dataclass(frozen=True, slots=True)
class ResourceShelf:
    heading: str
    resources: tuple[ShelvedResource, ...]


def shelve_tips(
    site: Site, enrolment: Enrolment, items: Iterable[SentMailItem], *, habits: Collection[str]
) -> tuple[ShelvedTip, ...]:
    """The tips that came, in the order in which they came, each told again as it came."""
    came = {item.item: item.late for item in items if item.kind == "tip" and item.placed != "prompt"}
    shelved: list[ShelvedTip] = []
    for tip, late in came.items():
        told = find_told(site, enrolment, tip)
        reminder = told.reminder(late=late) if told is not None and isinstance(told.item, Tip) else None
        if reminder is not None:
            shelved.append(ShelvedTip(id=tip, reminder=reminder, kept=tip in habits))
    return tuple(shelved)


def shelve_resources(
    programme: Programme, site: Site, enrolment: Enrolment, items: Iterable[SentMailItem]
) -> tuple[ResourceShelf, ...]:
    """All resources of the programme, whoever they were meant for: those that came, then the others."""
    came = {item.item for item in items if item.placed != "prompt"}
    resources = [item for item in programme.items.values() if isinstance(item, Resource)]
    groups: dict[str, Sequence[Resource]] = {
        "Sent to you": [resource for resource in resources if resource.id in came],
        "Not sent to you, or not yet": [resource for resource in resources if resource.id not in came],
    }
    return tuple(
        ResourceShelf(heading, tuple(_shelve(site, enrolment, resource) for resource in group))
        for heading, group in groups.items()
        if group
    )


def _shelve(site: Site, enrolment: Enrolment, resource: Resource) -> ShelvedResource:
    told = find_told(site, enrolment, resource.id)
    return ShelvedResource(
        title=resource.title if told is None else told.title(),
        source=write_source(resource),
        read=resource.read if told is None else told.fill(resource.read),
        minutes="1 minute" if resource.minutes == 1 else f"{resource.minutes} minutes",
        url=resource.url,
    )
