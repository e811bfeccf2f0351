"""What arrived and what was billed: goods receipts, invoices, and the packages for accounts payable.

Receipts and billing are axes of their own beside the state of an order: both are computed from these rows.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Owned, RowId, Work
from records.tables.buying import Supplier
from records.tables.orders import OrderLine, PurchaseOrder


class GoodsReceipt(Work):
    """What somebody says has arrived, was performed or went back (states: received, booked, refused).

    ``key`` is what makes it the same report when it comes again: a mail, or the number of a delivery note.
    """

    __tablename__ = "goods_receipt"

    order_id: Mapped[int] = mapped_column(RowId, ForeignKey("purchase_order.id"))
    message_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), index=True, default=None)
    key: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(20))  # mail, file, desk
    reported_by: Mapped[str]
    received_on: Mapped[date]
    delivery_note: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)  # why goods went back
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)

    order: Mapped[PurchaseOrder] = relationship()
    lines: Mapped[list["GoodsReceiptLine"]] = relationship(
        back_populates="receipt", order_by="GoodsReceiptLine.id", cascade="all, delete-orphan"
    )

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return that the same report counts once, and how the receipts of an order are found."""
        return (UniqueConstraint("organisation_id", "key"), Index("ix_goods_receipt_order", "order_id", "state"))


class GoodsReceiptLine(Owned):
    """What was booked on one order line, in its unit; less than nothing for what went back."""

    __tablename__ = "goods_receipt_line"

    receipt_id: Mapped[int] = mapped_column(RowId, ForeignKey("goods_receipt.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(RowId, ForeignKey("order_line.id"), index=True)
    quantity: Mapped[Decimal]

    receipt: Mapped[GoodsReceipt] = relationship(back_populates="lines")
    order_line: Mapped[OrderLine] = relationship()


class Invoice(Work):
    """An invoice or credit note of a supplier.

    States: received, waiting_for_receipt, matched, disputed, rejected, duplicate.
    """

    __tablename__ = "invoice"

    kind: Mapped[str] = mapped_column(String(20))  # invoice, credit_note
    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"))
    order_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("purchase_order.id"), default=None)
    credits_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("invoice.id"), default=None)  # what it credits
    duplicate_of_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("invoice.id"), default=None)
    message_id: Mapped[int] = mapped_column(RowId, ForeignKey("message.id"))
    original_sha256: Mapped[str] = mapped_column(String(64))
    original_name: Mapped[str]
    number: Mapped[str | None] = mapped_column(default=None)
    normal_number: Mapped[str] = mapped_column(String(80), default="")  # letters and digits only
    issued_on: Mapped[date | None] = mapped_column(default=None)
    currency: Mapped[str | None] = mapped_column(String(3), default=None)
    net_total: Mapped[Decimal | None] = mapped_column(default=None)
    tax_total: Mapped[Decimal | None] = mapped_column(default=None)
    gross_total: Mapped[Decimal | None] = mapped_column(default=None)
    charges: Mapped[Decimal] = mapped_column(default=Decimal(0))  # freight and the like, of the net total
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verdict: Mapped[str | None] = mapped_column(String(20), default=None)
    matched_at: Mapped[datetime | None] = mapped_column(default=None)

    order: Mapped[PurchaseOrder | None] = relationship()
    supplier: Mapped[Supplier] = relationship()
    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", order_by="InvoiceLine.place", cascade="all, delete-orphan"
    )

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return that one mail files one number once, and how duplicates and the bills of an order are found."""
        return (
            UniqueConstraint("message_id", "normal_number", "kind"),
            Index("ix_invoice_number", "supplier_id", "normal_number"),
            Index("ix_invoice_gross", "supplier_id", "gross_total"),
            Index("ix_invoice_order", "order_id", "state"),
            Index("ix_invoice_created", "organisation_id", "created_at"),
        )


class InvoiceLine(Owned):
    """One line as billed, beside the order line that it bills; a credit note's figures are below nothing."""

    __tablename__ = "invoice_line"

    invoice_id: Mapped[int] = mapped_column(RowId, ForeignKey("invoice.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("order_line.id"), index=True, default=None)
    place: Mapped[int]  # in the document, from 0
    description: Mapped[str | None] = mapped_column(default=None)
    quantity: Mapped[Decimal] = mapped_column(default=Decimal(0))  # in the order line's unit
    unit_price: Mapped[Decimal | None] = mapped_column(default=None)
    amount: Mapped[Decimal]  # net
    verdict: Mapped[str] = mapped_column(String(20))
    differences: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what -> [agreed, billed]

    invoice: Mapped[Invoice] = relationship(back_populates="lines")


class InvoicePackage(Work):
    """What accounts payable gets of one invoice, once (states: to_hand_over, handed_over)."""

    __tablename__ = "invoice_package"

    invoice_id: Mapped[int] = mapped_column(RowId, ForeignKey("invoice.id"), unique=True)
    key: Mapped[str] = mapped_column(String(120))  # by which a receiver knows that it has it already
    content: Mapped[dict[str, Any]]
    handed_over_at: Mapped[datetime | None] = mapped_column(default=None)
    handed_over_to: Mapped[str | None] = mapped_column(default=None)

    invoice: Mapped[Invoice] = relationship()

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the uniqueness of the key."""
        return (UniqueConstraint("organisation_id", "key"),)
