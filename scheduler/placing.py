"""On which dates the welcome, the anchors and the new items come: the frame of a plan, before any question is chosen.

The anchors take the dates nearest to their days; the new items are packed into what is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from models.domain import CLOSING, WELCOME, Enrolment, History, Limits, Pace, PlannedNudge, Programme, Unplaced
from scheduler.anchors import ENDLESS, place_fixed_steps
from scheduler.candidates import Candidate, find_candidates
from scheduler.days import LocalDay, Placed, Room, Timeline, lay_timeline, lowest_bit
from scheduler.packing import pack

PAST = "its last day"  # stands in the reason of an item whose window has closed, and of its riders


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The dates taken and by what, the dates left for questions alone, and what could not come."""

    timeline: Timeline
    placed: Mapping[int, Placed]  # by bit, in order
    unplaced: tuple[Unplaced, ...]
    room: Room  # after the welcome and before the closing summary

    @property
    def dates(self) -> frozenset[date]:
        """The dates taken by what is placed."""
        return frozenset(placed.on.date for placed in self.placed.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a leader has come: what was met, on which dates mail went out (from other programmes, too)."""

    met: frozenset[str]
    dates: frozenset[date]
    limits: Limits | None = None  # None: those of the pace

    @classmethod
    def after(cls, history: History) -> "Standing":
        dates = frozenset(nudge.local_date for nudge in history.nudges) | history.elsewhere
        return cls(met=met_items(history), dates=dates, limits=history.limits)

    def go_on(self, nudge: PlannedNudge) -> "Standing":
        """How far it is after one more nudge."""
        met = (item.item for item in nudge.items if item.placed != "prompt")
        return replace(self, met=self.met.union(met), dates=self.dates | {nudge.local_date})


def lay_frame(programme: Programme, enrolment: Enrolment, standing: Standing, *, first: date) -> Frame:
    """The frame of all that remains from the local date `first` on."""
    role = programme.roles[enrolment.role]
    pace = pace_of(programme, enrolment)
    limits = standing.limits or Limits(week_cap=pace.week_cap, gap_days=pace.gap_days)
    timeline = lay_timeline(programme, enrolment, first=first, gap_days=limits.gap_days)
    room = Room(limits, taken=0, free=timeline.open)
    room.take_dates(timeline, standing.dates)
    anchors, missed = place_fixed_steps(programme, enrolment, role, timeline, room, standing.met)
    welcomed = WELCOME in standing.met or WELCOME not in role.item_ids
    room.free &= _between_welcome_and_closing(programme, timeline, anchors, welcomed=welcomed)
    unfit: frozenset[str] = frozenset()  # tips for which no date was left: riders that lost their own ride elsewhere
    while True:
        coming = find_candidates(programme, enrolment, standing.met, soonest=_soonest_day(timeline, room), unfit=unfit)
        packed = pack(coming.candidates, timeline, room)
        hosts = coming.adopted & {candidate.step.item for candidate in packed.missing}
        if not hosts:
            break
        unfit |= hosts
    placed = anchors | {bit: _placed(candidate, timeline.on(bit)) for bit, candidate in packed.placed.items()}
    unplaced = (*missed, *coming.left_out, *_explain_missing(programme, packed.missing, timeline))
    return Frame(timeline=timeline, placed=dict(sorted(placed.items())), unplaced=unplaced, room=packed.room)


def pace_of(programme: Programme, enrolment: Enrolment) -> Pace:
    """The pace chosen for the leader, else the role's."""
    return programme.paces[enrolment.pace or programme.roles[enrolment.role].pace]


def met_items(history: History) -> frozenset[str]:
    """Everything that went out, as itself or as a rider."""
    return frozenset(item.item for nudge in history.nudges for item in nudge.items if item.placed != "prompt")


def _between_welcome_and_closing(
    programme: Programme, timeline: Timeline, anchors: Mapping[int, Placed], *, welcomed: bool
) -> int:
    """The bits after the welcome, before the closing summary, and up to the programme's last day."""
    bits = {placed.step.item: bit for bit, placed in anchors.items()}
    if WELCOME not in bits and not welcomed:
        return 0
    begins = bits.get(WELCOME, -1) + 1
    ends = min(bits.get(CLOSING, len(timeline.numbers)), timeline.last_bit(programme.last_day) + 1)
    return ((1 << ends) - 1) & ~((1 << begins) - 1)


def _soonest_day(timeline: Timeline, room: Room) -> int | None:
    bit = lowest_bit(room.free)
    return None if bit < 0 else timeline.numbers[bit]


# ---------------------------------------------------------------- reasons


def _placed(candidate: Candidate, on: LocalDay) -> Placed:
    return Placed(candidate.step, on, _reason(candidate, on.day))


def _reason(candidate: Candidate, day: int) -> str:
    aimed, why = candidate.step.day, candidate.step.why
    if day > candidate.due:
        return f"{why} Aimed at day {aimed}, and it should have come by day {candidate.due}: no day before was free."
    if day == aimed:
        return f"{why} On its day."
    if day < aimed:
        return f"{why} Aimed at day {aimed}, brought forward so that everything fits."
    return f"{why} Aimed at day {aimed}: the first day since that was free for it."


def _explain_missing(programme: Programme, missing: Sequence[Candidate], timeline: Timeline) -> list[Unplaced]:
    """Why each of these did not come: what it follows did not, or its days were full. Riders go with their hosts."""
    titles = {c.step.item: f"“{programme.items[c.step.item].title}”" for c in missing}
    unplaced: list[Unplaced] = []
    for c in missing:
        why = _why_missing(c, timeline, missing=titles)
        unplaced.append(Unplaced(item=c.step.item, why=why))
        unplaced += [Unplaced(item=r, why=f"it rides on {titles[c.step.item]}: {why}") for r in c.step.riders]
    return unplaced


def _why_missing(candidate: Candidate, timeline: Timeline, *, missing: Mapping[str, str]) -> str:
    if timeline.endless and (not timeline.numbers or candidate.closes > timeline.numbers[-1]):
        return ENDLESS
    if before := sorted(missing[item] for item in candidate.after & missing.keys()):
        return f"it follows {', '.join(before)}, for which no day was left"
    if timeline.last_bit(candidate.closes) < timeline.first:
        return f"{PAST}, {candidate.closes}, is past"
    return (
        f"no free day between day {candidate.opens} and day {candidate.closes}: working days, the cap on mails in any "
        "seven days and the gap between mails leave no room"
    )
