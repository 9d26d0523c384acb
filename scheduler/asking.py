"""Which questions a nudge asks: the items whose prompt adds most expected remembering, each with its next question."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Final

from models.domain import (
    Appearance,
    History,
    Memory,
    PlannedItem,
    PlannedNudge,
    Programme,
    QuestionKind,
    SentNudge,
    Settled,
)
from scheduler.assumptions import HORIZON_DAY, IN_DOUBT_EXPOSURE, ITEM_GAP_DAYS, SILENCE_AFTER_DAYS
from scheduler.memory import BLANK, absorb, prompt_gain_days, retrievability

QUESTION_ORDER: Final[tuple[QuestionKind, ...]] = ("recall", "application", "reflection")


def appearances_of(history: History, start_date: date) -> tuple[Appearance, ...]:
    """The history as appearances of tips and resources, on real days since the start: forgetting takes no pause."""
    return tuple(seen for _, group in _by_nudge(history.nudges, start_date) for seen in group)


def settle(history: History, start_date: date, *, today: float) -> Settled | None:
    """What need not be replayed again: the memory after all nudges old enough today for their silence to count.

    Goes on from what is settled already. None where nothing is old enough.
    """
    settled = history.settled
    memory, through = (BLANK, 0) if settled is None else (settled.memory, settled.through)
    for ordinal, appearances in _by_nudge(history.nudges, start_date, after=through):
        if not _is_old_enough(appearances, today):
            break
        memory, through = absorb(memory, appearances), ordinal
    return Settled(through=through, memory=memory) if through else None


def recall(history: History, start_date: date) -> Memory:
    """The memory after a whole history, every silence taken to last; what is settled is not replayed."""
    settled = history.settled
    memory, through = (BLANK, 0) if settled is None else (settled.memory, settled.through)
    for _, appearances in _by_nudge(history.nudges, start_date, after=through):
        memory = absorb(memory, appearances)
    return memory


def _by_nudge(
    nudges: Iterable[SentNudge], start_date: date, *, after: int = 0
) -> list[tuple[int, tuple[Appearance, ...]]]:
    """The appearances of each nudge beyond an ordinal, in the order of their dates; nudges without any are left out."""
    seen: set[str] = set()
    found: list[tuple[int, tuple[Appearance, ...]]] = []
    for nudge in sorted(nudges, key=attrgetter("local_date", "ordinal")):
        appearances = _appearances(nudge, start_date, seen=seen) if nudge.ordinal > after else ()
        seen.update(item.item for item in nudge.items)
        if appearances:
            found.append((nudge.ordinal, appearances))
    return found


def _appearances(nudge: SentNudge, start_date: date, *, seen: Collection[str]) -> tuple[Appearance, ...]:
    """The items of a nudge that are remembered or forgotten; `seen` are those that an earlier one held.

    Who says that an item has not been read has opened the mail, and meets the item as if for the first time, with
    nothing followed.
    """
    opened = True if any(item.unread for item in nudge.items) else nudge.opened
    return tuple(
        Appearance(
            nudge=str(nudge.ordinal),
            item=item.item,
            kind=item.kind,
            day=float((nudge.local_date - start_date).days),
            introduced=item.unread or item.placed != "prompt" or item.item not in seen,
            answer=item.answer,
            opened=opened,
            clicked=item.clicked,
            question=item.question or "recall",
            exposure=IN_DOUBT_EXPOSURE if nudge.in_doubt else 1.0,
            click_visible=item.unread or item.click_visible,
        )
        for item in nudge.items
        if item.kind in ("tip", "resource")
    )


def _is_old_enough(appearances: Sequence[Appearance], today: float) -> bool:
    return today - appearances[0].day >= SILENCE_AFTER_DAYS


# ---------------------------------------------------------------- what was seen, and what is worth asking


@dataclass(frozen=True, slots=True)
class Sightings:
    """When each item was last in a nudge, and which items the last nudge held."""

    last_day: Mapping[str, float] = field(default_factory=dict[str, float])
    in_last_nudge: frozenset[str] = frozenset()

    @classmethod
    def from_appearances(cls, appearances: Iterable[Appearance]) -> "Sightings":
        ordered = sorted(appearances, key=attrgetter("day", "nudge"))
        last = frozenset(seen.item for seen in ordered if seen.nudge == ordered[-1].nudge)
        return cls({seen.item: seen.day for seen in ordered}, last)

    def seen_again(self, appearances: Sequence[Appearance]) -> "Sightings":
        """The sightings after one more nudge."""
        last_day = {**self.last_day, **{seen.item: seen.day for seen in appearances}}
        return Sightings(last_day, frozenset(seen.item for seen in appearances))


def rank_items(
    sightings: Sightings,
    memory: Memory,
    *,
    day: float,
    horizon_day: float = HORIZON_DAY,
    item_gap_days: float = ITEM_GAP_DAYS,
) -> list[str]:
    """All items met, those most worth asking about first: outside the gap, then inside, then of the last nudge."""

    def order(item: str) -> tuple[bool, bool, float, str]:
        in_gap = day - sightings.last_day[item] < item_gap_days
        gain = prompt_gain_days(memory.beliefs[item], day=day, horizon_day=horizon_day)
        return in_gap and item in sightings.in_last_nudge, in_gap, -gain, item

    return sorted(sightings.last_day, key=order)


@dataclass(slots=True)
class Forecast:
    """The past and the nudges laid out so far, as the next choice sees them: those to come are taken as unanswered."""

    programme: Programme
    settled: Memory  # after the nudges old enough for their silence to count
    recent: list[tuple[Appearance, ...]]  # of the others, oldest first
    sightings: Sightings
    asked: dict[str, int]  # questions asked so far, by item

    @classmethod
    def from_history(cls, programme: Programme, history: History, start_date: date) -> "Forecast":
        """The forecast before anything to come; what is settled is not replayed."""
        settled = history.settled
        memory, through = (BLANK, 0) if settled is None else (settled.memory, settled.through)
        return cls(
            programme,
            memory,
            [appearances for _, appearances in _by_nudge(history.nudges, start_date, after=through)],
            _sightings_of(history.nudges, start_date),
            Counter(item.item for nudge in history.nudges for item in nudge.items if item.placed == "prompt"),
        )

    def memory(self, day: float) -> Memory:
        """The memory on a day. Days must be asked for in order."""
        while self.recent and _is_old_enough(self.recent[0], day):
            self.settled = absorb(self.settled, self.recent.pop(0))
        memory = self.settled
        for appearances in self.recent:
            memory = absorb(memory, appearances, today=day)
        return memory

    def send(self, nudge: PlannedNudge, day: float) -> None:
        """Takes a nudge as sent and left unanswered, its opening not seen."""
        appearances = tuple(
            Appearance(
                nudge=str(nudge.ordinal),
                item=item.item,
                kind=item.kind,
                day=day,
                introduced=item.placed != "prompt",
                answer=None,
                opened=None,
                clicked=False,
                question=item.question or "recall",
            )
            for item in nudge.items
            if item.kind in ("tip", "resource")
        )
        if appearances:
            self.recent.append(appearances)
            self.sightings = self.sightings.seen_again(appearances)
        for item in nudge.items:
            if item.placed == "prompt":
                self.asked[item.item] = self.asked.get(item.item, 0) + 1

    def choose_questions(
        self, day: float, *, horizon_day: float, room: int, without: Collection[str] = ()
    ) -> tuple[PlannedItem, ...]:
        """The questions worth asking, best first, each item's own questions in turn; as many as there is room for."""
        if room <= 0 or not self.sightings.last_day:
            return ()
        ranked = rank_items(self.sightings, self.memory(day), day=day, horizon_day=horizon_day)
        askable = [item for item in ranked if item not in without and self._kinds(item)]
        return tuple(
            PlannedItem(
                item=item,
                kind=self.programme.items[item].kind,
                placed="prompt",
                question=self._next_question(item),
            )
            for item in askable[:room]
        )

    def weakest(self, day: float) -> tuple[str, float] | None:
        """The item outside the gap that is likeliest to be forgotten, with its retrievability; None where none is."""
        due = [
            item for item, seen in self.sightings.last_day.items() if day - seen >= ITEM_GAP_DAYS and self._kinds(item)
        ]
        if not due:
            return None
        beliefs = self.memory(day).beliefs
        recall, item = min((retrievability(beliefs[item], day), item) for item in due)
        return item, recall

    def _kinds(self, item: str) -> tuple[QuestionKind, ...]:
        """The kinds of question an item has, in the order in which they are asked."""
        known = self.programme.items.get(item)
        if known is None or not known.questions:
            return ()
        kinds = {question.kind for question in known.questions}
        return tuple(kind for kind in QUESTION_ORDER if kind in kinds)

    def _next_question(self, item: str) -> QuestionKind:
        kinds = self._kinds(item)
        return kinds[self.asked.get(item, 0) % len(kinds)]


def _sightings_of(nudges: Iterable[SentNudge], start_date: date) -> Sightings:
    last_day: dict[str, float] = {}
    in_last_nudge: frozenset[str] = frozenset()
    for nudge in sorted(nudges, key=attrgetter("local_date", "ordinal")):
        seen = [item.item for item in nudge.items if item.kind in ("tip", "resource")]
        if seen:
            last_day.update(dict.fromkeys(seen, float((nudge.local_date - start_date).days)))
            in_last_nudge = frozenset(seen)
    return Sightings(last_day, in_last_nudge)
