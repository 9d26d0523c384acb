"""What other systems are told of, whom, and what is on its way to them; with what has happened until now."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0017"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'waiting'")
# What GET /events showed before, and mails and enrolments, in the order of time.
UNTIL_NOW = """
INSERT INTO happenings (at, kind, enrolment_id, mail, event)
SELECT at, kind, enrolment_id, mail, event FROM (
    SELECT created_at AS at, 'enrolled' AS kind, id AS enrolment_id, CAST(NULL AS INTEGER) AS mail,
           CAST(NULL AS INTEGER) AS event, 1 AS place
      FROM enrolments
    UNION ALL
    SELECT ended_at, 'sent', enrolment_id, id, CAST(NULL AS INTEGER), 2 FROM mails
     WHERE kind = 'nudge' AND state = 'sent' AND enrolment_id IS NOT NULL AND ended_at IS NOT NULL
    UNION ALL
    SELECT ended_at, 'completed', enrolment_id, id, CAST(NULL AS INTEGER), 3 FROM mails
     WHERE kind = 'nudge' AND state = 'sent' AND enrolment_id IS NOT NULL AND ended_at IS NOT NULL
       AND id IN (SELECT mail_id FROM mail_items WHERE item = 'closing-summary')
    UNION ALL
    SELECT at, CASE kind WHEN 'answer' THEN 'answered' ELSE 'checked_in' END, enrolment_id, mail_id, id, 4 FROM events
     WHERE kind IN ('answer', 'check_in') AND enrolment_id IS NOT NULL
) AS happened ORDER BY at, place, enrolment_id, mail, event
"""


def upgrade() -> None:
    op.create_table(
        "happenings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("mail", sa.Integer(), nullable=True),
        sa.Column("event", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name="fk_happenings_enrolment_id_enrolments", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_happenings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_happenings_enrolment_id", "happenings", ["enrolment_id"])
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("organisations", sa.JSON(), nullable=True),
        sa.Column("seals", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(), nullable=True),
        sa.Column("rest_until", sa.DateTime(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(), nullable=True),
        sa.Column("disabled_why", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("happening_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("give_up_at", sa.DateTime(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_deliveries_webhook_id_webhooks", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["happening_id"], ["happenings.id"], name="fk_deliveries_happening_id_happenings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    for column in ("webhook_id", "happening_id", "ended_at"):
        op.create_index(f"ix_deliveries_{column}", "deliveries", [column])
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["webhook_id", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.execute(UNTIL_NOW)
