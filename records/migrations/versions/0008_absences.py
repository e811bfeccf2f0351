"""Absences, who signs in an approver's place, and the organisation's calendar"""

import sqlalchemy as sa
from alembic import op

import records.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME, JSON = records.base.UtcTime(), records.base.Json()


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("deputy_email", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("message_id", ROW_ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "source", "email", "starts_on"),
    )
    op.create_index("ix_absence_organisation_id", "absence", ["organisation_id"])
    op.create_index("ix_absence_days", "absence", ["organisation_id", "ends_on"])
    op.add_column("approval", sa.Column("principal_email", sa.Text(), nullable=True))
    op.add_column("approval", sa.Column("escalated_at", TIME, nullable=True))
    op.add_column("organisation", sa.Column("calendar", JSON, nullable=False, server_default=sa.text("'{}'")))
