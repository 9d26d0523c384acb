"""What an enrolment is sent next, decided on what is known now: the planner asked, its faults named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.domain import Enrolment, History, PlannedNudge, Programme
from models.waiting import read_refused_dates
from scheduler.history import read_histories

Planner = Callable[[Programme, Enrolment, History, datetime], PlannedNudge | None]

# What a planner raises over a value it cannot work with: an unknown zone, role or calendar, an impossible date. Faults
# of the program itself (TypeError, AttributeError, ...) are not among them: they end the tick and are seen.
_UNWORKABLE = (LookupError, ValueError, ArithmeticError, NotImplementedError)


class PlanningError(Exception):
    """Nothing can be planned for one enrolment, and why. The others are not concerned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that deciding about one enrolment takes."""

    enrolment: Enrolment
    history: History


def read_cases(session: Session, enrolments: Sequence[Enrolment]) -> dict[int, Case]:
    """The cases of these enrolments by id. The date of a refused nudge is as taken as that of a sent one."""
    if not enrolments:
        return {}
    histories = read_histories(session, enrolments)
    refused = read_refused_dates(session, [enrolment.id for enrolment in enrolments])
    return {
        enrolment.id: Case(
            enrolment=enrolment,
            history=_with_refused(histories[enrolment.id], refused.get(enrolment.id, frozenset())),
        )
        for enrolment in enrolments
    }


def _with_refused(history: History, refused: frozenset[date]) -> History:
    return replace(history, elsewhere=history.elsewhere | refused) if refused else history


def decide(plan: Planner, case: Case, *, programmes: Mapping[str, Programme], now: datetime) -> PlannedNudge | None:
    """The enrolment's next nudge, or None when nothing is to come. Raises PlanningError."""
    enrolment = case.enrolment
    if enrolment.stopped:
        return None
    programme = programmes.get(enrolment.programme)
    if programme is None:
        raise PlanningError(f"the programme {enrolment.programme} is no longer in config; put it back")
    if enrolment.role not in programme.roles:
        raise PlanningError(f"the programme {programme.id} no longer has the role {enrolment.role}; give another")
    try:
        return plan(programme, enrolment, case.history, now)
    except _UNWORKABLE as error:
        raise PlanningError(f"planning for enrolment {enrolment.id} failed: {error!r}") from error
