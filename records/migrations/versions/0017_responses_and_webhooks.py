"""Decisions on answers, counter-proposals, despatch advices, delivery reminders and webhooks"""

import sqlalchemy as sa
from alembic import op

from records.base import Json, UtcTime, Words

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NO_VALUES, NO_LIST = sa.text("'{}'"), sa.text("'[]'")


def upgrade() -> None:
    _widen()
    _add_despatch_advices()
    _add_webhooks()
    _add_deliveries()


def _widen() -> None:
    for table, name in (("organisation", "delivery"), ("order_response", "decisions"), ("order_line", "offer")):
        op.add_column(table, sa.Column(name, Json(), nullable=False, server_default=NO_VALUES))
    op.add_column("purchase_order", sa.Column("asked_at", UtcTime(timezone=True), nullable=True))
    op.add_column("purchase_order", sa.Column("delivery_chasers", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("order_response_line", sa.Column("at", sa.String(60), nullable=False, server_default=""))


def _add_despatch_advices() -> None:
    op.create_table(
        "despatch_advice",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("order_id", ROW_ID, sa.ForeignKey("purchase_order.id"), nullable=False),
        sa.Column("message_id", ROW_ID, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("number", Words(), nullable=True),
        sa.Column("despatched_on", sa.Date(), nullable=True),
        sa.Column("carrier", Words(), nullable=True),
        sa.Column("tracking_number", Words(), nullable=True),
        sa.Column("lines", Json(), nullable=False, server_default=NO_LIST),
        sa.UniqueConstraint("order_id", "message_id"),
    )
    op.create_index("ix_despatch_advice_organisation_id", "despatch_advice", ["organisation_id"])


def _add_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", Words(), nullable=False),
        sa.Column("events", Json(), nullable=False, server_default=NO_LIST),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("organisation_id", "url"),
    )
    op.create_index("ix_webhook_organisation_id", "webhook", ["organisation_id"])


def _add_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("webhook_id", ROW_ID, sa.ForeignKey("webhook.id"), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reply", Words(), nullable=True),
        sa.Column("delivered_at", UtcTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("due_at", UtcTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(32), nullable=True),
        sa.Column("lease_until", UtcTime(timezone=True), nullable=True),
        sa.Column("last_error", Words(), nullable=True),
        sa.Column("corrections", Json(), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.UniqueConstraint("webhook_id", "key"),
    )
    op.create_index("ix_webhook_delivery_organisation_id", "webhook_delivery", ["organisation_id"])
    op.create_index("ix_webhook_delivery_listed", "webhook_delivery", ["organisation_id", "id"])
    waits = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_webhook_delivery_due", "webhook_delivery", ["due_at"], sqlite_where=waits, postgresql_where=waits
    )
