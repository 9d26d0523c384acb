"""Whatever is synced, in whatever order: the last roster holds, other sources are left alone, all is audited."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, RosterEntry
from models.roster import sync_roster
from models.store import read_enrolments
from models.tables import PauseRow
from tests.builders import build_entry
from tests.integration.store.rows import NOW, count_audit

PROGRAMMES = ("first-100-days", "second")

entries = st.builds(
    build_entry,
    st.sampled_from([f"{name}@example.org" for name in "abcd"]),
    name=st.sampled_from(["Sam", "Alex"]),
    role=st.sampled_from(["director", "chair"]),
    start_date=st.integers(0, 3).map(lambda weeks: date(2027, 1, 11) + timedelta(weeks=weeks)),
    programmes=st.sets(st.sampled_from(PROGRAMMES), min_size=1).map(lambda chosen: tuple(sorted(chosen))),
    pace=st.sampled_from([None, "light"]),
    skip=st.sampled_from([(), ("x",), ("y", "x")]),
    cohort=st.sampled_from([None, "spring"]),
    status=st.sampled_from(["active", "active", "paused", "withdrawn"]),
)
rosters = st.lists(entries, max_size=4, unique_by=lambda entry: entry.leader.key)


@given(st.lists(rosters, min_size=1, max_size=6), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_roster_holds(database: Database, sequence: list[list[RosterEntry]], data: st.DataObject) -> None:
    with database.sessions() as session:
        sync_roster(session, [build_entry("api@example.org", status="paused")], source="api", now=NOW)
        others = read_source(session, ["api@example.org"])
        audited = count_audit(session)
        enrolled: set[tuple[str, str]] = set()
        for number, roster in enumerate(sequence):
            now = NOW + timedelta(days=number)
            shuffled = data.draw(st.permutations(roster))
            changes = sync_roster(session, shuffled, source="leaders.yaml", now=now)

            audited += len(changes)
            assert count_audit(session) == audited
            assert sync_roster(session, list(reversed(roster)), source="leaders.yaml", now=now) == ()
            wanted = name_wanted(roster)
            enrolled |= {key for key, entry in wanted.items() if entry.status != "withdrawn"}
            check_kept(session, wanted, enrolled)
        assert read_source(session, ["api@example.org"]) == others
        session.rollback()


@given(rosters, st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_rows_does_not_matter(database: Database, roster: list[RosterEntry], data: st.DataObject) -> None:
    def run(order: Sequence[RosterEntry]) -> list[tuple[Any, ...]]:
        with database.sessions() as session:
            changes = sync_roster(session, order, source="leaders.yaml", now=NOW)
            session.rollback()
        return [(change.leader_key, change.programme, change.what, change.detail) for change in changes]

    assert run(data.draw(st.permutations(roster))) == run(roster)


def name_wanted(roster: Sequence[RosterEntry]) -> dict[tuple[str, str], RosterEntry]:
    return {(entry.leader.key, programme): entry for entry in roster for programme in entry.programmes}


def read_source(session: Session, keys: Sequence[str]) -> list[Enrolment]:
    return [enrolment for enrolment in read_enrolments(session, tracking={}) if enrolment.leader.key in keys]


def check_kept(session: Session, wanted: Mapping[tuple[str, str], RosterEntry], enrolled: set[tuple[str, str]]) -> None:
    """Everybody who was ever enrolled is there, as the last roster says, or held where it says nothing."""
    kept = {(row.leader.key, row.programme): row for row in read_enrolments(session, tracking={})}
    del kept["api@example.org", "first-100-days"]
    open_pauses = set(session.scalars(select(PauseRow.enrolment_id).where(PauseRow.last.is_(None))))
    assert kept.keys() == enrolled
    for key, enrolment in kept.items():
        entry = wanted.get(key)
        if entry is None:
            assert enrolment.stopped in ("held", "withdrawn")
            continue
        assert enrolment.leader == entry.leader
        assert (enrolment.role, enrolment.start_date, enrolment.pace) == (entry.role, entry.start_date, entry.pace)
        assert enrolment.skip == tuple(sorted(entry.skip))
        assert enrolment.cohort == (entry.cohort or f"{entry.start_date:%Y-%m}")
        assert enrolment.stopped == ("withdrawn" if entry.status == "withdrawn" else None)
        assert (enrolment.id in open_pauses) == (entry.status == "paused")
