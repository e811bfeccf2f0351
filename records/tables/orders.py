"""The order and what the supplier answers.

Axes beside the state are kept apart from it: ``acknowledgement`` here, dispatch by the outbox rows of
the latest revision. ``receipt`` and ``billing`` say what the rows of records.tables.billing come to; only
procurement.steps.close writes them.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Owned, RowId, Work
from records.tables.buying import Requisition, Supplier


class PurchaseOrder(Work):
    """One order to one supplier. The number is allotted when it is issued, without gaps."""

    __tablename__ = "purchase_order"

    number: Mapped[str | None] = mapped_column(String(60), default=None)
    normal_number: Mapped[str | None] = mapped_column(String(60), default=None)  # letters and digits only
    revision: Mapped[int] = mapped_column(default=1)
    requisition_id: Mapped[int] = mapped_column(RowId, ForeignKey("requisition.id"))
    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"))
    currency: Mapped[str] = mapped_column(String(3))
    issued_on: Mapped[date | None] = mapped_column(default=None)
    issued_at: Mapped[datetime | None] = mapped_column(default=None)
    acknowledgement: Mapped[str] = mapped_column(String(20), default="awaiting")
    chasers: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None] = mapped_column(default=None)  # when a counter-proposal asked him anew
    delivery_chasers: Mapped[int] = mapped_column(default=0)  # mails about the delivery, before it is due and after
    on_hold: Mapped[bool] = mapped_column(default=False)
    hold_reason: Mapped[str | None] = mapped_column(default=None)
    ship_to: Mapped[str | None] = mapped_column(default=None)  # as a change order put it; None: as requested
    cost_center: Mapped[str | None] = mapped_column(default=None)  # likewise
    receipt: Mapped[str] = mapped_column(String(20), default="none")  # none, partial, full, closed_short
    billing: Mapped[str] = mapped_column(String(20), default="none")  # none, partial, full

    requisition: Mapped[Requisition] = relationship()
    supplier: Mapped[Supplier] = relationship()
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order",
        order_by="OrderLine.line_number",
        primaryjoin="and_(OrderLine.order_id == PurchaseOrder.id, OrderLine.removed_in.is_(None))",
    )

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the uniqueness of the number, and that a requisition orders once from one supplier."""
        return (
            UniqueConstraint("organisation_id", "number"),
            UniqueConstraint("requisition_id", "supplier_id", "currency"),
            Index("ix_order_supplier", "supplier_id", "state"),
            Index("ix_order_issued", "organisation_id", "issued_at"),
            Index("ix_order_normal_number", "organisation_id", "normal_number"),
        )


class OrderLine(Owned):
    """One line as ordered, and what the supplier agreed to so far."""

    __tablename__ = "order_line"
    __table_args__ = (UniqueConstraint("order_id", "line_number"),)

    order_id: Mapped[int] = mapped_column(RowId, ForeignKey("purchase_order.id"))
    line_number: Mapped[int]
    description: Mapped[str]
    item_number: Mapped[str | None] = mapped_column(default=None)
    supplier_item_number: Mapped[str | None] = mapped_column(default=None)
    quantity: Mapped[Decimal]
    unit: Mapped[str]
    unit_price: Mapped[Decimal]
    tax_rate: Mapped[Decimal | None] = mapped_column(default=None)
    needed_by: Mapped[date | None] = mapped_column(default=None)
    category: Mapped[str | None] = mapped_column(default=None)
    contract: Mapped[str | None] = mapped_column(default=None)
    acknowledgement: Mapped[str] = mapped_column(String(20), default="awaiting")
    agreed_quantity: Mapped[Decimal | None] = mapped_column(default=None)
    agreed_price: Mapped[Decimal | None] = mapped_column(default=None)
    promised_on: Mapped[date | None] = mapped_column(default=None)
    removed_in: Mapped[int | None] = mapped_column(default=None)  # the revision that took the line away
    closed_short: Mapped[bool] = mapped_column(default=False)  # what is missing of it will not come
    offer: Mapped[dict[str, Any]] = mapped_column(default=dict)  # our counter-proposal: quantity, unit_price, ...

    order: Mapped[PurchaseOrder] = relationship(back_populates="lines")


class OrderRevision(Owned):
    """One revision as it was frozen: the printed values, and the blobs of the PDF and of the UBL beside it."""

    __tablename__ = "order_revision"
    __table_args__ = (UniqueConstraint("order_id", "revision"),)

    order_id: Mapped[int] = mapped_column(RowId, ForeignKey("purchase_order.id"))
    revision: Mapped[int]
    issued_at: Mapped[datetime]
    document: Mapped[dict[str, Any]]
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    ubl_sha256: Mapped[str | None] = mapped_column(String(64), default=None)
    net_total: Mapped[Decimal]


class OrderResponse(Work):
    """What a supplier answered in one message (states: received, applied, superseded, refused)."""

    __tablename__ = "order_response"

    order_id: Mapped[int] = mapped_column(RowId, ForeignKey("purchase_order.id"), index=True)
    message_id: Mapped[int] = mapped_column(RowId, ForeignKey("message.id"))
    revision: Mapped[int]  # of the order, that it answers
    number: Mapped[str | None] = mapped_column(default=None)  # the supplier's own
    response: Mapped[str | None] = mapped_column(default=None)  # accepted, changed, rejected, received_only
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decisions: Mapped[dict[str, Any]] = mapped_column(default=dict)  # place -> procurement.response_decision.Decision

    order: Mapped[PurchaseOrder] = relationship()
    lines: Mapped[list["OrderResponseLine"]] = relationship(
        back_populates="order_response", order_by="OrderResponseLine.id", cascade="all, delete-orphan"
    )

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return that one message answers one order once."""
        return (
            UniqueConstraint("order_id", "message_id"),
            Index("ix_order_response_created", "organisation_id", "created_at"),
            Index("ix_order_response_message", "message_id"),
        )


class OrderResponseLine(Owned):
    """One line of an answer: old and new values side by side, and what the buyer made of it."""

    __tablename__ = "order_response_line"

    order_response_id: Mapped[int] = mapped_column(RowId, ForeignKey("order_response.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("order_line.id"), default=None)
    status: Mapped[str] = mapped_column(String(20))  # accepted, changed, backordered, rejected, ...
    disposition: Mapped[str] = mapped_column(String(20))  # auto_accepted, pending_buyer, accepted, countered, refused
    at: Mapped[str] = mapped_column(String(60), default="")  # its place in the reading
    quantity: Mapped[Decimal | None] = mapped_column(default=None)
    unit_price: Mapped[Decimal | None] = mapped_column(default=None)
    promised_on: Mapped[date | None] = mapped_column(default=None)
    substitute: Mapped[str | None] = mapped_column(default=None)
    differences: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> [ordered, answered]

    order_response: Mapped[OrderResponse] = relationship(back_populates="lines")


class DespatchAdvice(Owned):
    """What a supplier says that he sent; ``lines`` are [order line number, quantity as text]."""

    __tablename__ = "despatch_advice"
    __table_args__ = (UniqueConstraint("order_id", "message_id"),)

    order_id: Mapped[int] = mapped_column(RowId, ForeignKey("purchase_order.id"))
    message_id: Mapped[int] = mapped_column(RowId, ForeignKey("message.id"))
    number: Mapped[str | None] = mapped_column(default=None)  # the supplier's own
    despatched_on: Mapped[date | None] = mapped_column(default=None)
    carrier: Mapped[str | None] = mapped_column(default=None)
    tracking_number: Mapped[str | None] = mapped_column(default=None)
    lines: Mapped[list[Any]] = mapped_column(default=list)


class SupplierLink(Owned):
    """The token of a supplier's page for one revision of an order; kept as its SHA-256 only."""

    __tablename__ = "supplier_link"

    order_id: Mapped[int] = mapped_column(RowId, ForeignKey("purchase_order.id"), index=True)
    revision: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]

    order: Mapped[PurchaseOrder] = relationship()
