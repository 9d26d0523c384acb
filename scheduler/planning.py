"""What comes next for one enrolment, and why: programme + enrolment + history → the plan. Pure and deterministic.

The plan is laid out lazily from its first nudge, so asking for that one alone costs little. What is to come is
forecast as if nobody answered: each nudge is decided again when it is claimed, so a fresh answer still counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.domain import (
    CLOSING,
    Appearance,
    Enrolment,
    History,
    Item,
    Opening,
    Pace,
    PlacedAs,
    Plan,
    PlannedItem,
    PlannedNudge,
    Programme,
    Resource,
    Tip,
    Unplaced,
)
from scheduler.asking import Forecast, Sightings, rank_items
from scheduler.assumptions import HORIZON_DAY, ITEM_GAP_DAYS
from scheduler.calendar import first_sendable_date, slot_on
from scheduler.days import LocalDay, Placed, Room, lowest_bit
from scheduler.memory import remember
from scheduler.placing import PAST, Frame, Standing, lay_frame, pace_of

VISIBLE_LINKS = 5  # in one mail, the footer's included
PROMPTS_BESIDE_A_RESOURCE = 1  # the word budget of a resource mail has room for no more; a rider fills it, too
FIRST_ASKING_DAY = 0  # before the start date nothing is asked on its own
LONG_PAUSE_DAYS = 14  # after a longer one the next nudge says welcome back


def plan_ahead(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Plan:
    """All that remains for this enrolment, each nudge with its slot and reason, and what cannot come.

    Nothing sent is planned again. Empty once the closing summary is out, and while the enrolment is stopped. Each
    nudge is what `next_nudge` gives once those before it have gone out and stayed unanswered, so that a plan that runs
    as laid out does not change on the way.
    """
    walk = _Walk(programme, enrolment, history, now)
    nudges = tuple(walk.nudges())
    return Plan(nudges=nudges, unplaced=walk.unplaced(nudges))


def next_nudge(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> PlannedNudge | None:
    """The first element of `plan_ahead`, or None when nothing is to come."""
    return next(_Walk(programme, enrolment, history, now).nudges(), None)


def frame_ahead(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Frame | None:
    """The dates of all that remains but questions alone; None when nothing more is to come."""
    return _Walk(programme, enrolment, history, now).lay_frame()


def keep_reasons(known: dict[str, Unplaced], frame: Frame | None) -> None:
    """Adds what has no place in a frame to what is known so far, the newer reason over the older one."""
    for missing in () if frame is None else frame.unplaced:
        if not (missing.item in known and PAST in missing.why):  # then the earlier reason says more
            known[missing.item] = missing


def still_missing(known: Mapping[str, Unplaced], nudges: Iterable[PlannedNudge]) -> tuple[Unplaced, ...]:
    """Of what had no place, what does not come in any of the nudges after all."""
    coming = {item.item for nudge in nudges for item in nudge.items if item.placed != "prompt"}
    return tuple(missing for missing in known.values() if missing.item not in coming)


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
    ranked = rank_items(
        Sightings.from_appearances(history),
        remember(history, today=day),
        day=day,
        horizon_day=horizon_day,
        item_gap_days=item_gap_days,
    )
    return tuple(ranked[:capacity])


# ---------------------------------------------------------------- laying out


class _Walk:
    """The way from now to the closing summary, a nudge at a time."""

    def __init__(self, programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> None:
        self._programme, self._enrolment, self._history = programme, enrolment, history
        self._standing = Standing.after(history)
        self._first = max(first_sendable_date(enrolment.leader, now), enrolment.enrolled_on + timedelta(days=1))
        self._unplaced: dict[str, Unplaced] = {}

    def lay_frame(self) -> Frame | None:
        """The frame of what remains; None when nothing more is to come."""
        if self._enrolment.stopped or CLOSING in self._standing.met:
            return None
        frame = lay_frame(self._programme, self._enrolment, self._standing, first=self._first)
        keep_reasons(self._unplaced, frame)
        return frame

    def nudges(self) -> Iterator[PlannedNudge]:
        """The nudges in order of time. Each is forecast on the assumption that those before it stay unanswered."""
        forecast = Forecast.from_history(self._programme, self._history, self._enrolment.start_date)
        ordinal = self._history.next_ordinal
        before = self._history.last_date
        while (frame := self.lay_frame()) is not None:
            found = self._first_nudge(frame, forecast)
            if found is None:
                return
            on, items, why = found
            slot = slot_on(self._enrolment.leader, on.date)
            if slot is None:
                raise ValueError(f"{on.date} does not exist in {self._enrolment.leader.time_zone}")
            nudge = PlannedNudge(
                ordinal=ordinal,
                day=on.day,
                local_date=on.date,
                slot=slot,
                items=items,
                why=why,
                openings=tuple(_openings(self._enrolment, self._history, before=before, day=on.date)),
            )
            yield nudge
            forecast.send(nudge, _Moment(on, self._enrolment.start_date).elapsed_days)
            self._standing = self._standing.go_on(nudge)
            self._first = on.date + timedelta(days=1)
            ordinal += 1
            before = on.date

    def unplaced(self, nudges: Sequence[PlannedNudge]) -> tuple[Unplaced, ...]:
        """What does not come in any of these nudges, and why."""
        return still_missing(self._unplaced, nudges)

    def _first_nudge(self, frame: Frame, forecast: Forecast) -> tuple[LocalDay, tuple[PlannedItem, ...], str] | None:
        """The first nudge of a frame: a step, or before it questions alone on a free day."""
        pace = pace_of(self._programme, self._enrolment)
        for bit, placed in _occasions(frame, _room_for_questions_alone(pace, frame, self._history)):
            on = frame.timeline.on(bit)
            moment = _Moment(on, self._enrolment.start_date)
            if placed is not None:
                return on, _items_of(self._programme, pace, placed, forecast, moment), placed.why
            items, why = _questions_alone(self._programme, pace, forecast, moment)
            if items:
                return on, items, why
        return None


def _room_for_questions_alone(pace: Pace, frame: Frame, history: History) -> Room:
    """The dates left for nudges of questions alone: none at a pace without them, none that others have reserved."""
    room = frame.room.copy()
    room.take_dates(frame.timeline, history.reserved)
    begins = len(frame.timeline.numbers) if pace.ask_below is None else frame.timeline.first_bit(FIRST_ASKING_DAY)
    room.free &= ~((1 << begins) - 1)
    return room


def _occasions(frame: Frame, asking: Room) -> Iterator[tuple[int, Placed | None]]:
    """The dates up to the first with a step, in order: those free for questions alone, then that one."""
    fixed, placed = next(iter(frame.placed.items()), (len(frame.timeline.numbers), None))
    free = asking.free & ((1 << fixed) - 1)
    while free:
        bit = lowest_bit(free)
        yield bit, None
        free ^= 1 << bit
    if placed is not None:
        yield fixed, placed


@dataclass(frozen=True, slots=True)
class _Moment:
    """A date as forgetting sees it: days of a pause count, and move the horizon as they move day 100."""

    on: LocalDay
    start_date: date

    @property
    def elapsed_days(self) -> float:
        return float((self.on.date - self.start_date).days)

    @property
    def horizon_day(self) -> float:
        return HORIZON_DAY + self.elapsed_days - self.on.day


def _items_of(
    programme: Programme, pace: Pace, placed: Placed, forecast: Forecast, moment: _Moment
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
        room = min(room, max(0, PROMPTS_BESIDE_A_RESOURCE - len(riders)))
    new = PlannedItem(item=main.id, kind=main.kind, placed="new", late=is_late(main, placed.on.day))
    along = [PlannedItem(item=rider.id, kind=rider.kind, placed="with") for rider in riders]
    fresh = {main.id, *(rider.id for rider in riders)}
    return (
        new,
        *along,
        *forecast.choose_questions(moment.elapsed_days, horizon_day=moment.horizon_day, room=room, without=fresh),
    )


def is_late(item: Item, day: int) -> bool:
    """Whether the item comes after the moment its ordinary wording was written for."""
    if item.when_late != "late_wording":
        return False
    return day > item.latest_day or (isinstance(item, Tip) and item.before_start and day >= 0)


def _questions_alone(
    programme: Programme, pace: Pace, forecast: Forecast, moment: _Moment
) -> tuple[tuple[PlannedItem, ...], str]:
    """Questions for a free day, if an item outside the gap is about to be forgotten, and which; else none."""
    weakest = forecast.weakest(moment.elapsed_days)
    if weakest is None or pace.ask_below is None or weakest[1] >= pace.ask_below:
        return (), ""
    item, recall = weakest
    why = f"A free day, and “{programme.items[item].title}” is fading: {recall:.0%} likely to be remembered."
    chosen = forecast.choose_questions(moment.elapsed_days, horizon_day=moment.horizon_day, room=pace.prompts)
    return chosen, why


def _openings(enrolment: Enrolment, history: History, *, before: date | None, day: date) -> Iterator[Opening]:
    """The lines that a nudge on a date opens with, when the nudge before it came on `before`."""
    if before is None:
        return
    for pause in enrolment.pauses:
        if pause.last is not None and before <= pause.last < day and (pause.last - pause.first).days >= LONG_PAUSE_DAYS:
            yield "welcome_back"
            break
    moved_at = enrolment.moved_at
    if moved_at is not None and before == history.last_date and all(nudge.at < moved_at for nudge in history.nudges):
        yield "dates_moved"
