"""Whose rows a session sees: every query in it is narrowed to some leaders, whoever wrote the query.

    with narrowed(session, Scope(organisations=("Example Hospitals",))):
        session.execute(select(MailRow))  # mails to leaders of Example Hospitals alone

A table that no rule here ties to a leader is not seen at all, so one that is added later is closed until somebody opens
it. The organisation is the one that the leader has now.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, event, false, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from models.tables import AuditRow, EditionRow, LeaderRow, Row, TouchedRow

_KEY = "scope"  # in a session's own notes
_TIES = ("leader_id", "enrolment_id", "mail_id", "happening_id")  # columns that tell whose a row is; one is enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Leaders by what they all have in common; None: nothing is asked of them."""

    organisations: tuple[str, ...] | None = None
    leader_id: int | None = None

    @property
    def is_everything(self) -> bool:
        return self.organisations is None and self.leader_id is None


@contextmanager
def narrowed(session: Session, scope: Scope) -> Generator[Session]:
    """The session, which meanwhile sees only rows about the leaders of the scope."""
    if not scope.is_everything:
        session.info[_KEY] = scope
    try:
        yield session
    finally:
        session.info.pop(_KEY, None)


def name_scope(session: Session) -> str | None:
    """What tells the scope's organisations from any others, "" of everybody's; None where it is not about those."""
    scope: Scope = session.info.get(_KEY, Scope())
    if scope.leader_id is not None:
        return None
    return "" if scope.organisations is None else _name(scope.organisations)


def _name(organisations: tuple[str, ...]) -> str:
    return blake2b(json.dumps(sorted(set(organisations))).encode(), digest_size=16).hexdigest()


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    scope = state.session.info.get(_KEY)
    if scope is not None:
        state.statement = state.statement.options(*_criteria(scope))


@lru_cache(maxsize=64)
def _criteria(scope: Scope) -> tuple[Any, ...]:
    rows = [mapper.class_ for mapper in Row.registry.mappers]
    return tuple(with_loader_criteria(row, find_condition(row, scope), include_aliases=True) for row in rows)


def find_condition(row: type[Row], scope: Scope) -> ColumnElement[bool]:
    """What holds for the rows of a table that may be seen."""
    if row is LeaderRow:
        return _of_leaders(LeaderRow, scope)
    if row is TouchedRow:  # for whoever keeps the standings of everybody
        return false()
    if row is EditionRow:
        return false() if scope.organisations is None else EditionRow.scope == _name(scope.organisations)
    if row is AuditRow:
        leaders = Row.metadata.tables["leaders"]
        return AuditRow.leader_key.in_(select(leaders.c.key).where(_of_leaders(leaders.c, scope)))
    ties = [name for name in _TIES if name in row.__table__.c]
    return or_(false(), *(getattr(row, tie).in_(_numbers(tie, scope)) for tie in ties))


def _of_leaders(leaders: Any, scope: Scope) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if scope.organisations is not None:
        conditions.append(leaders.organisation.in_(scope.organisations))
    if scope.leader_id is not None:
        conditions.append(leaders.id == scope.leader_id)
    return and_(*conditions)


def _numbers(tie: str, scope: Scope) -> Select[Any]:
    """The numbers of the leaders, enrolments, mails or happenings that may be seen."""
    tables = Row.metadata.tables
    leaders, enrolments = tables["leaders"], tables["enrolments"]
    numbers: Select[Any] = select(leaders.c.id).where(_of_leaders(leaders.c, scope))
    if tie == "leader_id":
        return numbers
    numbers = select(enrolments.c.id).where(enrolments.c.leader_id.in_(numbers))
    if tie == "enrolment_id":
        return numbers
    owned = tables["mails" if tie == "mail_id" else "happenings"]
    return select(owned.c.id).where(owned.c.enrolment_id.in_(numbers))
