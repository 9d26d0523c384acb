"""A narrowed session: whatever is asked in it, rows about other organisations' leaders are not there."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from models.database import Database
from models.personal import ABOUT_NOBODY, collect_names, find_leaders, read_rows_about
from models.scope import Scope, narrowed
from models.store import read_enrolments, read_sent
from models.tables import AuditRow, EnrolmentRow, LeaderRow, MailRow, Row
from tests.integration.privacy.stage import ADDRESS, KIM, ORGANISATION, Stage, set_stage

OWN = Scope(organisations=(ORGANISATION,))
ROWS = {mapper.class_.__tablename__: mapper.class_ for mapper in Row.registry.mappers}


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    """Two leaders of different organisations, each with something in every table."""
    return set_stage(database, tmp_path)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_of_every_table_just_the_rows_about_ones_own_leaders_are_there(stage: Stage, name: str) -> None:
    row: Any = ROWS[name]
    with stage.database.reading() as session:
        (leader,) = find_leaders(session, ADDRESS)
        about = read_rows_about(session, leader, collect_names(session, leader))
        everything = session.scalar(select(func.count()).select_from(row)) or 0
        with narrowed(session, OWN):
            seen = session.scalar(select(func.count()).select_from(row)) or 0
            objects = len(session.scalars(select(row)).all())
    expected = 0 if name in ABOUT_NOBODY else len(about[name])
    assert (seen, objects) == (expected, expected)
    assert name in ABOUT_NOBODY or 0 < expected < everything


def test_joins_aliases_and_subqueries_are_narrowed_too(stage: Stage) -> None:
    other = aliased(LeaderRow)
    questions: list[Any] = [
        select(LeaderRow.email).join(EnrolmentRow).join(MailRow),
        select(other.email),
        select(LeaderRow.email).where(LeaderRow.id.in_(select(EnrolmentRow.leader_id))),
        select(select(LeaderRow.email).scalar_subquery()),
        select(select(LeaderRow.email.label("email")).subquery().c.email),
        select(LeaderRow.email).union_all(select(other.email)),
    ]
    with stage.database.reading() as session, narrowed(session, OWN):
        for question in questions:
            assert set(session.scalars(question)) == {ADDRESS}, str(question)


def test_what_the_store_reads_is_narrowed_though_it_knows_nothing_of_it(stage: Stage) -> None:
    with stage.database.reading() as session, narrowed(session, OWN):
        found = read_enrolments(session, tracking={})
        assert [enrolment.leader.email for enrolment in found] == [ADDRESS]
        assert {mail.enrolment_id for mail in read_sent(session, range(1, 9))} == {found[0].id}


def test_somebody_elses_row_is_not_found_by_its_number(stage: Stage) -> None:
    kim = stage.leader_id(KIM)
    with stage.database.reading() as session, narrowed(session, OWN):
        assert session.get(LeaderRow, kim) is None
        assert session.get(LeaderRow, stage.leader_id()) is not None


def test_changes_meet_ones_own_rows_alone(stage: Stage) -> None:
    with stage.database.sessions.begin() as session, narrowed(session, OWN):
        session.execute(update(MailRow).values(why="changed"))
        session.execute(update(AuditRow).values(actor="changed"))
    with stage.database.reading() as session:
        changed = select(LeaderRow.email).join(EnrolmentRow).join(MailRow).where(MailRow.why == "changed")
        assert set(session.scalars(changed)) == {ADDRESS}


def test_one_leader_can_be_asked_for_and_only_within_ones_organisations(stage: Stage) -> None:
    with stage.database.reading() as session:
        for organisations, expected in (((ORGANISATION,), []), (None, [KIM])):
            with narrowed(session, Scope(organisations=organisations, leader_id=stage.leader_id(KIM))):
                assert list(session.scalars(select(LeaderRow.email))) == expected


def test_afterwards_everything_is_there_again(stage: Stage) -> None:
    with stage.database.reading() as session:
        with narrowed(session, OWN):
            assert len(session.scalars(select(LeaderRow)).all()) == 1
        assert len(session.scalars(select(LeaderRow)).all()) == 2


def test_a_scope_of_no_organisation_sees_nobody(stage: Stage) -> None:
    with stage.database.reading() as session, narrowed(session, Scope(organisations=())):
        assert session.scalars(select(LeaderRow)).all() == []
