"""How Alembic meets our database: on the connection handed over, or on `-x url=…` when a developer calls it."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from models.database import open_database
from models.tables import Instant, Row


def render_type(kind: str, value: Any, _imports: Any) -> str | Literal[False]:
    """What the database is told of our own types, so that an old revision stands without today's code."""
    return "sa.DateTime()" if kind == "type" and isinstance(value, Instant) else False


def run_on(connection: Connection) -> None:
    """Run the revisions asked for; whoever owns the connection commits."""
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_type,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    run_on(handed_over)
else:
    database = open_database(context.get_x_argument(as_dictionary=True)["url"])
    with database.engine.begin() as connection:
        run_on(connection)
    database.close()
