"""The best that any planner could do: an exact optimum, to be held against what the planner did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ortools.sat.python import cp_model

from models.domain import Tip
from tests.plans.ground import Ground, Room

LONGEST_SECONDS = 20.0


@dataclass(frozen=True, order=True)
class Fit:
    """How many new items find no date, and how many come after the day by which they should be met."""

    unplaced: int
    belated: int


@dataclass(frozen=True)
class Fits:
    """What the plan reaches beside what can be reached, of so many items that are to come."""

    items: int
    planned: Fit
    best: Fit


def compare(ground: Ground) -> Fits | None:
    """The plan's fit and the best one, with the anchors where the plan has them, and tips for before the start before
    it where the plan has them there. None where a rider has lost its own step, for what follows it has no fixed place
    then, and where the optimum is not found in time.
    """
    if any(host in ground.met or ground.is_left_out(host) for host in ground.host_of.values()):
        return None
    items = [item for item in ground.new_steps if item not in ground.met and not ground.is_left_out(item)]
    planned = _planned_fit(ground, items)
    if planned == Fit(0, 0):
        return Fits(len(items), planned, planned)
    best = _best_fit(ground, items)
    return None if best is None else Fits(len(items), planned, best)


def _planned_fit(ground: Ground, items: Sequence[str]) -> Fit:
    dates = {item: on for item in items if (on := ground.date_of(item))}
    belated = sum(_is_belated(ground, item, on) for item, on in dates.items())
    return Fit(len(items) - len(dates), belated)


def _is_belated(ground: Ground, item: str, on: date) -> bool:
    by = ground.by_day(item)
    return by is not None and ground.day_of(on) > by


def _best_fit(ground: Ground, items: Sequence[str]) -> Fit | None:
    model = cp_model.CpModel()
    room = Room(ground.limits, (*ground.sent_dates, *ground.anchor_dates.values()))
    dates = [day for day in ground.new_item_dates if room.has_room(day)]
    comes = {
        item: {
            day: model.new_bool_var(f"{item} on {day}")
            for day in dates
            if ground.opens(item) <= ground.day_of(day) <= ground.closes(item)
        }
        for item in items
    }
    _keep_caps(model, ground, dates, comes)
    for item in items:
        _keep_prerequisites(model, ground, item, comes)
        model.add(sum(comes[item].values()) <= 1)
        if _is_early(ground, item):
            model.add(sum(on for day, on in comes[item].items() if ground.day_of(day) < 0) == 1)
    placed = sum(on for days in comes.values() for on in days.values())
    belated = sum(on for item, days in comes.items() for day, on in days.items() if _is_belated(ground, item, day))
    model.maximize((len(items) + 1) * placed - belated)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = LONGEST_SECONDS
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    return Fit(len(items) - solver.value(placed), solver.value(belated))


Comes = Mapping[str, Mapping[date, cp_model.IntVar]]


def _keep_caps(model: cp_model.CpModel, ground: Ground, dates: Sequence[date], comes: Comes) -> None:
    """One new item a date, the gap, and in any seven days no more than the cap leaves beside what is fixed."""
    on = {day: sum(days[day] for days in comes.values() if day in days) for day in dates}
    fixed = (*ground.sent_dates, *ground.anchor_dates.values())
    for first in sorted({day - timedelta(days=n) for day in dates for n in range(7)}):
        week = [first + timedelta(days=n) for n in range(7)]
        left = ground.limits.week_cap - sum(day in week for day in fixed)
        near = week[: ground.limits.gap_days]
        model.add(sum(on[day] for day in week if day in on) <= max(left, 0))
        model.add(sum(on[day] for day in near if day in on) <= 1)


def _keep_prerequisites(model: cp_model.CpModel, ground: Ground, item: str, comes: Comes) -> None:
    """An item comes only after what it awaits, or what it awaits rides on."""
    for before in {ground.host_of.get(before, before) for before in ground.awaits(item)} - {item}:
        for day, on in comes[item].items():
            model.add(on <= sum(other for its_day, other in comes[before].items() if its_day < day))


def _is_early(ground: Ground, item: str) -> bool:
    known, on = ground.programme.items[item], ground.date_of(item)
    return isinstance(known, Tip) and known.before_start and on is not None and ground.day_of(on) < 0
