"""Who probably made each hit of the raw log, beside it; the log by time."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CROWDED = sa.text("crowd IS true")


def upgrade() -> None:
    op.create_table(
        "grades",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("credence", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=80), nullable=False),
        sa.Column("crowd", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_grades_event_id_events", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", name="pk_grades"),
    )
    op.create_index("ix_grades_crowd", "grades", ["mail_id"], sqlite_where=CROWDED, postgresql_where=CROWDED)
    op.create_index("ix_events_at", "events", ["at"])
