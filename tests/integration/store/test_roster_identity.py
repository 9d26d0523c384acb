"""Who a row of a roster means: identities, addresses that change, and rows that contradict each other."""

import pytest
from sqlalchemy import select

from models.choices import choose_pace
from models.database import Database
from models.domain import RosterEntry
from models.roster import RosterError, sync_rosters
from models.tables import LeaderRow
from tests.builders import at, build_entry
from tests.integration.store.rows import NOW, add_mail, enrol, read_audit, read_one, read_states, sync, whats

LATER = at("2027-02-15 09:00")


def read_leaders(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(row.key, row.email) for row in session.scalars(select(LeaderRow).order_by(LeaderRow.id))]


def refuse(database: Database, *entries: RosterEntry, source: str = "leaders.yaml") -> tuple[str, ...]:
    """The problems of a roster that must not get in, once it is certain that it changed nothing."""
    before = read_leaders(database), len(read_audit(database))
    with pytest.raises(RosterError) as refused:
        sync(database, *entries, source=source)
    assert (read_leaders(database), len(read_audit(database))) == before
    return refused.value.problems


def test_with_an_id_the_address_may_change(database: Database) -> None:
    enrolment_id = enrol(database, build_entry("old@example.org", key="ESR-1"))

    (change,) = sync(database, build_entry("new@example.org", key="ESR-1"))

    assert (change.what, change.detail) == ("updated", "address: old@example.org → new@example.org")
    assert read_one(database, enrolment_id).leader.email == "new@example.org"


def test_a_former_address_brings_the_history_along(database: Database) -> None:
    enrolment_id = enrol(database, build_entry("Old@example.org"))
    with database.sessions.begin() as session:
        choose_pace(session, enrolment_id, "light", now=NOW)

    (change,) = sync(database, build_entry("new@example.org", formerly=("old@EXAMPLE.org",)))

    assert whats([change]) == [("new", "updated")]
    assert change.detail == "identity: old@example.org → new@example.org; address: Old@example.org → new@example.org"
    enrolment = read_one(database, enrolment_id)
    assert (enrolment.leader.key, enrolment.leader.email, enrolment.pace) == (
        "new@example.org",
        "new@example.org",
        "light",
    )
    assert sync(database, build_entry("new@example.org", formerly=("old@EXAMPLE.org",))) == ()


def test_a_changed_address_cancels_what_was_tried_at_the_old_one(database: Database) -> None:
    enrolment_id = enrol(database, build_entry("old@example.org", key="ESR-1"))
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id, tries=1, message=b"bound")

    sync(database, build_entry("new@example.org", key="ESR-1"))

    assert read_states(database) == ["cancelled"]


def test_an_address_in_other_letters_is_the_same_leader(database: Database) -> None:
    enrol(database, build_entry("sam@example.org"))

    assert whats(sync(database, build_entry("Sam@Example.org"))) == [("sam", "updated")]
    assert read_leaders(database) == [("sam@example.org", "Sam@Example.org")]


@pytest.mark.parametrize(("before", "after"), [("sam@example.org", "ESR-1"), ("ESR-1", "sam@example.org")])
def test_an_id_may_be_given_or_dropped(database: Database, before: str, after: str) -> None:
    enrolment_id = enrol(database, build_entry("sam@example.org", key=before))

    (change,) = sync(database, build_entry("sam@example.org", key=after))

    assert (change.what, change.enrolment_id) == ("updated", enrolment_id)
    assert read_leaders(database) == [(after, "sam@example.org")]


def test_another_id_at_the_same_address_is_another_person(database: Database) -> None:
    enrol(database, build_entry("chief@example.org", key="ESR-1"))

    changes = sync(database, build_entry("chief@example.org", key="ESR-2"))

    assert whats(changes) == [("ESR-1", "held"), ("ESR-2", "enrolled")]
    assert sync(database, build_entry("chief@example.org", key="ESR-2")) == ()


def test_ids_may_swap_their_addresses(database: Database) -> None:
    sync(database, build_entry("a@example.org", key="1"), build_entry("b@example.org", key="2"))

    changes = sync(database, build_entry("b@example.org", key="1"), build_entry("a@example.org", key="2"))

    assert whats(changes) == [("1", "updated"), ("2", "updated")]
    assert read_leaders(database) == [("1", "b@example.org"), ("2", "a@example.org")]


def test_a_successor_at_the_old_address_starts_afresh(database: Database) -> None:
    first = enrol(database, build_entry("chief@example.org"))
    roster = [
        build_entry("moved@example.org", key="ESR-1", formerly=("chief@example.org",)),
        build_entry("chief@example.org", key="ESR-2"),
    ]

    changes = sync(database, *roster)

    assert whats(changes) == [("ESR-1", "updated"), ("ESR-2", "enrolled")]
    assert changes[0].enrolment_id == first
    assert sync(database, *reversed(roster)) == ()


def test_a_former_address_that_is_still_somebody_elses_is_refused(database: Database) -> None:
    sync(database, build_entry("chief@example.org", name="Chris Chief"))

    problems = refuse(
        database,
        build_entry("moved@example.org", formerly=("chief@example.org",), origin="leaders.yaml:3"),
        build_entry("chief@example.org", name="Chris Chief", origin="leaders.yaml:9"),
    )

    assert problems == (
        "leaders.yaml:3: formerly names chief@example.org, which is the address of Chris Chief (leaders.yaml:9); "
        "give both an id, or take it out of formerly",
    )


# ---------------------------------------------------------------- the address named too late


def test_history_comes_along_when_the_former_address_is_named_later(database: Database) -> None:
    kept = enrol(database, build_entry("old@example.org"))
    with database.sessions.begin() as session:
        add_mail(session, kept, state="sent")
    hurried = build_entry("new@example.org")
    assert whats(sync(database, hurried, now=LATER)) == [("new", "enrolled"), ("old", "held")]

    changes = sync(database, build_entry("new@example.org", formerly=("old@example.org",)), now=LATER)

    assert whats(changes) == [("new", "returned"), ("new", "updated")]
    assert changes[0].detail.endswith("its history replaces the enrolment made since")
    assert {change.enrolment_id for change in changes} == {kept}
    assert read_leaders(database) == [("new@example.org", "new@example.org")]
    assert read_states(database) == ["sent"]


def test_two_histories_stay_apart(database: Database) -> None:
    sync(database, build_entry("old@example.org"))
    fresh = sync(database, build_entry("new@example.org"), now=LATER)[0]
    assert fresh.what == "enrolled"
    with database.sessions.begin() as session:
        add_mail(session, fresh.enrolment_id, state="sent")

    assert sync(database, build_entry("new@example.org", formerly=("old@example.org",)), now=LATER) == ()


def test_a_number_given_up_is_never_given_again(database: Database) -> None:
    sync(database, build_entry("old@example.org"))
    double = sync(database, build_entry("new@example.org"))[0].enrolment_id
    sync(database, build_entry("new@example.org", formerly=("old@example.org",)))

    changes = sync(
        database, build_entry("new@example.org", formerly=("old@example.org",)), build_entry("x@example.org")
    )

    assert changes[0].enrolment_id > double


# ---------------------------------------------------------------- contradictions


def test_the_same_address_in_two_sources_names_both(database: Database) -> None:
    sync(database, build_entry("sam@example.org"), source="api")

    problems = refuse(database, build_entry("Sam@example.org", key="ESR-1", origin="leaders.yaml:7"))

    assert problems == ("leaders.yaml:7: Sam@example.org is enrolled by api already; take it out of api first",)


def test_the_same_address_in_two_files_names_both(database: Database) -> None:
    with pytest.raises(RosterError) as refused, database.sessions.begin() as session:
        sync_rosters(
            session,
            {
                "leaders.yaml": [build_entry("sam@example.org", origin="leaders.yaml:3")],
                "leaders.csv": [build_entry("Sam@example.org", origin="leaders.csv:2")],
            },
            now=NOW,
        )

    assert refused.value.problems == (
        "leaders.yaml:3: the address sam@example.org stands in leaders.csv:2 too; keep one of the two",
    )
    assert read_leaders(database) == []


def test_every_problem_is_told_at_once(database: Database) -> None:
    problems = refuse(
        database,
        build_entry("a@example.org", key="ESR-1", origin="row 1"),
        build_entry("b@example.org", key="ESR-1", origin="row 2"),
        build_entry("c@example.org", formerly=("x@example.org",), origin="row 3"),
        build_entry("d@example.org", formerly=("X@example.org",), origin="row 4"),
        build_entry("e@example.org", name="n" * 201, origin="row 5"),
    )

    assert problems == (
        "row 2: the id ESR-1 stands in row 1 too; keep one of the two",
        "row 4: the earlier address x@example.org stands in row 3 too; keep one of the two",
        "row 5: name is longer than 200 characters; shorten it",
    )
