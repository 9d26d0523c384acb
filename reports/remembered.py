"""What is predicted to be remembered at a turn of the week: of each tip and resource, skill set and cohort.

All of it is a prediction by the planner's own model of memory, and no measurement. The figures of skill sets, cohorts,
and of everything together, are made of those tips alone whose own figures may be shown: so nothing hidden follows from
them.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean, stdev
from typing import Any, Literal

from sqlalchemy.orm import Session

from models.domain import Programme
from reports.editions import Figures, Part
from reports.recalling import Cohort, Recollection, Recollections, gather, read_recalled
from reports.report import SUPPRESSED, ReportContext
from reports.suppression import Crowd, find_hidden, keep_released
from reports.weeks import turn_into

Scope = Literal["all", "skill-set", "tip"]
_ORDER: tuple[Scope, ...] = ("all", "skill-set", "tip")
_Z95 = 1.96  # standard errors of a mean to either side that hold 95 of 100


def work_out_recall(session: Session, context: ReportContext, week: date) -> Figures:
    """`items`: the mean of each; `learned`: rows of the report `learning`; `cohorts`: the mean over people of each."""
    known = gather(read_recalled(session, context, turn=turn_into(week)))
    small_group = context.small_group
    released = {item: _release(lines, known, small_group) for item, lines in known.items.items()}
    tips = {item.id for one in context.programmes.values() for item in one.items.values() if item.kind == "tip"}
    shown = {item: lines for item, lines in released.items() if item in tips and lines}
    skills = find_skills(context.programmes.values())
    hidden = ({"scope": "tip", "name": item, "people": SUPPRESSED} for item in released.keys() & tips - shown.keys())
    return {
        "items": {
            item: round(fmean(known.items[item].recall[line] for line in lines), 3) if lines else SUPPRESSED
            for item, lines in released.items()
        },
        "learned": sorted([*_average_all(known, shown, skills), *hidden], key=_place),
        "cohorts": [[*cohort, mean] for cohort, mean in _average_cohorts(known, shown, small_group).items()],
    }


RECALL = Part(name="recall", work_out=work_out_recall, looks_back=True)


def _place(row: Mapping[str, Any]) -> tuple[int, str]:
    return _ORDER.index(row["scope"]), row["name"]


def _release(lines: Recollection, known: Recollections, small_group: int) -> "array[int]":
    """The lines of an item that figures may tell of."""
    crowd = Crowd(("",), small_group=small_group)
    for enrolment, since in zip(lines.enrolment, lines.since, strict=True):
        crowd.add(date.fromordinal(since), "", known.person[enrolment])
    weeks = {week.toordinal() for week in crowd.release()}
    return array("l", (line for line, since in enumerate(lines.since) if since in weeks))


def find_skills(programmes: Iterable[Programme]) -> dict[str, tuple[str, ...]]:
    """The skill sets of each item, by name where they have one."""
    return {
        item.id: tuple(
            programme.skill_sets[skill].name if skill in programme.skill_sets else skill for skill in item.skill_sets
        )
        for programme in programmes
        for item in programme.items.values()
    }


# ---------------------------------------------------------------- means over people


@dataclass(slots=True)
class _Sums:
    """Of each person in a group: of how many lines, and the sums of what is remembered, asked and in a plain drip."""

    lines: "array[int]"
    recall: "array[float]"
    plain: "array[float]"

    @classmethod
    def of(cls, size: int) -> "_Sums":
        return cls(array("l", bytes(8 * size)), array("d", bytes(8 * size)), array("d", bytes(8 * size)))

    def add(self, whose: int, recall: float, plain: float) -> None:
        self.lines[whose] += 1
        self.recall[whose] += recall
        self.plain[whose] += plain

    def average(self) -> Mapping[str, Any]:
        """The mean over people of what each remembers, and where it would lie for 95 of 100 others like them."""
        own = [total / lines for total, lines in zip(self.recall, self.lines, strict=True) if lines]
        mean = fmean(own)
        margin = _Z95 * stdev(own) / sqrt(len(own)) if len(own) > 1 else 0.0
        return {
            "people": len(own),
            "recall": round(mean, 3),
            "low": round(max(mean - margin, 0.0), 3),
            "high": round(min(mean + margin, 1.0), 3),
            "plain": round(
                fmean(total / lines for total, lines in zip(self.plain, self.lines, strict=True) if lines), 3
            ),
        }


def _average_all(
    known: Recollections, shown: Mapping[str, "array[int]"], skills: Mapping[str, tuple[str, ...]]
) -> Iterator[Mapping[str, Any]]:
    """All together, each skill set, each tip."""
    size = max(known.person, default=-1) + 1
    groups: dict[tuple[Scope, str], list[str]] = defaultdict(list)
    for item in shown:
        groups["all", ""].append(item)
        groups["tip", item].append(item)
        for skill in skills.get(item, ()):
            groups["skill-set", skill].append(item)
    for (scope, name), items in groups.items():
        sums = _Sums.of(size)
        for item in items:
            lines = known.items[item]
            for line in shown[item]:
                sums.add(known.person[lines.enrolment[line]], lines.recall[line], lines.plain[line])
        yield {"scope": scope, "name": name, **sums.average()}


def _average_cohorts(
    known: Recollections, shown: Mapping[str, "array[int]"], small_group: int
) -> dict[Cohort, float | object]:
    """By cohort, the mean over people of what each remembers.

    The report `learning` tells of everybody together, so what is hidden here is about enough people together.
    """
    sums = _Sums.of(len(known.person))
    since: dict[int, int] = {}
    for item, lines in shown.items():
        of = known.items[item]
        for line in lines:
            enrolment = of.enrolment[line]
            sums.add(enrolment, of.recall[line], 0.0)
            since[enrolment] = min(of.since[line], since.get(enrolment, of.since[line]))
    entries: dict[Cohort, list[tuple[date, int, float]]] = defaultdict(list)
    for enrolment, met in since.items():
        mean = sums.recall[enrolment] / sums.lines[enrolment]
        entries[known.cohort[enrolment]].append((date.fromordinal(met), known.person[enrolment], mean))
    means = {cohort: keep_released(own, small_group=small_group) for cohort, own in sorted(entries.items())}
    table: dict[Cohort, list[set[int]]] = {cohort: [{person for person, _ in own}] for cohort, own in means.items()}
    waiting = {person for cohort, own in entries.items() for _, person, _ in own if person not in table[cohort][0]}
    table["", ""] = [waiting]  # known together: all less those that are shown
    hidden = find_hidden(table, small_group=small_group, with_total=True)
    return {
        cohort: SUPPRESSED if cohort in hidden.rows or not own else round(fmean(mean for _, mean in own), 3)
        for cohort, own in means.items()
    }
