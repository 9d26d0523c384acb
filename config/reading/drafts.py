"""A programme without its drafts: they are checked like everything else, and for leaders they are not there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from models.domain import Item, Resource, Step, Tip


def drop_drafts(items: Mapping[str, Item], drafts: Collection[str]) -> dict[str, Item]:
    """The live items. One that waits for a draft does not wait."""
    return {
        name: replace(item, after=tuple(before for before in item.after if before not in drafts))
        for name, item in items.items()
        if name not in drafts
    }


def drop_draft_steps(steps: Sequence[Step], items: Mapping[str, Item], drafts: Collection[str]) -> tuple[Step, ...]:
    """The steps without drafts; what would ride on one comes otherwise.

    A rider with an address takes the draft's place. One without rides on the nearest tip before it that comes, else on
    the nearest after it, else on none.
    """
    kept: list[Step] = []
    waiting: list[str] = []  # riders with no tip before them
    for step in steps:
        riders = tuple(rider for rider in step.riders if rider not in drafts)
        if step.item not in drafts:
            mine, waiting = ((*riders, *waiting), []) if _is_tip(items, step) else (riders, waiting)
            kept.append(replace(step, riders=tuple(mine)))
            continue
        for rider in riders:
            if _has_address(items, rider):
                kept.append(Step(item=rider, day=step.day, why=step.why))
            elif (host := next((n for n in reversed(range(len(kept))) if _is_tip(items, kept[n])), None)) is not None:
                kept[host] = replace(kept[host], riders=(*kept[host].riders, rider))
            else:
                waiting.append(rider)
    return tuple(kept)


def _is_tip(items: Mapping[str, Item], step: Step) -> bool:
    return isinstance(items.get(step.item), Tip)


def _has_address(items: Mapping[str, Item], rider: str) -> bool:
    item = items.get(rider)
    return not isinstance(item, Resource) or item.url is not None  # a tip that rides may come alone, too
