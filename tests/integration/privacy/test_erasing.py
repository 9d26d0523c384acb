"""Somebody erased: nothing of theirs is left anywhere, nothing of anybody else's is gone, and they stay away."""

import shutil
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from models.database import Database, migrate, open_database
from models.erasing import read_unfinished, refuse_erased
from models.failures import DatabaseError
from models.ledger import LEDGER, Erasure, append_erasures, read_ledger
from models.personal import ABOUT_NOBODY, BY_NAME, collect_names, find_leaders, read_rows_about
from models.pseudonyms import Pseudonyms
from models.tables import AuditRow, MailRow, Row
from scheduler.erasing import ErasingError, erase, find_one, finish_erasures, heed_ledger, readmit
from tests.builders import build_entry
from tests.integration.privacy.stage import (
    ADDRESS,
    EARLIER,
    ID,
    KIM,
    NOW,
    PERSONAL,
    Stage,
    enrol,
    find_in_files,
    set_stage,
)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return set_stage(database, tmp_path)


# ---------------------------------------------------------------- every table


def reaches_leaders(name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether the table's references lead to `leaders`."""
    table = Row.metadata.tables[name]
    parents = {key.column.table.name for key in table.foreign_keys} - seen
    return name == "leaders" or any(reaches_leaders(parent, seen | {name}) for parent in parents)


@pytest.mark.parametrize("name", Row.metadata.tables)
def test_every_table_is_reached_from_a_leader_or_holds_nothing_about_one(name: str) -> None:
    assert reaches_leaders(name) or name in BY_NAME | ABOUT_NOBODY


def test_what_is_found_about_somebody_is_something_in_every_table(stage: Stage) -> None:
    with stage.database.reading() as session:
        (leader,) = find_leaders(session, ADDRESS)
        found = read_rows_about(session, leader, collect_names(session, leader))

    assert {name for name, rows in found.items() if rows} == set(Row.metadata.tables) - ABOUT_NOBODY


def test_erasing_takes_all_rows_of_one_and_none_of_another(stage: Stage) -> None:
    before = stage.count_rows()
    receipt = erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)

    after = stage.count_rows()
    kept = {"audit": before["audit"] + 1, "erasures": 1, "state": before["state"] - 1}
    kept |= dict.fromkeys(("accounts", "admin_sessions", "sign_in_tries", "api_keys", "api_requests"), 0)
    kept |= {"webhooks": 1, "editions": 0, "touched": after["touched"]}
    assert {name: count for name, count in after.items() if name in kept} == kept
    gone = {name: before[name] - after[name] for name in after if name not in kept}
    assert gone == {name: count for name, count in receipt.removed.items() if name not in ("audit", "mailbox")}
    assert all(count == before[name] - count for name, count in gone.items())  # Kim has as many
    assert receipt.removed["mailbox"] == 2
    assert stage.is_here(KIM)


# ---------------------------------------------------------------- not a byte


def test_no_word_of_theirs_is_left_in_any_file(tmp_path: Path) -> None:
    with closing(open_database(f"sqlite:///{tmp_path / 'first100.sqlite3'}")) as database:
        migrate(database)
        stage = set_stage(database, tmp_path)
        found = {word for _, word in find_in_files(tmp_path)}
        assert found == set(PERSONAL)
        erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
        assert list(find_in_files(tmp_path)) == []  # while the database is open, with its log beside it
        assert (tmp_path / "first100.sqlite3-wal").exists()
    assert list(find_in_files(tmp_path)) == []
    assert {word for _, word in find_in_files(tmp_path, (KIM,))} == {KIM}


def test_what_was_deleted_before_deleting_overwrote_is_gone_too(tmp_path: Path) -> None:
    """A database from before, with pages that are free and were never cleaned."""
    with closing(open_database(f"sqlite:///{tmp_path / 'first100.sqlite3'}")) as database:
        migrate(database)
        stage = set_stage(database, tmp_path)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = OFF")
            connection.commit()
            connection.exec_driver_sql("UPDATE mails SET why = ? WHERE id = 1", ((ADDRESS + " ") * 4000,))
            connection.commit()
            connection.exec_driver_sql("UPDATE mails SET why = ''")
            connection.commit()
        erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
        assert list(find_in_files(tmp_path)) == []


def test_a_copy_made_before_an_upgrade_goes_too(tmp_path: Path) -> None:
    with closing(open_database(f"sqlite:///{tmp_path / 'first100.sqlite3'}")) as database:
        migrate(database)
        stage = set_stage(database, tmp_path)
        copy = tmp_path / "first100.sqlite3.before-0009"
        shutil.copy(tmp_path / "first100.sqlite3", copy)
        erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
        assert not copy.exists()


def test_the_audit_keeps_what_happened_and_not_to_whom(stage: Stage) -> None:
    erase(stage.erasing, stage.leader_id(), by="leader", now=NOW)

    with stage.database.reading() as session:
        lines = [line for line in session.scalars(select(AuditRow).order_by(AuditRow.id)) if line.leader_key != KIM]
        nameless = stage.pseudonyms.of_name(ID)
        assert {line.leader_key for line in lines} == {nameless}
        assert [line.action for line in lines][:2] == ["enrolled", "updated"]
        assert (lines[-1].action, lines[-1].actor) == ("erased", "leader")
        changed = lines[1].change
    assert changed["before"] == {"email": stage.pseudonyms.of_value(EARLIER)}
    assert changed["after"] == {"email": stage.pseudonyms.of_value(ADDRESS)}


# ---------------------------------------------------------------- what stands in the way


def test_a_mail_on_its_way_keeps_its_leader_from_being_erased(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        leaving = {"state": "sending", "lease_until": NOW.replace(hour=11)}
        session.execute(update(MailRow).where(MailRow.recipient == ADDRESS).values(**leaving))

    with pytest.raises(ErasingError, match="leaving at this very moment"):
        erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    assert stage.is_here()
    assert not (stage.data / LEDGER).exists()

    erase(stage.erasing, stage.leader_id(), by="admin", now=NOW.replace(hour=12))
    assert not stage.is_here()


def test_a_ledger_that_cannot_be_written_leaves_everything_as_it_was(stage: Stage) -> None:
    (stage.data / LEDGER).mkdir()
    before = stage.count_rows()

    with pytest.raises(DatabaseError, match="cannot be written"):
        erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    assert stage.count_rows() == before


def test_an_erasure_broken_off_before_the_database_was_told_is_done_at_the_next_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def append_and_die(data: Path, erasures: Iterable[Erasure]) -> None:
        append_erasures(data, erasures)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("scheduler.erasing.append_erasures", append_and_die)
        erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    assert stage.is_here()

    assert heed_ledger(stage.erasing) == 1
    assert not stage.is_here()


def test_an_erasure_broken_off_after_the_database_was_told_is_finished_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch, pytest.raises(DatabaseError, match="the next tick goes on"):
        patch.setattr("scheduler.erasing.remove_mails", break_off)
        erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    assert not stage.is_here()
    assert {word for _, word in find_in_files(stage.mailbox)} >= {ADDRESS}

    finish_erasures(stage.erasing)
    assert list(find_in_files(stage.mailbox)) == []
    with stage.database.reading() as session:
        assert read_unfinished(session) == ()


def test_a_reader_that_holds_on_to_the_log_puts_the_end_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.sqlite.BUSY_SECONDS", 0)
    with closing(open_database(f"sqlite:///{tmp_path / 'first100.sqlite3'}")) as database:
        migrate(database)
        stage = set_stage(database, tmp_path)
        with database.reading() as reader:
            reader.scalars(select(MailRow.id)).all()
            erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
            assert list(find_in_files(tmp_path)) != []
        finish_erasures(stage.erasing)
        assert list(find_in_files(tmp_path)) == []


# ---------------------------------------------------------------- an older copy comes back


def test_an_older_copy_put_back_is_erased_again(tmp_path: Path) -> None:
    place, copy = tmp_path / "var" / "first100.sqlite3", tmp_path / "copy.sqlite3"
    with closing(open_database(f"sqlite:///{place}")) as database:
        migrate(database)
        stage = set_stage(database, place.parent)
    shutil.copy(place, copy)
    with closing(open_database(f"sqlite:///{place}")) as database:
        stage = Stage(database, place.parent)
        erased = erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    shutil.copy(copy, place)
    assert {word for _, word in find_in_files(place.parent)} >= {ADDRESS}

    with closing(open_database(f"sqlite:///{place}")) as database:
        stage = Stage(database, place.parent)
        assert heed_ledger(stage.erasing) == 1
        assert list(find_in_files(place.parent)) == []
        assert heed_ledger(stage.erasing) == 0
        assert stage.is_here(KIM)
    assert list(read_ledger(place.parent)) == [erased.number]


def test_a_copy_from_before_the_address_changed_is_erased_again_too(stage: Stage) -> None:
    erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    with stage.database.sessions.begin() as session:
        for table in reversed(Row.metadata.sorted_tables):
            session.execute(table.delete())
        enrol(session, build_entry(EARLIER, origin="leaders.yaml:1"), now=NOW)

    assert heed_ledger(stage.erasing) == 1
    assert not stage.is_here(EARLIER)


def test_a_ledger_that_was_lost_is_written_anew_from_the_database(stage: Stage) -> None:
    erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    readmit(stage.erasing, ADDRESS, now=NOW)
    before = read_ledger(stage.data)
    (stage.data / LEDGER).unlink()

    assert heed_ledger(stage.erasing) == 0
    assert read_ledger(stage.data) == before


# ---------------------------------------------------------------- not enrolled again by mistake

WAYS = {
    "the address": build_entry(ADDRESS, origin="leaders.yaml:4"),
    "capitals": build_entry(ADDRESS.upper(), origin="leaders.yaml:4"),
    "an earlier address": build_entry(EARLIER, origin="leaders.yaml:4"),
    "the id": build_entry("new@example.org", key=ID, origin="leaders.yaml:4"),
    "an earlier address named": build_entry("new@example.org", formerly=(ADDRESS,), origin="leaders.yaml:4"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_row_of_somebody_erased_enrols_nobody_and_says_why(stage: Stage, way: str) -> None:
    receipt = erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    other = build_entry("new.one@example.org", origin="leaders.yaml:9")
    with stage.database.reading() as session:
        kept, refusals = refuse_erased(session, {"leaders.yaml": (WAYS[way], other)}, stage.pseudonyms)

    assert kept == {"leaders.yaml": (other,)}
    assert [str(refusal) for refusal in refusals] == [
        f"leaders.yaml:4:1: this row is of somebody erased on 2027-02-01 (receipt {receipt.number}), so it enrols "
        "nobody; delete the row; to enrol them again on purpose: python main.py readmit EMAIL"
    ]


def test_a_withdrawn_row_of_somebody_erased_may_stand_there_in_silence(stage: Stage) -> None:
    erase(stage.erasing, stage.leader_id(), by="system", now=NOW)
    with stage.database.reading() as session:
        row = build_entry(ADDRESS, status="withdrawn")
        assert refuse_erased(session, {"leaders.yaml": (row,)}, stage.pseudonyms) == ({"leaders.yaml": ()}, ())


def test_a_row_of_somebody_here_is_theirs_whatever_earlier_address_it_names(stage: Stage) -> None:
    erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    row = build_entry(KIM, formerly=(ADDRESS,))
    with stage.database.reading() as session:
        assert refuse_erased(session, {"leaders.yaml": (row,)}, stage.pseudonyms) == ({"leaders.yaml": (row,)}, ())


@pytest.mark.parametrize("name", [ADDRESS, EARLIER, ID])
def test_readmitting_by_any_name_lets_all_of_them_in_again(stage: Stage, name: str) -> None:
    erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)
    assert len(readmit(stage.erasing, name, now=NOW)) == 1

    with stage.database.reading() as session:
        for row in WAYS.values():
            assert refuse_erased(session, {"a": (row,)}, stage.pseudonyms) == ({"a": (row,)}, ())
    assert readmit(stage.erasing, name, now=NOW) == ()
    assert heed_ledger(stage.erasing) == 0


def test_an_address_that_is_somebody_elses_by_now_is_left_to_them(stage: Stage) -> None:
    """Wilhelmina's earlier address was given to Kim."""
    with stage.database.sessions.begin() as session:
        (kim,) = find_leaders(session, KIM)
        kim.key = kim.email = EARLIER
        session.execute(update(AuditRow).where(AuditRow.leader_key == KIM).values(leader_key=EARLIER))
    erase(stage.erasing, stage.leader_id(), by="admin", now=NOW)

    assert stage.is_here(EARLIER)
    row = build_entry(EARLIER)
    with stage.database.reading() as session:
        assert session.scalar(select(AuditRow.id).where(AuditRow.leader_key == EARLIER)) is not None
        assert refuse_erased(session, {"a": (row,)}, Pseudonyms((b"x" * 32,)))[1] == ()
    assert stage.pseudonyms.of_name(EARLIER) not in next(iter(read_ledger(stage.data).values())).names


def test_two_people_with_one_address_are_told_apart_by_their_ids(stage: Stage) -> None:
    with stage.database.sessions.begin() as session:
        (kim,) = find_leaders(session, KIM)
        kim.email = ADDRESS

    with stage.database.reading() as session, pytest.raises(ErasingError, match=f"by their id: {ID}, {KIM}"):
        find_one(session, ADDRESS)
