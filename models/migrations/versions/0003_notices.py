"""What a mail that is no nudge says, and mail as plain text for those who want it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("notice", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("leaders", sa.Column("chosen_format", sa.String(length=8), nullable=True))
