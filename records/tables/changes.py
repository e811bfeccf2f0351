"""Change orders and cancellations of issued orders; blanket orders and what is called off of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Owned, RowId, Work
from records.tables.buying import Requisition, Supplier
from records.tables.orders import PurchaseOrder


class ChangeOrder(Work):
    """What is to become of an issued order: a new revision (kind ``change``) or its end (``cancellation``).

    ``content`` is the whole order as it shall be (procurement.change_order); nothing of it stands in the
    order's rows before the change is issued. ``requisition`` is the request as it would then read: approvers
    decide on that, and the change goes out only with the approvals that the policy demands of it.
    """

    __tablename__ = "change_order"

    order_id: Mapped[int] = mapped_column(RowId, ForeignKey("purchase_order.id"))
    kind: Mapped[str] = mapped_column(String(20))  # change, cancellation
    source: Mapped[str] = mapped_column(String(20))  # requester, buyer, supplier
    requested_by: Mapped[str]
    reason: Mapped[str]
    base_revision: Mapped[int]  # of the order, that it changes
    revision: Mapped[int | None] = mapped_column(default=None)  # that it became when it was issued
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), default=None)  # that asked for it
    response_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("order_response.id"), default=None)
    requisition_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("requisition.id"), index=True, default=None)
    issued_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_by_message_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), default=None)
    answer: Mapped[str | None] = mapped_column(default=None)  # in the words of whoever gave it

    order: Mapped[PurchaseOrder] = relationship()
    requisition: Mapped[Requisition | None] = relationship()

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the index by which the changes of one order are found."""
        return (Index("ix_change_order_order", "order_id", "state"),)


class BlanketOrder(Owned):
    """A frame with one supplier: lines at fixed prices, called off until its ceiling or its last day."""

    __tablename__ = "blanket_order"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    number: Mapped[str] = mapped_column(String(60))
    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"))
    currency: Mapped[str] = mapped_column(String(3))
    contract: Mapped[str | None] = mapped_column(default=None)
    ceiling: Mapped[Decimal | None] = mapped_column(default=None)  # net, in its currency; None: by quantities alone
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)  # inclusive
    closed_at: Mapped[datetime | None] = mapped_column(default=None)

    supplier: Mapped[Supplier] = relationship()
    lines: Mapped[list["BlanketLine"]] = relationship(back_populates="blanket", order_by="BlanketLine.line_number")


class BlanketLine(Owned):
    """One line of a blanket order; ``quantity`` is its ceiling, None where only the amount is limited."""

    __tablename__ = "blanket_line"
    __table_args__ = (UniqueConstraint("blanket_id", "line_number"),)

    blanket_id: Mapped[int] = mapped_column(RowId, ForeignKey("blanket_order.id"))
    line_number: Mapped[int]
    description: Mapped[str]
    item_number: Mapped[str | None] = mapped_column(default=None)
    supplier_item_number: Mapped[str | None] = mapped_column(default=None)
    quantity: Mapped[Decimal | None] = mapped_column(default=None)
    unit: Mapped[str]
    unit_price: Mapped[Decimal]
    tax_rate: Mapped[Decimal | None] = mapped_column(default=None)
    category: Mapped[str | None] = mapped_column(default=None)

    blanket: Mapped[BlanketOrder] = relationship(back_populates="lines")


class CallOff(Owned):
    """What one requisition calls off of a blanket order; it counts while the requisition and its order live."""

    __tablename__ = "call_off"
    __table_args__ = (Index("ix_call_off_blanket", "blanket_id"),)

    blanket_id: Mapped[int] = mapped_column(RowId, ForeignKey("blanket_order.id"))
    requisition_id: Mapped[int] = mapped_column(RowId, ForeignKey("requisition.id"), unique=True)
    lines: Mapped[list[Any]] = mapped_column(default=list)  # [place in the request, line of the blanket order]

    blanket: Mapped[BlanketOrder] = relationship()
    requisition: Mapped[Requisition] = relationship()
