"""What was learned from corrections"""

import sqlalchemy as sa
from alembic import op

import records.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lesson",
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("layout", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", records.base.Words(), nullable=False),
        sa.Column("value", records.base.Words(), nullable=False),
        sa.Column("shown", records.base.Words(), nullable=False),
        sa.Column("message_id", ROW_ID, nullable=True),
        sa.Column("document_id", ROW_ID, nullable=True),
        sa.Column("exception_id", ROW_ID, nullable=True),
        sa.Column("learned_by", records.base.Words(), nullable=False),
        sa.Column("learned_at", records.base.UtcTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("last_used_at", records.base.UtcTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("forgotten_by", records.base.Words(), nullable=True),
        sa.Column("forgotten_at", records.base.UtcTime(timezone=True), nullable=True),
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"]),
        sa.ForeignKeyConstraint(["exception_id"], ["exception_item.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lesson_organisation_id", "lesson", ["organisation_id"])
    op.create_index(
        "uq_lesson_active",
        "lesson",
        ["organisation_id", "sender", "layout", "kind", "key"],
        unique=True,
        sqlite_where=sa.text("active = 1"),
        postgresql_where=sa.text("active"),
    )
    op.add_column(
        "requisition",
        sa.Column("signals", records.base.Json(), nullable=False, server_default=sa.text("'[]'")),
    )
