"""Rule 7: what is asked, in which turn, and how long after it was last seen."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from models.domain import PlannedItem, PlannedNudge, QuestionKind, Resource, SentItem, Tip
from tests.plans.ground import Ground, is_questions_alone

ITEM_GAP_DAYS = 5
MOST_LINKS_ASIDE = 4  # beside the footer's
BESIDE_A_RESOURCE = 1
TURNS: Final[tuple[QuestionKind, ...]] = ("recall", "application", "reflection")


@dataclass
class Seen:
    """What went before a nudge: when each item was last seen, what the last nudge held, how often each was asked."""

    met: set[str] = field(default_factory=set[str])
    last_on: dict[str, date] = field(default_factory=dict[str, date])
    in_last_nudge: set[str] = field(default_factory=set[str])
    asked: Counter[str] = field(default_factory=Counter[str])

    def add(self, day: date, items: Iterable[SentItem | PlannedItem]) -> None:
        asked_about = [item for item in items if item.kind in ("tip", "resource")]
        self.met |= {item.item for item in asked_about if item.placed != "prompt"}
        self.last_on |= {item.item: day for item in asked_about}
        self.asked.update(item.item for item in asked_about if item.placed == "prompt")
        if asked_about:
            self.in_last_nudge = {item.item for item in asked_about}


def check_questions(ground: Ground) -> Iterator[str]:
    seen = Seen()
    for nudge in sorted(ground.history.nudges, key=lambda nudge: nudge.local_date):
        seen.add(nudge.local_date, nudge.items)
    for nudge in ground.plan.nudges:
        yield from _check_what(ground, nudge, seen)
        yield from _check_gaps(ground, nudge, seen)
        yield from _check_capacity(ground, nudge, seen)
        seen.add(nudge.local_date, nudge.items)


def _asked(nudge: PlannedNudge) -> list[str]:
    return [item.item for item in nudge.items if item.placed == "prompt"]


def _brought(nudge: PlannedNudge) -> set[str]:
    return {item.item for item in nudge.items if item.placed != "prompt"}


def _kinds(ground: Ground, item: str) -> list[QuestionKind]:
    known = ground.programme.items.get(item)
    return [] if known is None else [kind for kind in TURNS if any(q.kind == kind for q in known.questions)]


def _check_what(ground: Ground, nudge: PlannedNudge, seen: Seen) -> Iterator[str]:
    """Only what was met, is still in the programme and is not brought by the same nudge; once; its next question."""
    where = f"on {nudge.local_date}"
    for item in nudge.items:
        if item.placed != "prompt":
            continue
        kinds = _kinds(ground, item.item)
        if item.item in _brought(nudge) or _asked(nudge).count(item.item) > 1:
            yield f"rule 7: {item.item} is asked twice {where}, or beside itself"
        elif item.item not in seen.met:
            yield f"rule 7: {item.item} is asked {where}, before it was met"
        elif not kinds:
            yield f"rule 7: {item.item} is asked {where}, but has no question in this programme"
        elif item.question != kinds[seen.asked[item.item] % len(kinds)]:
            yield f"rule 7: {item.item} is asked its {item.question} question {where}, out of turn"


def _askable(ground: Ground, nudge: PlannedNudge, seen: Seen) -> set[str]:
    return {item for item in seen.last_on if _kinds(ground, item)} - _brought(nudge)


def _rested(nudge: PlannedNudge, seen: Seen, items: Iterable[str]) -> set[str]:
    """Those of the items that were last seen before the gap."""
    return {item for item in items if (nudge.local_date - seen.last_on[item]).days >= ITEM_GAP_DAYS}


def _check_gaps(ground: Ground, nudge: PlannedNudge, seen: Seen) -> Iterator[str]:
    """Fresh items are asked only beside every rested one, and those of the last nudge only beside every other."""
    askable, asked = _askable(ground, nudge, seen), set(_asked(nudge))
    rested = _rested(nudge, seen, askable)
    for item in sorted((asked & askable) - rested):
        others = askable - seen.in_last_nudge if item in seen.in_last_nudge else rested
        if missing := sorted((others | rested) - asked):
            yield f"rule 7: {item} is asked again so soon on {nudge.local_date}, and {missing[0]} is not"


def _check_capacity(ground: Ground, nudge: PlannedNudge, seen: Seen) -> Iterator[str]:
    """Places are filled while anything is left to ask; questions alone need an item that has rested."""
    askable = _askable(ground, nudge, seen)
    if is_questions_alone(nudge) and not _rested(nudge, seen, askable):
        yield f"rule 7: {nudge.local_date} brings questions alone, and nothing has rested"
    known = [ground.programme.items[item] for item in _brought(nudge)]
    if any(not isinstance(item, Tip | Resource) for item in known):
        return
    places = ground.pace.prompts
    if any(item.placed == "new" and item.kind == "resource" for item in nudge.items):
        places = max(0, BESIDE_A_RESOURCE - sum(item.placed == "with" for item in nudge.items))
    links = sum(isinstance(item, Resource) and item.url is not None for item in known)
    if len(_asked(nudge)) < min(places, MOST_LINKS_ASIDE - links, len(askable)):
        yield f"rule 7: {nudge.local_date} leaves a place for a question empty"
