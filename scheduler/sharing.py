"""Several programmes of one leader under one cap: the older enrolment chooses its dates first, the others make way.

What is new goes before what is asked again: a programme's welcome, check-ins and new items keep their dates even from
an older programme's nudges of questions alone. The tightest pace of them all holds for each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from models.domain import Enrolment, History, Limits, Plan, PlannedNudge, Programme, Unplaced
from scheduler.asking import settle
from scheduler.placing import pace_of
from scheduler.planning import frame_ahead, keep_reasons, next_nudge, plan_ahead, still_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One of a leader's enrolments, with its own past; `history.elsewhere` tells what went out in the others."""

    programme: Programme
    enrolment: Enrolment
    history: History


def plan_together(parties: Iterable[Party], now: datetime) -> dict[int, Plan]:
    """All that remains for each of a leader's enrolments, by its id, laid out as they will run: what comes first is
    sent first. Together the plans keep one gap and one cap."""
    going = {party.enrolment.id: party for party in parties}
    nudges: dict[int, list[PlannedNudge]] = {own: [] for own in going}
    missing: dict[int, dict[str, Unplaced]] = {own: {} for own in going}
    while True:
        coming: list[tuple[datetime, int, PlannedNudge]] = []
        for own, party in going.items():
            history = make_way(party, [other for other in going.values() if other is not party], now)
            keep_reasons(missing[own], frame_ahead(party.programme, party.enrolment, history, now))
            nudge = next_nudge(party.programme, party.enrolment, history, now)
            if nudge is not None:
                coming.append((nudge.slot, own, nudge))
        if not coming:
            return {
                own: Plan(nudges=tuple(nudges[own]), unplaced=still_missing(missing[own], nudges[own])) for own in going
            }
        now, sender, nudge = min(coming, key=lambda one: one[:2])
        nudges[sender].append(nudge)
        going = {own: _go_on(party, nudge, is_own=own == sender) for own, party in going.items()}


def _go_on(party: Party, nudge: PlannedNudge, *, is_own: bool) -> Party:
    """A party after a nudge of its own, or of another, went out."""
    history, start_date = party.history, party.enrolment.start_date
    if not is_own:
        return replace(party, history=replace(history, elsewhere=history.elsewhere | {nudge.local_date}))
    history = replace(history, nudges=(*history.nudges, nudge.sent()), next_ordinal=nudge.ordinal + 1)
    settled = settle(history, start_date, today=float((nudge.local_date - start_date).days))
    return replace(party, history=replace(history, settled=settled))


def make_way(own: Party, others: Iterable[Party], now: datetime) -> History:
    """The history of one enrolment, with the dates that the leader's others take or mean to use."""
    parties = sorted((own, *others), key=lambda party: party.enrolment.id)
    going_on = [party for party in parties if frame_ahead(party.programme, party.enrolment, party.history, now)]
    if len(going_on) < 2 or own.enrolment.id not in {party.enrolment.id for party in going_on}:
        return own.history
    going_on = _under_tightest_pace(going_on)
    framed = _choose_dates(going_on, now)
    asked: frozenset[date] = frozenset()
    for place, party in enumerate(going_on):
        later = frozenset[date]().union(*framed[place + 1 :])
        history = replace(
            party.history,
            elsewhere=party.history.elsewhere.union(*framed[:place]),
            reserved=party.history.reserved | later | asked,
        )
        if party.enrolment.id == own.enrolment.id:
            return history
        nudges = plan_ahead(party.programme, party.enrolment, history, now).nudges
        asked |= {nudge.local_date for nudge in nudges} - framed[place]
    raise AssertionError("the enrolment is one of its leader's")


def _under_tightest_pace(parties: Sequence[Party]) -> list[Party]:
    paces = [pace_of(party.programme, party.enrolment) for party in parties]
    tightest = Limits(
        week_cap=min(pace.week_cap for pace in paces),
        gap_days=max(pace.gap_days for pace in paces),
    )
    return [replace(party, history=replace(party.history, limits=tightest)) for party in parties]


def _choose_dates(parties: Sequence[Party], now: datetime) -> list[frozenset[date]]:
    """The dates of each party's frame, the older one's first."""
    chosen: list[frozenset[date]] = []
    for party in parties:
        history = replace(party.history, elsewhere=party.history.elsewhere.union(*chosen))
        frame = frame_ahead(party.programme, party.enrolment, history, now)
        chosen.append(frozenset() if frame is None else frame.dates)
    return chosen
