"""The writer: many at once in one transaction, each answered when it is on disk, none hurt by another."""

import asyncio
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event

import pytest
from sqlalchemy import event as listening
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.failures import DatabaseError
from models.store import get_state, set_state
from models.tables import StateRow
from models.writer import Work, WorkOnMany, Writer, WriterBusyError

Many = WorkOnMany[tuple[str, str], str]
SECONDS = 30  # a test that waits longer has failed


def set_to(key: str, value: str) -> Work[str]:
    def write(session: Session) -> str:
        set_state(session, key, value)
        return value

    return write


def read(database: Database, *keys: str) -> list[str | None]:
    with database.reading() as session:
        return [get_state(session, key) for key in keys]


@contextmanager
def busy(writer: Writer) -> Generator[None]:
    """The writer is held up in a function; what is asked for meanwhile comes in one transaction afterwards."""
    began, go_on = Event(), Event()

    def wait(_: Session) -> None:
        began.set()
        assert go_on.wait(SECONDS)

    held = writer.submit(wait)
    assert began.wait(SECONDS)
    try:
        yield
    finally:
        go_on.set()
        held.result(SECONDS)


def test_what_a_function_gives_comes_back_once_all_can_read_what_it_wrote(database: Database) -> None:
    assert database.writer.run(set_to("colour", "blue")) == "blue"
    assert read(database, "colour") == ["blue"]


def test_what_is_asked_for_while_the_writer_is_busy_goes_into_one_transaction(database: Database) -> None:
    commits: list[object] = []
    listening.listen(database.engine, "commit", commits.append)
    with busy(database.writer):
        waiting = [database.writer.submit(set_to(f"key {number}", str(number))) for number in range(50)]
    assert [given.result(SECONDS) for given in waiting] == [str(number) for number in range(50)]
    assert len(commits) == 1
    assert read(database, "key 0", "key 49") == ["0", "49"]


def test_many_threads_at_once_lose_nothing(database: Database) -> None:
    def increment(session: Session) -> None:
        set_state(session, "count", str(int(get_state(session, "count") or 0) + 1))

    with ThreadPoolExecutor(16) as threads:
        for given in [threads.submit(database.writer.run, increment) for _ in range(400)]:
            given.result(SECONDS)
    assert read(database, "count") == ["400"]


def test_a_function_that_fails_is_told_so_and_hurts_nobody_else(database: Database) -> None:
    def fail(session: Session) -> None:
        set_state(session, "half", "done")
        raise LookupError("no such thing")

    def break_a_rule(session: Session) -> None:
        session.add(StateRow(key="first", value="twice"))
        session.flush()

    with busy(database.writer):
        first = database.writer.submit(set_to("first", "1"))
        failing = database.writer.submit(fail)
        breaking = database.writer.submit(break_a_rule)
        last = database.writer.submit(set_to("last", "2"))
    with pytest.raises(LookupError, match="no such thing"):
        failing.result(SECONDS)
    with pytest.raises(Exception, match=r"(?i)unique"):
        breaking.result(SECONDS)
    assert (first.result(SECONDS), last.result(SECONDS)) == ("1", "2")
    assert read(database, "first", "half", "last") == ["1", None, "2"]


def test_where_the_transaction_itself_is_lost_nothing_is_kept_and_everybody_is_told(database: Database) -> None:
    def lose(session: Session) -> None:
        raise DatabaseError("the disk has no room left")

    with busy(database.writer):
        waiting: list[Future[str]] = [database.writer.submit(set_to("first", "1"))]
        losing = database.writer.submit(lose)
        waiting.append(database.writer.submit(set_to("last", "2")))
    for lost in (*waiting, losing):
        with pytest.raises(DatabaseError, match="no room left"):
            lost.result(SECONDS)
    assert read(database, "first", "last") == [None, None]
    assert database.writer.run(set_to("first", "again")) == "again"


def test_a_full_queue_takes_no_more_until_it_is_written(database: Database) -> None:
    writer = Writer(database.sessions, capacity=2)
    with busy(writer):
        taken = [writer.submit(set_to(f"key {number}", "kept")) for number in range(2)]
        with pytest.raises(WriterBusyError):
            writer.submit(set_to("key 2", "kept"))
    assert [given.result(SECONDS) for given in taken] == ["kept", "kept"]
    assert writer.run(set_to("key 3", "kept")) == "kept"
    writer.close()
    assert read(database, "key 0", "key 1", "key 2", "key 3") == ["kept", "kept", None, "kept"]


def test_closing_writes_what_waits_and_takes_nothing_more(database: Database) -> None:
    writer = Writer(database.sessions)
    with ThreadPoolExecutor(1) as threads:
        with busy(writer):
            waiting = [writer.submit(set_to(f"key {number}", "kept")) for number in range(600)]
            closed = threads.submit(writer.close)
        closed.result(SECONDS)
    assert all(given.done() for given in waiting)
    assert read(database, "key 0", "key 599") == ["kept", "kept"]
    with pytest.raises(WriterBusyError, match="stopping"):
        writer.run(set_to("late", "1"))


def test_a_writer_that_never_wrote_closes_at_once(database: Database) -> None:
    Writer(database.sessions).close()


def test_a_writer_that_is_held_up_is_seen_and_keeps_nothing_for_those_who_gave_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.writer.PATIENCE_SECONDS", 0.01)
    assert database.writer.answers_within(SECONDS)
    with busy(database.writer):
        assert not database.writer.answers_within(0.01)
        with pytest.raises(WriterBusyError, match="takes too long"):
            database.writer.run(set_to("given up", "1"))
    assert database.writer.answers_within(SECONDS)
    assert read(database, "given up") == [None]


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_two_writers_that_want_the_same_rows_in_another_order_both_get_them(database: Database) -> None:
    for key in ("one", "two"):
        database.writer.run(set_to(key, ""))
    both_hold_one = Barrier(2)

    def add(key: str, letter: str) -> Work[None]:
        def write(session: Session) -> None:
            session.execute(update(StateRow).where(StateRow.key == key).values(value=StateRow.value + letter))

        return write

    def meet(_: Session) -> None:
        both_hold_one.wait(SECONDS)

    writers = (Writer(database.sessions), Writer(database.sessions))
    waiting: list[Future[None]] = []
    with busy(writers[0]), busy(writers[1]):
        for writer, letter, keys in ((writers[0], "a", ("one", "two")), (writers[1], "b", ("two", "one"))):
            waiting += [writer.submit(work) for work in (add(keys[0], letter), meet, add(keys[1], letter))]
    for given in waiting:
        given.result(SECONDS)
    for writer in writers:
        writer.close()
    with database.reading() as session:
        values = session.scalars(select(StateRow.value).order_by(StateRow.key)).all()
    assert [sorted(value) for value in values] == [["a", "b"], ["a", "b"]]


def set_many(session: Session, wishes: Sequence[tuple[str, str]]) -> Sequence[str]:
    for key, value in wishes:
        set_state(session, key, value)
    return [f"{value}, one of {len(wishes)}" for _, value in wishes]


async def submit_all(writer: Writer, work: Many, *wishes: tuple[str, str]) -> list[str | BaseException]:
    """What came of each wish, all made while the writer was busy."""
    with busy(writer):
        answers = [writer.submit_among(work, wish) for wish in wishes]
    async with asyncio.timeout(SECONDS):
        return await asyncio.gather(*answers, return_exceptions=True)


def test_a_function_that_takes_many_is_called_once_for_all_that_wait(database: Database) -> None:
    given = asyncio.run(submit_all(database.writer, set_many, ("colour", "blue"), ("size", "small")))
    assert given == ["blue, one of 2", "small, one of 2"]
    assert read(database, "colour", "size") == ["blue", "small"]


def test_where_a_function_fails_for_many_each_is_tried_alone(database: Database) -> None:
    def refuse_red(session: Session, wishes: Sequence[tuple[str, str]]) -> Sequence[str]:
        given = set_many(session, wishes)
        if any(value == "red" for _, value in wishes):
            raise ValueError("no red")
        return given

    good, bad = asyncio.run(submit_all(database.writer, refuse_red, ("colour", "blue"), ("size", "red")))
    assert good == "blue, one of 1"
    assert isinstance(bad, ValueError)
    assert read(database, "colour", "size") == ["blue", None]


def test_who_no_longer_waits_takes_nothing_from_the_others(database: Database) -> None:
    async def give_up_on_the_first() -> str:
        with busy(database.writer):
            first = database.writer.submit_among(set_many, ("colour", "blue"))
            second = database.writer.submit_among(set_many, ("size", "small"))
            first.cancel()
        async with asyncio.timeout(SECONDS):
            return await second

    assert asyncio.run(give_up_on_the_first()) == "small, one of 1"
    assert read(database, "colour", "size") == [None, "small"]


def test_an_event_loop_that_ended_meanwhile_harms_nobody(database: Database) -> None:
    async def submit() -> None:
        database.writer.submit_among(set_many, ("colour", "blue"))

    with busy(database.writer):
        asyncio.run(submit())
        after = database.writer.submit(set_to("size", "small"))
    assert after.result(SECONDS) == "small"
    assert read(database, "colour", "size") == ["blue", "small"]
