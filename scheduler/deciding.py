"""What an enrolment is sent next, decided on what is known now: the planner asked, its faults named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from models.domain import Enrolment, History, Plan, PlannedNudge, Programme
from models.store import read_enrolments, read_kin
from models.waiting import read_refused_dates
from scheduler.asking import settle
from scheduler.calendar import local_date
from scheduler.explaining import Account, explain_day
from scheduler.history import read_brief_histories, read_histories
from scheduler.planning import plan_ahead
from scheduler.sharing import Party, make_way

Planner = Callable[[Programme, Enrolment, History, datetime], PlannedNudge | None]
_Told = TypeVar("_Told")

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
    return None if case.enrolment.stopped else _ask(plan, case, programmes, now)


def forecast(case: Case, *, programmes: Mapping[str, Programme], now: datetime) -> Plan:
    """All that remains for the enrolment, as `plan_ahead` lays it out beside the leader's other programmes.

    Raises PlanningError.
    """
    return Plan() if case.enrolment.stopped else _ask(plan_ahead, case, programmes, now)


def explain(case: Case, *, programmes: Mapping[str, Programme], now: datetime, on: date) -> Account:
    """Why the enrolment gets a nudge on a local date or gets none. Raises PlanningError."""

    def ask(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Account:
        return explain_day(programme, enrolment, history, now, on)

    return _ask(ask, case, programmes, now)


def _ask(
    planner: Callable[[Programme, Enrolment, History, datetime], _Told],
    case: Case,
    programmes: Mapping[str, Programme],
    now: datetime,
) -> _Told:
    """What a planner says of a case. Raises PlanningError."""
    programme = find_programme(case.enrolment, programmes)
    try:
        return planner(programme, case.enrolment, _make_way(case, programme, programmes, now), now)
    except _UNWORKABLE as error:
        raise PlanningError(f"planning for enrolment {case.enrolment.id} failed: {error!r}") from error


def find_programme(enrolment: Enrolment, programmes: Mapping[str, Programme]) -> Programme:
    """The enrolment's programme, which has its role. Raises PlanningError."""
    programme = programmes.get(enrolment.programme)
    if programme is None:
        raise PlanningError(f"the programme {enrolment.programme} is no longer in config; put it back")
    if enrolment.role not in programme.roles:
        raise PlanningError(f"the programme {programme.id} no longer has the role {enrolment.role}; give another")
    return programme


def _make_way(case: Case, programme: Programme, programmes: Mapping[str, Programme], now: datetime) -> History:
    """The case's history, with the dates that the leader's other programmes take. One that cannot be planned takes
    none."""
    if not case.kin:
        return case.history
    others: list[Party] = []
    for other in case.kin:
        try:
            others.append(
                Party(
                    programme=find_programme(other.enrolment, programmes),
                    enrolment=other.enrolment,
                    history=other.history,
                )
            )
        except PlanningError:
            continue
    own = Party(programme=programme, enrolment=case.enrolment, history=case.history)
    return make_way(own, others, now)
