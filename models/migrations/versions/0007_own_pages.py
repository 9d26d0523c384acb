"""What leaders keep on their own pages: habits, notes, and what they ask HR to put right."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create(
        "habits",
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("enrolment_id", "item", name="uq_habits_enrolment_id_item"),
    )
    _create(
        "notes",
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    _create(
        "corrections",
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=True),
    )
    for table in ("notes", "corrections"):
        op.create_index(f"ix_{table}_enrolment_id", table, ["enrolment_id"])


def _create(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=f"fk_{table}_enrolment_id_enrolments", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
