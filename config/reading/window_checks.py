"""Items that cannot come in time, as what must come before them comes too late: windows that exclude each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.problems import Problem
from config.reading.items import FoundItem
from config.reading.programme_shapes import RolesShape, SequenceShape
from models.domain import Item


def check_windows(roles: RolesShape, found: Sequence[FoundItem]) -> list[Problem]:
    """A warning for each live item that some sequence can never bring inside its window, however early people enrol.

    Only those enrolled so late that their windows are held open longer could still get it.
    """
    live = {one.id: one for one in found if one.item is not None and not one.draft}
    told = {
        problem: None  # a fault that several sequences share is told once
        for name in dict.fromkeys(role.sequence for role in roles.roles)
        if name in roles.sequences
        for problem in _check_sequence(roles.sequences[name], live)
    }
    return list(told)


def _check_sequence(sequence: SequenceShape, live: Mapping[str, FoundItem]) -> Iterator[Problem]:
    mails = [{step.item, *step.riders} & live.keys() for step in sequence.items]
    mail_of = {item: place for place, mail in enumerate(mails) for item in mail}
    items = {name: item for name in mail_of if (item := live[name].item) is not None}
    waits = [
        _Wait(name, before, apart=int(mail_of[name] != mail_of[before]))
        for name, item in items.items()
        for before in item.after
        if before in items and before != name
    ]
    opens = _find_openings(items, waits)
    for wait in waits:
        item, passage = items[wait.item], live[wait.item].passage
        if item.earliest_day <= item.latest_day < opens[wait.before] + wait.apart:
            key = "latest_day" if passage.knows("latest_day") else "after"
            words = (
                f"{key}: {item.id} waits for {wait.before}, which comes on day {opens[wait.before]} at the earliest, "
                f"and its own window closes on day {item.latest_day}; move one of the two windows"
            )
            yield passage.problem(words, key, severity="warning")


@dataclass(frozen=True, slots=True)
class _Wait:
    """One item comes after another: in the same mail (0 days apart), or in a later one."""

    item: str
    before: str
    apart: int


def _find_openings(items: Mapping[str, Item], waits: Sequence[_Wait]) -> dict[str, int]:
    """The first day on which each item may come, after all that it waits for. Rings are told of elsewhere."""
    opens = {name: item.earliest_day for name, item in items.items()}
    for _ in items:  # no chain of waits is longer than there are items
        before = dict(opens)
        for wait in waits:
            opens[wait.item] = max(opens[wait.item], opens[wait.before] + wait.apart)
        if opens == before:
            break
    return opens
