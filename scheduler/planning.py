"""What comes next for one enrolment, and why: programme + enrolment + history → the plan. Pure and deterministic.

The plan is laid out lazily from its first nudge, so asking for that one alone costs little. What is to come is
forecast as if nobody answered: each nudge is decided again when it is claimed, so a fresh answer still counts.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final

from models.domain import (
    CLOSING,
    Appearance,
    Enrolment,
    History,
    Pace,
    PlacedAs,
    Plan,
    PlannedItem,
    PlannedNudge,
    Programme,
    QuestionKind,
    Resource,
    Tip,
)
from scheduler.calendar import first_sendable_date, slot_on
from scheduler.days import LocalDay, Placed
from scheduler.memory import SILENCE_AFTER_DAYS, Memory, absorb, prompt_gain_days, remember, retrievability
from scheduler.placing import Frame, lay_frame, met_items

HORIZON_DAY = 180.0  # remembering counts up to here
ITEM_GAP_DAYS = 5.0  # an item seen more recently is asked only where nothing else can fill the place
VISIBLE_LINKS = 5  # in one mail, the footer's included
PROMPTS_BESIDE_A_RESOURCE = 2  # the word budget of a resource mail has room for no more
FIRST_ASKING_DAY = 0  # before the start date nothing is asked on its own
QUESTION_ORDER: Final[tuple[QuestionKind, ...]] = ("recall", "application", "reflection")


def plan_ahead(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Plan:
    """All that remains for this enrolment, each nudge with its slot and reason, and what cannot come.

    Nothing sent is planned again. Empty once the closing summary is out, and while the enrolment is stopped.
    """
    frame = _frame(programme, enrolment, history, now)
    if frame is None:
        return Plan()
    return Plan(nudges=tuple(_lay_out(programme, enrolment, history, frame)), unplaced=frame.unplaced)


def next_nudge(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> PlannedNudge | None:
    """The first element of `plan_ahead`, or None when nothing is to come."""
    frame = _frame(programme, enrolment, history, now)
    return None if frame is None else next(_lay_out(programme, enrolment, history, frame), None)


def choose_prompts(
    history: Sequence[Appearance],
    *,
    day: float,
    capacity: int,
    horizon_day: float = HORIZON_DAY,
    item_gap_days: float = ITEM_GAP_DAYS,
) -> tuple[str, ...]:
    """The items to ask about now, best first: those whose prompt adds most expected remembering up to the horizon.

    Fills the capacity: items outside the gap first, then the others, then those of the last nudge; each by value.
    """
    ranked = _rank(
        _Sightings.from_appearances(history),
        remember(history, today=day),
        day=day,
        horizon_day=horizon_day,
        item_gap_days=item_gap_days,
    )
    return tuple(ranked[:capacity])


def appearances_of(history: History, start_date: date) -> tuple[Appearance, ...]:
    """The history as appearances of tips and resources, on real days since the start: forgetting takes no pause."""
    seen: set[str] = set()
    appearances: list[Appearance] = []
    for nudge in history.nudges:
        for item in nudge.items:
            if item.kind not in ("tip", "resource"):
                continue
            appearances.append(
                Appearance(
                    nudge=str(nudge.ordinal),
                    item=item.item,
                    kind=item.kind,
                    day=float((nudge.local_date - start_date).days),
                    introduced=item.placed != "prompt" or item.item not in seen,
                    answer=item.answer,
                    opened=nudge.opened,
                    clicked=item.clicked,
                    question=item.question or "recall",
                    exposure=0.5 if nudge.in_doubt else 1.0,
                    click_visible=item.click_visible,
                )
            )
            seen.add(item.item)
    return tuple(appearances)


# ---------------------------------------------------------------- what was seen, and what to ask


@dataclass(frozen=True, slots=True)
class _Sightings:
    """When each item was last in a nudge, and which items the last nudge held."""

    last_day: Mapping[str, float]
    in_last_nudge: frozenset[str]

    @classmethod
    def from_appearances(cls, appearances: Iterable[Appearance]) -> "_Sightings":
        ordered = sorted(appearances, key=attrgetter("day", "nudge"))
        last = frozenset(seen.item for seen in ordered if seen.nudge == ordered[-1].nudge)
        return cls({seen.item: seen.day for seen in ordered}, last)


def _rank(
    sightings: _Sightings,
    memory: Memory,
    *,
    day: float,
    horizon_day: float = HORIZON_DAY,
    item_gap_days: float = ITEM_GAP_DAYS,
) -> list[str]:
    """All items met, those most worth asking about first."""

    def order(item: str) -> tuple[bool, bool, float, str]:
        in_gap = day - sightings.last_day[item] < item_gap_days
        gain = prompt_gain_days(memory.beliefs[item], day=day, horizon_day=horizon_day)
        return in_gap and item in sightings.in_last_nudge, in_gap, -gain, item

    return sorted(sightings.last_day, key=order)


@dataclass(slots=True)
class _Forecast:
    """The past and the nudges laid out so far, as the next choice sees them."""

    settled: Memory  # of nudges old enough for their silence to count
    recent: list[tuple[Appearance, ...]]  # the others, oldest first
    sightings: _Sightings
    asked: dict[str, int]  # questions asked so far, by item

    @classmethod
    def from_history(cls, history: History, start_date: date) -> "_Forecast":
        appearances = appearances_of(history, start_date)
        by_nudge = groupby(sorted(appearances, key=attrgetter("day", "nudge")), key=attrgetter("nudge"))
        asked = Counter(item.item for nudge in history.nudges for item in nudge.items if item.placed == "prompt")
        return cls(Memory(), [tuple(group) for _, group in by_nudge], _Sightings.from_appearances(appearances), asked)

    def memory(self, day: float) -> Memory:
        """The memory on a day. Days must be asked for in order."""
        while self.recent and day - self.recent[0][0].day >= SILENCE_AFTER_DAYS:
            self.settled = absorb(self.settled, self.recent.pop(0))
        memory = self.settled
        for appearances in self.recent:
            memory = absorb(memory, appearances, today=day)
        return memory

    def send(self, nudge: PlannedNudge, day: float) -> None:
        """Takes a nudge as sent and left unanswered."""
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
            last_day = {**self.sightings.last_day, **{item.item: day for item in appearances}}
            self.sightings = _Sightings(last_day, frozenset(item.item for item in appearances))
        for item in nudge.items:
            if item.placed == "prompt":
                self.asked[item.item] = self.asked.get(item.item, 0) + 1


# ---------------------------------------------------------------- laying out


def _frame(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Frame | None:
    """The dates of what remains; None when nothing more is to come."""
    if enrolment.stopped or CLOSING in met_items(history):
        return None
    first = max(first_sendable_date(enrolment.leader, now), enrolment.enrolled_on + timedelta(days=1))
    return lay_frame(programme, enrolment, history, first=first)


def _lay_out(programme: Programme, enrolment: Enrolment, history: History, frame: Frame) -> Iterator[PlannedNudge]:
    """The nudges in order of time. Each is forecast on the assumption that those before it stay unanswered."""
    role = programme.roles[enrolment.role]
    pace = programme.paces[enrolment.pace or role.pace]
    forecast = _Forecast.from_history(history, enrolment.start_date)
    taken = frame.taken.copy()
    fixed = {placed.on.date: placed for placed in frame.placed.values()}
    ordinal = history.next_ordinal
    for on in sorted(
        {day.date: day for day in (*frame.open_days, *(p.on for p in fixed.values()))}.values(), key=_date
    ):
        placed = fixed.get(on.date)
        elapsed = float((on.date - enrolment.start_date).days)
        if placed is not None:
            items, why = _items_of(programme, pace, placed, forecast, elapsed), placed.why
        elif pace.ask_below is not None and on.day >= FIRST_ASKING_DAY and taken.has_room(on.date):
            items, why = _questions_alone(programme, pace, pace.ask_below, forecast, elapsed)
        else:
            continue
        slot = slot_on(enrolment.leader, on.date)
        if not items or slot is None:
            continue
        taken.take(on.date)
        nudge = PlannedNudge(ordinal=ordinal, day=on.day, local_date=on.date, slot=slot, items=items, why=why)
        yield nudge
        forecast.send(nudge, elapsed)
        ordinal += 1


def _date(day: LocalDay) -> date:
    return day.date


def _items_of(
    programme: Programme, pace: Pace, placed: Placed, forecast: _Forecast, elapsed_days: float
) -> tuple[PlannedItem, ...]:
    """A step's item, its riders, and for a tip or resource the questions that go with it."""
    main = programme.items[placed.step.item]
    if not isinstance(main, Tip | Resource):
        placed_as: PlacedAs = "check-in" if main.kind == "check-in" else "message"
        return (PlannedItem(item=main.id, kind=main.kind, placed=placed_as),)
    riders = [programme.items[rider] for rider in placed.step.riders if rider not in forecast.sightings.last_day]
    links = sum(1 for item in (main, *riders) if isinstance(item, Resource) and item.url)
    room = min(pace.prompts, VISIBLE_LINKS - 1 - links)
    if isinstance(main, Resource):
        room = min(room, PROMPTS_BESIDE_A_RESOURCE)
    new = PlannedItem(item=main.id, kind=main.kind, placed="new", late=_is_late(main, placed.on.day))
    along = [PlannedItem(item=rider.id, kind=rider.kind, placed="with") for rider in riders]
    fresh = {main.id, *(rider.id for rider in riders)}
    return (new, *along, *_questions(programme, forecast, elapsed_days, room=room, without=fresh))


def _is_late(item: Tip | Resource, day: int) -> bool:
    """Whether the item comes after the moment its ordinary wording was written for."""
    if item.when_late != "late_wording":
        return False
    return day > item.latest_day or (isinstance(item, Tip) and item.before_start and day >= 0)


def _questions_alone(
    programme: Programme, pace: Pace, ask_below: float, forecast: _Forecast, elapsed_days: float
) -> tuple[tuple[PlannedItem, ...], str]:
    """Questions for a free day, if an item outside the gap is about to be forgotten, and which; else none."""
    beliefs = forecast.memory(elapsed_days).beliefs
    fading = {
        item: retrievability(beliefs[item], elapsed_days)
        for item, seen in forecast.sightings.last_day.items()
        if elapsed_days - seen >= ITEM_GAP_DAYS and _questions_for(programme, item)
    }
    weakest = min(fading, key=lambda item: (fading[item], item), default=None)
    if weakest is None or fading[weakest] >= ask_below:
        return (), ""
    title = programme.items[weakest].title
    why = f"A free day, and “{title}” is fading: {fading[weakest]:.0%} likely to be remembered."
    return _questions(programme, forecast, elapsed_days, room=pace.prompts), why


def _questions(
    programme: Programme,
    forecast: _Forecast,
    elapsed_days: float,
    *,
    room: int,
    without: Collection[str] = (),
) -> tuple[PlannedItem, ...]:
    """The questions worth asking, best first, each item's own questions in turn."""
    ranked = _rank(forecast.sightings, forecast.memory(elapsed_days), day=elapsed_days)
    askable = [item for item in ranked if item not in without and _questions_for(programme, item)]
    return tuple(
        PlannedItem(
            item=item,
            kind=programme.items[item].kind,
            placed="prompt",
            question=_turn(_questions_for(programme, item), forecast.asked.get(item, 0)),
        )
        for item in askable[: max(room, 0)]
    )


def _questions_for(programme: Programme, item: str) -> tuple[QuestionKind, ...]:
    """The kinds of question an item has, in the order in which they are asked."""
    known = programme.items.get(item)
    return () if known is None else tuple(kind for kind in QUESTION_ORDER if known.question(kind))


def _turn(kinds: Sequence[QuestionKind], asked_before: int) -> QuestionKind:
    return kinds[asked_before % len(kinds)]
