"""Many at once: nothing is lost, nothing is enrolled twice, and readers never wait for writers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from models.choices import choose_pace, leave
from models.database import Database
from models.roster import sync_roster
from models.store import get_state, read_enrolments, set_state
from models.tables import AuditRow
from models.turns import take_turn
from tests.builders import build_entry
from tests.integration.store.rows import NOW, enrol, read_audit

AT_ONCE = 8


def do_at_once(times: int, work: Callable[[int], object]) -> list[object]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(work, range(times)))


def test_four_hundred_increments_at_once_lose_nothing(database: Database) -> None:
    def increment(_: int) -> None:
        with database.sessions.begin() as session:
            take_turn(session.connection(), "count")
            set_state(session, "count", str(int(get_state(session, "count") or 0) + 1))

    do_at_once(400, increment)

    with database.reading() as session:
        assert get_state(session, "count") == "400"


def test_rosters_synced_at_once_enrol_everybody_once(database: Database) -> None:
    roster = [build_entry(f"{number}@example.org") for number in range(5)]

    def sync(_: int) -> int:
        with database.sessions.begin() as session:
            return len(sync_roster(session, roster, source="leaders.yaml", now=NOW))

    assert sorted(map(str, do_at_once(6, sync))) == ["0", "0", "0", "0", "0", "5"]
    with database.reading() as session:
        assert len(read_enrolments(session, tracking={})) == 5


def test_a_press_that_comes_many_times_at_once_is_one(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())

    def press(_: int) -> bool:
        with database.sessions.begin() as session:
            return leave(session, enrolment_id, now=NOW)

    assert do_at_once(8, press).count(True) == 1
    assert len(read_audit(database, "left")) == 1


def test_choices_made_at_once_are_audited_in_a_chain(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())

    def choose(number: int) -> bool:
        with database.sessions.begin() as session:
            return choose_pace(session, enrolment_id, f"pace-{number}", now=NOW)

    do_at_once(12, choose)

    with database.reading() as session:
        rows = session.scalars(select(AuditRow.change).where(AuditRow.action == "pace_chosen").order_by(AuditRow.id))
        steps = [(change["before"]["value"], change["after"]["value"]) for change in rows]
    # on PostgreSQL the lines' numbers may be out of order: follow the chain itself
    chain, following = [None], dict(steps)
    while chain[-1] in following:
        chain.append(following[chain[-1]])
    assert len(chain) == 13


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.sessions.begin() as writer:
        set_state(writer, "virtual", "yes")
        with database.reading() as reader:
            assert get_state(reader, "virtual") is None
