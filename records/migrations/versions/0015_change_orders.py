"""Change orders, cancellations, holds, lines closed short, and blanket orders with their call-offs"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from records.base import Exact, Json, UtcTime, Words

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NO_VALUES, NO_LIST = sa.text("'{}'"), sa.text("'[]'")


def upgrade() -> None:
    _widen_orders()
    _add_change_orders()
    _add_blanket_orders()


def _widen_orders() -> None:
    for name in ("hold_reason", "ship_to", "cost_center"):
        op.add_column("purchase_order", sa.Column(name, Words(), nullable=True))
    closed_short: sa.Column[Any] = sa.Column("closed_short", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("order_line", closed_short)


def _add_change_orders() -> None:
    op.create_table(
        "change_order",
        sa.Column("order_id", ROW_ID, sa.ForeignKey("purchase_order.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("requested_by", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("content", Json(), nullable=False, server_default=NO_VALUES),
        sa.Column("message_id", ROW_ID, sa.ForeignKey("message.id"), nullable=True),
        sa.Column("response_id", ROW_ID, sa.ForeignKey("order_response.id"), nullable=True),
        sa.Column("requisition_id", ROW_ID, sa.ForeignKey("requisition.id"), nullable=True),
        sa.Column("issued_at", UtcTime(timezone=True), nullable=True),
        sa.Column("answered_at", UtcTime(timezone=True), nullable=True),
        sa.Column("answered_by_message_id", ROW_ID, sa.ForeignKey("message.id"), nullable=True),
        sa.Column("answer", Words(), nullable=True),
        *_work(),
    )
    for name in ("organisation_id", "requisition_id"):
        op.create_index(f"ix_change_order_{name}", "change_order", [name])
    op.create_index("ix_change_order_order", "change_order", ["order_id", "state"])
    waits = sa.text("due_at IS NOT NULL")
    op.create_index("ix_change_order_due", "change_order", ["due_at"], sqlite_where=waits, postgresql_where=waits)


def _work() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("due_at", UtcTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(32), nullable=True),
        sa.Column("lease_until", UtcTime(timezone=True), nullable=True),
        sa.Column("last_error", Words(), nullable=True),
        sa.Column("corrections", Json(), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
    ]


def _add_blanket_orders() -> None:
    op.create_table(
        "blanket_order",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("supplier_id", ROW_ID, sa.ForeignKey("supplier.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("contract", Words(), nullable=True),
        sa.Column("ceiling", Exact(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("closed_at", UtcTime(timezone=True), nullable=True),
        sa.UniqueConstraint("organisation_id", "number"),
    )
    op.create_table(
        "blanket_line",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("blanket_id", ROW_ID, sa.ForeignKey("blanket_order.id"), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("description", Words(), nullable=False),
        sa.Column("item_number", Words(), nullable=True),
        sa.Column("supplier_item_number", Words(), nullable=True),
        sa.Column("quantity", Exact(), nullable=True),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("unit_price", Exact(), nullable=False),
        sa.Column("tax_rate", Exact(), nullable=True),
        sa.Column("category", Words(), nullable=True),
        sa.UniqueConstraint("blanket_id", "line_number"),
    )
    op.create_table(
        "call_off",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("blanket_id", ROW_ID, sa.ForeignKey("blanket_order.id"), nullable=False),
        sa.Column("requisition_id", ROW_ID, sa.ForeignKey("requisition.id"), nullable=False, unique=True),
        sa.Column("lines", Json(), nullable=False, server_default=NO_LIST),
    )
    op.create_index("ix_call_off_blanket", "call_off", ["blanket_id"])
    for table in ("blanket_order", "blanket_line", "call_off"):
        op.create_index(f"ix_{table}_organisation_id", table, ["organisation_id"])
