"""One at a time: work that two processes must not do at once."""

from hashlib import sha256

from sqlalchemy import Connection, func, select


def take_turn(connection: Connection, work: str) -> None:
    """Wait until no other transaction does this work; ours holds the turn until it ends.

    SQLite's writers are alone already; PostgreSQL is asked for a lock by the work's name.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(sha256(f"first100:{work}".encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))
