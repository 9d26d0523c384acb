"""Several programmes of one leader under one cap: the older enrolment chooses its dates first, the others make way.

What is new goes before what is asked again: a programme's welcome, check-ins and new items keep their dates even from
an older programme's nudges of questions alone. The tightest pace of them all holds for each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from models.domain import Enrolment, History, Limits, Programme
from scheduler.placing import pace_of
from scheduler.planning import frame_ahead, plan_ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One of a leader's enrolments, with its own past; `history.elsewhere` tells what went out in the others."""

    programme: Programme
    enrolment: Enrolment
    history: History


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
