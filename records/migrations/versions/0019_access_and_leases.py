"""Users of the workbench, their roles and sessions; leases and service levels of exceptions"""

import json
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from records.base import Json, UtcTime, Words

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITS = sa.text("state in ('to_review', 'reviewing')")


def upgrade() -> None:
    _users()
    _sessions()
    _tokens()
    for column in (
        sa.Column("code", sa.String(40), nullable=False, server_default=""),
        sa.Column("stake", ROW_ID),
        sa.Column("due_by", UtcTime(), nullable=False, server_default="2000-01-01 00:00:00"),
        sa.Column("paused_at", UtcTime()),
        sa.Column("paused_seconds", ROW_ID, nullable=False, server_default="0"),
        sa.Column("lease_id", sa.String(32)),
        sa.Column("lease_by", Words()),
        sa.Column("lease_until", UtcTime()),
    ):
        op.add_column("exception_item", column)
    _carry_over()
    for name, columns in (
        ("ix_exception_urgency", ["organisation_id", "due_by", "id"]),
        ("ix_exception_code", ["organisation_id", "code", "due_by", "id"]),
    ):
        op.create_index(name, "exception_item", columns, sqlite_where=WAITS, postgresql_where=WAITS)


def _users() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("name", Words(), nullable=False),
        sa.Column("password_hash", Words()),
        sa.Column("totp_secret", Words()),
        sa.Column("totp_step", ROW_ID),
        sa.Column("recovery", Json(), nullable=False),
        sa.Column("subject", sa.String(300), unique=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("user_id", ROW_ID, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.UniqueConstraint("user_id", "organisation_id", "role"),
    )
    op.create_index("ix_role_grant_organisation_id", "role_grant", ["organisation_id"])


def _sessions() -> None:
    op.create_table(
        "web_session",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("user_id", ROW_ID, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("previous_hash", sa.String(64)),
        sa.Column("rotated_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_web_session_user", "web_session", ["user_id"])
    op.create_index("ix_web_session_previous", "web_session", ["previous_hash"])
    op.create_table(
        "login_link",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("user_id", ROW_ID, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
    )
    op.create_table(
        "login_failure",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_login_failure_about", "login_failure", ["about", "at"])


def _tokens() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("user_id", ROW_ID, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime()),
        sa.Column("last_used_at", UtcTime()),
        sa.Column("revoked_at", UtcTime()),
    )
    op.create_index("ix_api_token_organisation_id", "api_token", ["organisation_id"])


def _carry_over() -> None:
    table = sa.table(
        "exception_item",
        sa.column("id", ROW_ID),
        sa.column("problems", Json()),
        sa.column("opened_at", UtcTime()),
        sa.column("code", sa.String()),
        sa.column("due_by", UtcTime()),
    )
    bind = op.get_bind()
    for row in bind.execute(sa.select(table.c.id, table.c.problems, table.c.opened_at)).all():
        problems = json.loads(row.problems) if isinstance(row.problems, str) else row.problems
        values = {"code": problems[0]["code"] if problems else "", "due_by": row.opened_at + timedelta(hours=8)}
        bind.execute(sa.update(table).where(table.c.id == row.id).values(**values))
