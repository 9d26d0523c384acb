"""The programme as it ships, planned for every start date of 2027: what leaders meet and when, in one table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

from config.load import load_programme
from models.domain import Enrolment, History
from scheduler.planning import plan_ahead
from tests.builders import at, build_enrolment
from tests.plans.checker import broken_rules
from tests.plans.ground import Ground

PROGRAMME = load_programme(Path(__file__).parents[2] / "config" / "first-100-days")
STARTS = tuple(date(2027, 1, 1) + timedelta(days=n) for n in range(365))
MOMENTS = {"early": -42, "on the day": 0, "day 20": 20, "day 60": 60}


@dataclass(frozen=True)
class Outcome:
    """What one plan gives."""

    enrolment: Enrolment
    moment: str
    ground: Ground
    broken: tuple[str, ...]
    items: int
    met: int
    last_tip_day: int
    last_resource_day: int
    anchor_distance_days: int  # the greatest
    most_in_seven_days: int
    unplaced: tuple[str, ...]  # tips and resources

    @property
    def row(self) -> tuple[str, str, str]:
        return self.enrolment.role, self.enrolment.pace or "", self.moment

    @property
    def label(self) -> str:
        return f"{' '.join(self.row)} start {self.enrolment.start_date}"


def every_enrolment() -> Iterator[tuple[Enrolment, str]]:
    """All start dates, roles, paces and moments of enrolment, with the moment's name."""
    for start, role, pace, (moment, day) in product(STARTS, PROGRAMME.roles, PROGRAMME.paces, MOMENTS.items()):
        enrolled_on = start + timedelta(days=day)
        yield build_enrolment(role=role, pace=pace, start_date=start, enrolled_on=enrolled_on), moment


def measure(enrolment: Enrolment, moment: str) -> Outcome:
    """Plans for that enrolment on its first morning."""
    now = at(f"{enrolment.enrolled_on} 09:00")
    plan = plan_ahead(PROGRAMME, enrolment, History(), now)
    ground = Ground(programme=PROGRAMME, enrolment=enrolment, history=History(), now=now, plan=plan)
    wanted = [item for item in ground.role.item_ids if not ground.is_fixed(item)]
    days = {item: ground.nudge_of[item].day for item in wanted if item in ground.nudge_of}
    kinds = {item: PROGRAMME.items[item].kind for item in wanted}
    nudges = [nudge.local_date for nudge in plan.nudges]
    anchors = [(ground.date_of(step.item), step.day) for step in ground.anchor_steps]
    return Outcome(
        enrolment=enrolment,
        moment=moment,
        ground=ground,
        broken=tuple(broken_rules(PROGRAMME, enrolment, History(), now, plan)),
        items=len(wanted),
        met=len(days),
        last_tip_day=max((day for item, day in days.items() if kinds[item] == "tip"), default=0),
        last_resource_day=max((day for item, day in days.items() if kinds[item] == "resource"), default=0),
        anchor_distance_days=max((abs(ground.day_of(on) - day) for on, day in anchors if on), default=0),
        most_in_seven_days=max(sum(first <= on < first + timedelta(days=7) for on in nudges) for first in nudges),
        unplaced=tuple(item for item in wanted if item in ground.unplaced),
    )


HEADS = ("role", "pace", "enrolled", "plans", "items met", "last tip", "last res.", "anchor ±", "in 7 days", "unplaced")


def write_table(outcomes: Sequence[Outcome]) -> str:
    """A line a role, pace and moment: the worst of its plans, but the share of items met over all of them."""
    rows: dict[tuple[str, str, str], list[Outcome]] = {}
    for outcome in outcomes:
        rows.setdefault(outcome.row, []).append(outcome)
    lines = [HEADS, *((*row, *_cells(found)) for row, found in rows.items())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _cells(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    met, items = sum(outcome.met for outcome in outcomes), sum(outcome.items for outcome in outcomes)
    return (
        f"{len(outcomes)}",
        f"{met / items:.1%}",
        f"{max(outcome.last_tip_day for outcome in outcomes)}",
        f"{max(outcome.last_resource_day for outcome in outcomes)}",
        f"{max(outcome.anchor_distance_days for outcome in outcomes)}",
        f"{max(outcome.most_in_seven_days for outcome in outcomes)}",
        f"{sum(bool(outcome.unplaced) for outcome in outcomes)}",
    )
