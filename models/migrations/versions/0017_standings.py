"""Where each enrolment stands, what has been touched since, and the figures of each week."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0012"
branch_labels = None
depends_on = None

# Table, what happens to a row, which row tells whose it is, by which columns, and when that is of interest.
_TOLD = "state, slot, recipient, tracked, ended_at, tries"
_TRIGGERS = (
    ("mails", "INSERT", "NEW", ("enrolment_id",), "NEW.enrolment_id IS NOT NULL"),
    ("mails", f"UPDATE OF {_TOLD}", "NEW", ("enrolment_id",), "NEW.enrolment_id IS NOT NULL"),
    ("mails", "DELETE", "OLD", ("enrolment_id",), "OLD.enrolment_id IS NOT NULL"),
    ("attempts", "INSERT", "NEW", ("mail_id",), ""),
    ("events", "INSERT", "NEW", ("enrolment_id", "mail_id"), ""),
    ("grades", "INSERT", "NEW", ("mail_id",), "NEW.crowd"),
    ("grades", "UPDATE OF crowd", "NEW", ("mail_id",), "NEW.crowd <> OLD.crowd"),
    ("enrolments", "INSERT", "NEW", ("id",), ""),
    ("enrolments", "UPDATE", "NEW", ("id",), ""),
    ("leaders", "UPDATE", "NEW", ("id",), ""),
    *(
        (table, doing, "OLD" if doing == "DELETE" else "NEW", ("enrolment_id",), "")
        for table in ("pauses", "corrections")
        for doing in ("INSERT", "UPDATE", "DELETE")
    ),
    ("consents", "INSERT", "NEW", ("leader_id",), ""),
    ("consents", "DELETE", "OLD", ("leader_id",), ""),
)

_INDEXES = (
    ("ix_mails_put_off", ["not_before"], "state = 'planned' AND tries > 0"),
    ("ix_mails_failed", ["ended_at"], "state IN ('failed', 'failed_after_doubt')"),
    ("ix_mails_sent_on", ["local_date", "enrolment_id"], "kind = 'nudge' AND state = 'sent'"),
)


def upgrade() -> None:
    for name, columns, where in _INDEXES:
        op.create_index(name, "mails", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_leaders_organisation", "leaders", ["organisation"])
    op.create_table(
        "standings",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("made_from", sa.String(length=32), nullable=False),
        sa.Column("stale_at", sa.DateTime(), nullable=True),
        sa.Column("about", sa.String(530).with_variant(sa.String(530, collation="C"), "postgresql"), nullable=False),
        *(
            sa.Column(name, sa.String(length=length), nullable=False)
            for name, length in (
                ("email", 320),
                ("name", 200),
                ("role", 80),
                ("organisation", 200),
                ("cohort", 80),
                ("programme", 80),
                ("time_zone", 64),
            )
        ),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("day_zero", sa.Integer(), nullable=False),
        sa.Column("stands_at", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=True),
        sa.Column("engaged", sa.Integer(), nullable=False),
        sa.Column("items_met", sa.Integer(), nullable=False),
        sa.Column("items_total", sa.Integer(), nullable=True),
        sa.Column("check_ins_done", sa.Integer(), nullable=False),
        sa.Column("last_activity", sa.DateTime(), nullable=True),
        sa.Column("next_slot", sa.DateTime(), nullable=True),
        sa.Column("problem_count", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "mails_sent",
                "mails_failed",
                "mails_failed_after_doubt",
                "mails_expired",
                "mails_cancelled",
                "mails_suppressed",
                "refused_hard",
                "refused_soft",
            )
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name="fk_standings_enrolment_id_enrolments", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name="pk_standings"),
    )
    op.create_index("ix_standings_about", "standings", ["about", "programme"])
    op.create_index("ix_standings_programme_cohort", "standings", ["programme", "cohort", "status", "sent"])
    for name in ("made_from", "stale_at", "role", "organisation", "cohort", "status", "problem_count"):
        op.create_index(f"ix_standings_{name}", "standings", [name])
    op.create_table(
        "touched",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("enrolment_id", "mail_id", "leader_id")),
        sa.PrimaryKeyConstraint("id", name="pk_touched"),
    )
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("small_group", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
        sa.UniqueConstraint("scope", "week", "name", name="uq_editions_scope_week_name"),
    )
    op.execute("INSERT INTO touched (enrolment_id) SELECT id FROM enrolments")
    for statement in _write_triggers(op.get_bind().dialect.name):
        op.execute(statement)


def _write_triggers(dialect: str) -> Iterator[str]:
    """Each notes whose row was written. They read no other table, so that later revisions may still alter tables."""
    for table, doing, row, columns, when in _TRIGGERS:
        name = f"touched_by_{table}_{doing.split()[0].lower()}"
        into = ", ".join({"enrolments": "enrolment_id", "leaders": "leader_id"}.get(table, one) for one in columns)
        values = ", ".join(f"{row}.{one}" for one in columns)
        note = " ".join(("INSERT INTO touched", f"({into})", "VALUES", f"({values})"))
        condition = f"WHEN ({when})" if when else ""
        head = f"CREATE TRIGGER {name} AFTER {doing} ON {table} FOR EACH ROW {condition}"
        if dialect == "postgresql":
            yield (f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {note}; RETURN NULL; END $$")
            yield f"{head} EXECUTE FUNCTION {name}()"
        else:
            yield f"{head} BEGIN {note}; END"
