"""A process that ticks until it is killed at a chosen moment, run as `python -m tests.torture.sender`.

It reads orders, a JSON list of them a line, has each carried out by a child of its own, all at once, and answers with
their exit codes: the slow start of an interpreter is paid once, and every death is a real one, by SIGKILL.
"""

import json
import logging
import os
import random
import signal
import sys
import traceback
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from emails.envelope import Envelope, TransportError
from models.database import Database, open_database
from scheduler.calendar import holidays_in
from scheduler.tick import Installation, run_tick
from tests.builders import build_programme
from tests.fakes import PlainComposer, Tokens, compose_plain_notice, plan_daily, read_as

Moment = Literal["before commit", "after commit", "before the dot", "after the dot", "never"]
LONGEST_SECONDS = 300  # a child that hangs dies by itself
PROGRAMME = build_programme()


@dataclass(frozen=True, kw_only=True)
class Order:
    """One tick, and when its process dies: at the nth such moment. `faults`: the share of mails the server fails."""

    url: str
    log: str  # a line for each mail the server accepted: recipient and Message-ID
    now: str
    moment: Moment = "never"
    nth: int = 1
    policy: Literal["hold", "resend_once"] = "hold"
    faults: float = 0.0
    seed: int = 0


class Death:
    """Kills this process at the moment that was ordered."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._seen = 0

    def meet(self, moment: Moment) -> None:
        if moment == self._order.moment:
            self._seen += 1
            if self._seen == self._order.nth:
                os.kill(os.getpid(), signal.SIGKILL)


class LoggingTransport:
    """A server that writes down whom it accepted a mail for: what counts is whether the line is there."""

    def __init__(self, order: Order, death: Death) -> None:
        self._order = order
        self._death = death
        self._chance = random.Random(order.seed)

    def deliver(self, envelope: Envelope) -> str:
        self._death.meet("before the dot")
        failing = self._chance.random() < self._order.faults
        kind = self._chance.choice(("temporary", "in_doubt", "in_doubt")) if failing else None
        if kind == "temporary":
            raise TransportError("temporary", "451 told to fail")
        if kind is None or self._chance.random() < 0.5:
            self._accept(envelope)
        if kind == "in_doubt":
            raise TransportError("in_doubt", "no answer")
        self._death.meet("after the dot")
        return "250 ok"

    def close(self) -> None: ...

    def _accept(self, envelope: Envelope) -> None:
        descriptor = os.open(self._order.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        message_id = envelope.message.splitlines()[0].decode()
        os.write(descriptor, f"{envelope.recipient} {message_id}\n".encode())
        os.close(descriptor)


def build_installation(database: Database, order: Order) -> Installation:
    death = Death(order)

    def before_commit(session: Session) -> None:
        death.meet("before commit")

    def after_commit(session: Session) -> None:
        death.meet("after commit")

    event.listen(database.sessions, "before_commit", before_commit)
    event.listen(database.sessions, "after_commit", after_commit)
    return Installation(
        database=database,
        read_config=read_as(PROGRAMME),
        plan=plan_daily,
        compose=PlainComposer(),
        compose_notice=compose_plain_notice,
        transport=LoggingTransport(order, death),
        new_token=Tokens(str(os.getpid())),
        in_doubt_policy=order.policy,
    )


def begin(order: Order) -> int:
    """Starts a child that carries the order out; gives its process id."""
    child = os.fork()
    if child:
        return child
    signal.alarm(LONGEST_SECONDS)
    code = 1
    try:
        run_tick(build_installation(open_database(order.url), order), now=datetime.fromisoformat(order.now))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing of the parent is closed or flushed a second time


def serve() -> None:
    """Carries orders out until standard input ends."""
    logging.disable(logging.WARNING)  # of every mail that is told to fail
    create_engine("postgresql+psycopg://").dispose()  # imports the driver, before the first fork
    holidays_in("GB-ENG", 2027)
    for line in sys.stdin:
        children = [begin(Order(**order)) for order in json.loads(line)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        print(json.dumps(codes), flush=True)


def write_orders(orders: tuple[Order, ...]) -> str:
    """The line that asks for these orders."""
    return json.dumps([asdict(order) for order in orders]) + "\n"


if __name__ == "__main__":
    serve()
