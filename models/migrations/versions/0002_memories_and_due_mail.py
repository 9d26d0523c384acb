"""What leaders are believed to remember; starts that moved; indexes for what waits, none that misleads elsewhere.

An index over all states made SQLite read every mail ever sent to find one leader's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLANNED = sa.text("state = 'planned'")
LEASED = sa.text("state IN ('claimed', 'sending')")
IN_DOUBT = sa.text("state = 'in_doubt'")


def upgrade() -> None:
    op.create_table(
        "memories",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("made_from", sa.String(length=32), nullable=False),
        sa.Column("opened", sa.Double[float](), nullable=False),
        sa.Column("unopened", sa.Double[float](), nullable=False),
        sa.Column("beliefs", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name="fk_memories_enrolment_id_enrolments", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name="pk_memories"),
    )
    op.add_column("enrolments", sa.Column("moved_at", sa.DateTime(), nullable=True))
    op.drop_index("ix_mails_state_slot", "mails")
    for name, columns, where in (
        ("ix_mails_planned_due", ["not_before", "id"], PLANNED),
        ("ix_mails_planned_slot", ["slot"], PLANNED),
        ("ix_mails_leased", ["lease_until"], LEASED),
        ("ix_mails_in_doubt", ["ended_at"], IN_DOUBT),
    ):
        op.create_index(name, "mails", columns, sqlite_where=where, postgresql_where=where)
