"""Who was erased; since when an enrolment is withdrawn; what stays on record of answers that were removed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=12), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(), nullable=True),
        sa.Column("left_to_do", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.UniqueConstraint("receipt", name="uq_erasures_receipt"),
    )
    op.add_column("enrolments", sa.Column("withdrawn_at", sa.DateTime(), nullable=True))
    op.add_column("enrolments", sa.Column("kept_counts", sa.JSON(none_as_null=True), nullable=True))
