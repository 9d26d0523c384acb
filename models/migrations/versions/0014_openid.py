"""How an account signs in, and whom it is bound to at the provider of OpenID Connect."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("sign_in", sa.String(length=12), server_default="password", nullable=False))
    op.add_column("accounts", sa.Column("openid_issuer", sa.String(length=300), nullable=True))
    op.add_column("accounts", sa.Column("openid_subject", sa.String(length=255), nullable=True))
    op.create_index("ix_accounts_openid", "accounts", ["openid_issuer", "openid_subject"], unique=True)
