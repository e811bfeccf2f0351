"""Alarms about mail servers, the relay's refused logins, and what a mailbox is used to"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import records.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = records.base.UtcTime(timezone=True)


def upgrade() -> None:
    op.add_column("organisation", sa.Column("operator_email", sa.Text(), nullable=True))
    op.add_column("mailbox", sa.Column("last_mail_at", TIME, nullable=True))
    op.add_column("mailbox", sa.Column("usual_silence", sa.Integer(), nullable=True))
    op.add_column("mailbox", sa.Column("learned_at", TIME, nullable=True))
    op.add_column("message", sa.Column("gmail_id", sa.String(length=20), nullable=True))
    known = sa.text("gmail_id is not null")
    op.create_index(
        "ix_message_gmail", "message", ["mailbox_id", "gmail_id"], sqlite_where=known, postgresql_where=known
    )
    _create_work(
        "relay",
        sa.Column("login_failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", TIME, nullable=True),
        sa.UniqueConstraint("organisation_id"),
    )
    _create_work(
        "alarm",
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("about_table", sa.String(length=40), nullable=False),
        sa.Column("about_id", ROW_ID, nullable=False),
        sa.Column("over_at", TIME, nullable=True),
    )
    raised = sa.text("state = 'raised'")
    op.create_index(
        "uq_alarm_raised",
        "alarm",
        ["organisation_id", "key"],
        unique=True,
        sqlite_where=raised,
        postgresql_where=raised,
    )


def _create_work(name: str, *own: Any) -> None:
    op.create_table(
        name,
        *own,
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("corrections", records.base.Json(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index(f"ix_{name}_due", name, ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_index(f"ix_{name}_organisation_id", name, ["organisation_id"])
