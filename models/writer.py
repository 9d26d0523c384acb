"""One thread that writes for many: what is asked for meanwhile goes into one transaction, answered once it is on disk.

A route hands over what is to be written as a function of a session, and gets back what that function gives:

    def keep(session: Session) -> bool:
        return keep_press(session, site, request, ...)

    is_new = site.write(keep)

When `write` returns, it is durable; when it raises, nothing of it was kept. The error may be the function's own:
each runs in a savepoint, so one that fails hurts nobody else. Others wait while a function runs, so it only writes:
read and render in `database.reading()`, before or after. From a route that is `async`, await
`asyncio.wrap_future(site.database.writer.submit(keep))`.

What comes by the thousand is written faster still by a function that takes many at once, with `submit_among`: its
answers go back to the event loop together too, one call for all that were in a transaction.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from models.failures import DatabaseError

CAPACITY = 1_000  # requests that may wait; with more, somebody is told to come back
MOST_AT_ONCE = 500  # in one transaction, so that none grows without end
PATIENCE_SECONDS = 20
_DEADLOCK = "40P01"  # of PostgreSQL

Given = TypeVar("Given")
Wish = TypeVar("Wish")
Work = Callable[[Session], Given]
WorkOnMany = Callable[[Session, Sequence[Wish]], Sequence[Given]]  # as many given as were wished, in their order


class WriterBusyError(Exception):
    """So much waits to be written that this was not taken; nothing of it was kept. Try again in some seconds."""


Answer = Future[Given] | asyncio.Future[Given]


@dataclass(frozen=True, slots=True)
class _Wanted(Generic[Given]):
    work: Work[Given]
    answer: Answer[Given]
    among: WorkOnMany[Any, Given] | None = None  # it may be done together with others of the same function
    wish: object = None


_Outcome = tuple[_Wanted[Any], Any, BaseException | None]  # who asked, what was given, or the error


class Writer:
    """Begins with the first request, ends with `close`. Any thread may ask, but not the functions it runs."""

    def __init__(self, sessions: sessionmaker[Session], *, capacity: int = CAPACITY) -> None:
        self._sessions = sessions
        self._capacity = capacity
        self._changed = threading.Condition()
        self._waiting: list[_Wanted[Any]] = []
        self._thread: threading.Thread | None = None
        self._closing = False

    def run(self, work: Work[Given]) -> Given:
        """What the function gives, once what it wrote is on disk. Raises its error, DatabaseError, WriterBusyError."""
        answer = self.submit(work)
        try:
            return answer.result(PATIENCE_SECONDS)
        except TimeoutError:
            if answer.cancel():
                raise WriterBusyError("the database takes too long") from None
            return answer.result()  # its turn has come meanwhile

    def submit(self, work: Work[Given]) -> Future[Given]:
        """What the function will have given. Raises WriterBusyError where too many wait."""
        answer = Future[Given]()
        self._accept(_Wanted(work, answer))
        return answer

    def submit_among(self, work: WorkOnMany[Wish, Given], wish: Wish) -> asyncio.Future[Given]:
        """What the function will have given for this wish, for the running event loop to await; it is called once for
        all that wait. Raises WriterBusyError.

        Where it fails for many, it is called for each alone.
        """

        def work_alone(session: Session) -> Given:
            return work(session, [wish])[0]

        answer: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self._accept(_Wanted(work_alone, answer, work, wish))
        return answer

    def _accept(self, wanted: _Wanted[Any]) -> None:
        with self._changed:
            if self._closing or len(self._waiting) >= self._capacity:
                raise WriterBusyError("the service is stopping" if self._closing else "too many wait to be written")
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="writer", daemon=True)
                self._thread.start()
            self._waiting.append(wanted)
            self._changed.notify()

    def answers_within(self, seconds: float) -> bool:
        """Whether a transaction comes to its end in that time. Raises DatabaseError where none can begin."""
        try:
            nothing = self.submit(Session.connection)
        except WriterBusyError:
            return False
        try:
            nothing.result(seconds)
        except TimeoutError:
            nothing.cancel()
            return False
        return True

    def close(self) -> None:
        """Write what waits, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _write_on(self) -> None:
        while batch := self._next_batch():
            self._write([wanted for wanted in batch if _is_awaited(wanted.answer)])

    def _next_batch(self) -> list[_Wanted[Any]]:
        """What waits, as soon as anything does; empty when all is written and no more is to come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        return batch

    def _write(self, batch: Sequence[_Wanted[Any]]) -> None:
        """One transaction; whoever was the victim of a deadlock gets another, alone."""
        try:
            with self._sessions.begin() as session:
                outcomes = list(_work_through(session, batch))
        except BaseException as error:  # nothing of the batch was kept, and everybody is told why
            _answer([(wanted, None, error) for wanted in batch])
            return
        again = [wanted for wanted, _, error in outcomes if error and len(batch) > 1 and _is_deadlock(error)]
        _answer([outcome for outcome in outcomes if outcome[0] not in again])
        for wanted in again:
            self._write([wanted])


def _is_awaited(answer: Answer[Any]) -> bool:
    return not answer.cancelled() if isinstance(answer, asyncio.Future) else answer.set_running_or_notify_cancel()


def _answer(outcomes: Sequence[_Outcome]) -> None:
    """Tell everybody: those of an event loop all in one call."""
    of_loops: dict[asyncio.AbstractEventLoop, list[_Outcome]] = defaultdict(list)
    for outcome in outcomes:
        answer = outcome[0].answer
        if isinstance(answer, asyncio.Future):
            of_loops[answer.get_loop()].append(outcome)
        else:
            _settle([outcome])
    for loop, told in of_loops.items():
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(_settle, told)


def _settle(outcomes: Sequence[_Outcome]) -> None:
    for wanted, given, error in outcomes:
        if wanted.answer.cancelled():
            continue
        if error is None:
            wanted.answer.set_result(given)
        else:
            wanted.answer.set_exception(error)


def _work_through(session: Session, batch: Sequence[_Wanted[Any]]) -> Iterator[_Outcome]:
    """What came of each: first of what one function does for many, then of the others as they came."""
    alone = [wanted for wanted in batch if wanted.among is None]
    shared: dict[WorkOnMany[Any, Any], list[_Wanted[Any]]] = defaultdict(list)
    for wanted in batch:
        if wanted.among is not None:
            shared[wanted.among].append(wanted)
    for work, many in shared.items():
        given, error = _try(session, partial(_work_for, work, many))
        if error is None:
            yield from ((wanted, one, None) for wanted, one in zip(many, given or (), strict=True))
        else:
            alone += many
    for wanted in alone:
        yield wanted, *_try(session, wanted.work)


def _work_for(work: WorkOnMany[Any, Any], many: Sequence[_Wanted[Any]], session: Session) -> Sequence[Any]:
    return work(session, [wanted.wish for wanted in many])


def _try(session: Session, work: Work[Given]) -> tuple[Given | None, BaseException | None]:
    """What the function gave, or its error. Raises DatabaseError: after such a one no savepoint can be trusted."""
    try:
        with session.begin_nested():
            given = work(session)
    except DatabaseError:
        raise
    except BaseException as error:  # it goes to whoever asked
        return None, error
    finally:
        session.expunge_all()  # the next function reads for itself
    return given, None


def _is_deadlock(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) == _DEADLOCK
