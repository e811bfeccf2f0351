"""One invoice that differs from its order, as the pages show it."""

from decimal import Decimal

from sqlalchemy.orm import Session

from records.tables import Invoice, InvoiceLine
from tests.paper_desk import PaperDesk


def an_invoice(session: Session, desk: PaperDesk) -> Invoice:
    """Return an invoice of the order's supplier, billed dearer than agreed."""
    order = desk.orders(session)[-1]
    line = InvoiceLine(
        organisation_id=desk.organisation_id,
        place=0,
        description="<b>Gloves</b>",
        order_line_id=order.lines[0].id,
        quantity=Decimal(10),
        unit_price=Decimal("9.10"),
        amount=Decimal("91.00"),
        verdict="discrepancy",
        differences={"unit_price": ["8.00", "9.10"]},
    )
    return Invoice(
        organisation_id=desk.organisation_id,
        state="received",
        due_at=None,
        kind="invoice",
        supplier_id=order.supplier_id,
        order_id=order.id,
        message_id=1,
        original_sha256="0" * 64,
        original_name="bill.pdf",
        number="B-77",
        normal_number="B77",
        currency="EUR",
        net_total=Decimal("91.00"),
        lines=[line],
    )
