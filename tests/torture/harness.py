"""Other processes to be killed, and what is left to look at afterwards."""

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from models.database import Database
from tests.builders import at, build_enrolment, build_leader, keep_enrolment
from tests.torture.sender import Order, write_orders

MORNING = at("2027-01-11 08:31")
KILLED = -9


class Senders:
    """Processes that tick when they are told to, and die when they are told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._input = cast(IO[str], process.stdin)
        self._output = cast(IO[str], process.stdout)

    def run(self, *orders: Order) -> list[int]:
        """Has the orders carried out at the same time; gives the exit codes."""
        self._input.write(write_orders(orders))
        self._input.flush()
        return json.loads(self._output.readline())

    def dismiss(self) -> None:
        self._input.close()


def enrol(database: Database, names: Sequence[str]) -> None:
    """Leaders of these names, who start on the morning's date."""
    with database.sessions.begin() as session:
        for name in names:
            leader = build_leader(key=name, email=f"{name}@example.org")
            keep_enrolment(session, build_enrolment(leader=leader))


def read_accepted(order: Order) -> Counter[str]:
    """How often the server accepted each mail, by recipient and Message-ID."""
    log = Path(order.log)
    return Counter(log.read_text().splitlines() if log.exists() else [])
