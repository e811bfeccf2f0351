"""Goods receipts, invoices, the packages for accounts payable, and what orders come to by them"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from records.base import Exact, Json, UtcTime, Words

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NO_VALUES = sa.text("'{}'")


def upgrade() -> None:
    for name in ("receipt", "billing"):
        op.add_column("purchase_order", sa.Column(name, sa.String(20), nullable=False, server_default="none"))
    op.add_column("organisation", sa.Column("billing", Json(), nullable=False, server_default=NO_VALUES))
    op.add_column("requisition", sa.Column("billed_share", Exact(), nullable=False, server_default="0"))
    op.execute("UPDATE requisition SET billed_share = 1 WHERE drawn = 'spent'")  # as what was ordered was counted
    _add_receipts()
    _add_invoices()
    _add_packages()


def _add_receipts() -> None:
    op.create_table(
        "goods_receipt",
        sa.Column("order_id", ROW_ID, sa.ForeignKey("purchase_order.id"), nullable=False),
        sa.Column("message_id", ROW_ID, sa.ForeignKey("message.id"), nullable=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("reported_by", Words(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("delivery_note", Words(), nullable=True),
        sa.Column("reason", Words(), nullable=True),
        sa.Column("reading", Json(), nullable=False),
        *_work(),
        sa.UniqueConstraint("organisation_id", "key"),
    )
    op.create_index("ix_goods_receipt_order", "goods_receipt", ["order_id", "state"])
    _index("goods_receipt", "organisation_id", "message_id", work=True)
    op.create_table(
        "goods_receipt_line",
        *_owned(),
        sa.Column("receipt_id", ROW_ID, sa.ForeignKey("goods_receipt.id"), nullable=False),
        sa.Column("order_line_id", ROW_ID, sa.ForeignKey("order_line.id"), nullable=False),
        sa.Column("quantity", Exact(), nullable=False),
    )
    _index("goods_receipt_line", "organisation_id", "receipt_id", "order_line_id")


def _add_invoices() -> None:
    op.create_table(
        "invoice",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("supplier_id", ROW_ID, sa.ForeignKey("supplier.id"), nullable=False),
        sa.Column("order_id", ROW_ID, sa.ForeignKey("purchase_order.id"), nullable=True),
        sa.Column("credits_id", ROW_ID, sa.ForeignKey("invoice.id"), nullable=True),
        sa.Column("duplicate_of_id", ROW_ID, sa.ForeignKey("invoice.id"), nullable=True),
        sa.Column("message_id", ROW_ID, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("original_sha256", sa.String(64), nullable=False),
        sa.Column("original_name", Words(), nullable=False),
        sa.Column("number", Words(), nullable=True),
        sa.Column("normal_number", sa.String(80), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        *(sa.Column(name, Exact(), nullable=True) for name in ("net_total", "tax_total", "gross_total")),
        sa.Column("charges", Exact(), nullable=False),
        sa.Column("reading", Json(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=True),
        sa.Column("matched_at", UtcTime(timezone=True), nullable=True),
        *_work(),
        sa.UniqueConstraint("message_id", "normal_number", "kind"),
    )
    op.create_index("ix_invoice_number", "invoice", ["supplier_id", "normal_number"])
    op.create_index("ix_invoice_gross", "invoice", ["supplier_id", "gross_total"])
    op.create_index("ix_invoice_order", "invoice", ["order_id", "state"])
    op.create_index("ix_invoice_created", "invoice", ["organisation_id", "created_at"])
    _index("invoice", "organisation_id", work=True)
    op.create_table(
        "invoice_line",
        *_owned(),
        sa.Column("invoice_id", ROW_ID, sa.ForeignKey("invoice.id"), nullable=False),
        sa.Column("order_line_id", ROW_ID, sa.ForeignKey("order_line.id"), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("description", Words(), nullable=True),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("unit_price", Exact(), nullable=True),
        sa.Column("amount", Exact(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("differences", Json(), nullable=False),
    )
    _index("invoice_line", "organisation_id", "invoice_id", "order_line_id")


def _add_packages() -> None:
    op.create_table(
        "invoice_package",
        sa.Column("invoice_id", ROW_ID, sa.ForeignKey("invoice.id"), nullable=False, unique=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("handed_over_at", UtcTime(timezone=True), nullable=True),
        sa.Column("handed_over_to", Words(), nullable=True),
        *_work(),
        sa.UniqueConstraint("organisation_id", "key"),
    )
    _index("invoice_package", "organisation_id", work=True)


def _index(table: str, *columns: str, work: bool = False) -> None:
    for name in columns:
        op.create_index(f"ix_{table}_{name}", table, [name])
    if work:
        waits = sa.text("due_at IS NOT NULL")
        op.create_index(f"ix_{table}_due", table, ["due_at"], sqlite_where=waits, postgresql_where=waits)


def _owned() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("organisation_id", ROW_ID, sa.ForeignKey("organisation.id"), nullable=False),
    ]


def _work() -> list[sa.Column[Any]]:
    return [
        *_owned(),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("due_at", UtcTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(32), nullable=True),
        sa.Column("lease_until", UtcTime(timezone=True), nullable=True),
        sa.Column("last_error", Words(), nullable=True),
        sa.Column("corrections", Json(), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
    ]
