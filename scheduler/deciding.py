"""What an enrolment is sent next, decided on what is known now: the planner asked, its faults named."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.domain import Enrolment, History, Plan, PlannedNudge, Programme
from models.store import read_enrolments, read_kin
from models.waiting import read_refused_dates
from scheduler.asking import settle
from scheduler.calendar import local_date
from scheduler.explaining import Account, explain_day
from scheduler.history import read_brief_histories, read_histories
from scheduler.planning import plan_ahead
from scheduler.sharing import Party, make_way, plan_together

Stopped = Literal["held", "withdrawn", "suppressed"] | None
Planner = Callable[[Programme, Enrolment, History, datetime], PlannedNudge | None]
# What a planner raises over a value it cannot work with: an unknown zone, role or calendar, an impossible date. Faults
# of the program itself (TypeError, AttributeError, ...) are not among them: they end the tick and are seen.
_UNWORKABLE = (LookupError, ValueError, ArithmeticError, NotImplementedError)


class PlanningError(Exception):
    """Nothing can be planned for one enrolment, and why. The others are not concerned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that deciding about one enrolment takes. `kin`: the cases of the leader's other programmes."""

    enrolment: Enrolment
    history: History
    kin: tuple["Case", ...] = ()


def read_cases(session: Session, enrolments: Sequence[Enrolment]) -> dict[int, Case]:
    """The cases of these enrolments by id.

    What went out in the leader's other programmes, and the date of a refused nudge, count to the gap and the cap.
    """
    return _read_cases(session, enrolments, lambda everyone: read_histories(session, everyone))


def read_brief_cases(session: Session, enrolments: Sequence[Enrolment], *, now: datetime) -> dict[int, Case]:
    """The same for planning many: what is settled is neither read nor replayed, see `read_brief_histories`."""

    def read(everyone: Sequence[Enrolment]) -> dict[int, History]:
        return {
            enrolment_id: _settle(enrolment, history, now=now)
            for (enrolment_id, history), enrolment in zip(
                read_brief_histories(session, everyone, now=now).items(), everyone, strict=True
            )
        }

    return _read_cases(session, enrolments, read)


def _settle(enrolment: Enrolment, history: History, *, now: datetime) -> History:
    """The history with as much of it settled as is old enough, so that it is replayed once and not for each use."""
    today = float((local_date(enrolment.leader, now) - enrolment.start_date).days)
    return replace(history, settled=settle(history, enrolment.start_date, today=today))


def _read_cases(
    session: Session,
    enrolments: Sequence[Enrolment],
    read: Callable[[Sequence[Enrolment]], Mapping[int, History]],
) -> dict[int, Case]:
    if not enrolments:
        return {}
    given = {enrolment.id: enrolment for enrolment in enrolments}
    kin = read_kin(session, given)
    others = {other for own in kin.values() for other in own} - given.keys()
    everyone = (*enrolments, *(read_enrolments(session, tracking={}, ids=others) if others else ()))
    histories = read(everyone)
    refused = read_refused_dates(session, list(histories))
    alone: dict[int, Case] = {}
    for enrolment in everyone:
        sent = {nudge.local_date for other in kin.get(enrolment.id, ()) for nudge in histories[other].nudges}
        elsewhere = refused.get(enrolment.id, frozenset()) | sent
        alone[enrolment.id] = Case(enrolment=enrolment, history=replace(histories[enrolment.id], elsewhere=elsewhere))
    return {own: replace(alone[own], kin=tuple(alone[other] for other in kin.get(own, ()))) for own in given}


def decide(plan: Planner, case: Case, *, programmes: Mapping[str, Programme], now: datetime) -> PlannedNudge | None:
    """The enrolment's next nudge, or None when nothing is to come. Raises PlanningError."""
    if case.enrolment.stopped:
        return None
    with _named(case.enrolment):
        own, others = _parties(case, programmes)
        return plan(own.programme, own.enrolment, make_way(own, others, now) if others else own.history, now)


def forecast(case: Case, *, programmes: Mapping[str, Programme], now: datetime) -> Plan:
    """All that remains for the enrolment, beside the leader's other programmes. Raises PlanningError."""
    with _named(case.enrolment):
        own, others = _parties(case, programmes)
        return _plan(own, others, now)[own.enrolment.id]


def explain(case: Case, *, programmes: Mapping[str, Programme], now: datetime, on: date, stopped: Stopped) -> Account:
    """Why the enrolment gets a nudge on a local date or gets none. Raises PlanningError.

    A day that is over, or that has had its mail, is judged as of its morning; `stopped` is what held sending then.
    """
    with _named(case.enrolment):
        own, others = _parties(case, programmes)
        leader = case.enrolment.leader
        beside = {n.local_date: other.programme.name for other in others for n in other.history.nudges}
        out = beside.keys() | {nudge.local_date for nudge in own.history.nudges}
        is_over = on < local_date(leader, now) or on in out
        if is_over:
            now = datetime.combine(on, time.min, tzinfo=ZoneInfo(leader.time_zone)).astimezone(UTC)
            own, others = _as_of(own, on), [_as_of(other, on) for other in others]
            own = replace(own, enrolment=replace(own.enrolment, stopped=stopped))
        plans = _plan(own, others, now)
        if not is_over:
            beside |= {n.local_date: o.programme.name for o in others for n in plans[o.enrolment.id].nudges}
        return explain_day(
            own.programme,
            own.enrolment,
            make_way(own, others, now) if others else own.history,
            plans[own.enrolment.id],
            on,
            beside=beside,
            record=frozenset(out) if is_over else None,
        )


def _as_of(party: Party, on: date) -> Party:
    """A party as it stood on the morning of a date."""
    history = replace(
        party.history,
        nudges=tuple(nudge for nudge in party.history.nudges if nudge.local_date < on),
        elsewhere=frozenset(day for day in party.history.elsewhere if day < on),
        settled=None,
    )
    return replace(party, history=history)


def _plan(own: Party, others: Sequence[Party], now: datetime) -> Mapping[int, Plan]:
    """The plans of all parties, by enrolment."""
    if others:
        return plan_together((own, *others), now)
    return {own.enrolment.id: plan_ahead(own.programme, own.enrolment, own.history, now)}


def find_programme(enrolment: Enrolment, programmes: Mapping[str, Programme]) -> Programme:
    """The enrolment's programme, which has its role. Raises PlanningError."""
    programme = programmes.get(enrolment.programme)
    if programme is None:
        raise PlanningError(f"the programme {enrolment.programme} is no longer in config; put it back")
    if enrolment.role not in programme.roles:
        raise PlanningError(f"the programme {programme.id} no longer has the role {enrolment.role}; give another")
    return programme


def _parties(case: Case, programmes: Mapping[str, Programme]) -> tuple[Party, list[Party]]:
    """The enrolment with its programme and past, and the leader's others; one of those that cannot be planned is left
    out. Raises PlanningError."""
    others: list[Party] = []
    for other in case.kin:
        try:
            others.append(_party(other, programmes))
        except PlanningError:
            continue
    return _party(case, programmes), others


def _party(case: Case, programmes: Mapping[str, Programme]) -> Party:
    programme = find_programme(case.enrolment, programmes)
    return Party(programme=programme, enrolment=case.enrolment, history=case.history)


@contextmanager
def _named(enrolment: Enrolment) -> Generator[None]:
    """What a planner cannot work with becomes a PlanningError that names the enrolment."""
    try:
        yield
    except _UNWORKABLE as error:
        raise PlanningError(f"planning for enrolment {enrolment.id} failed: {error!r}") from error
