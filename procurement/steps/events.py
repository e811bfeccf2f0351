"""What other systems are told of an order: its facts as they stand when something happens to it."""

from decimal import Decimal

from sqlalchemy.orm import Session

from procurement.order_document import money
from records.tables import PurchaseOrder
from records.webhooks import announce


def announce_order(session: Session, order: PurchaseOrder, event: str, occasion: str) -> None:
    """Queue ``event`` about ``order`` for the webhooks that want it; ``occasion`` tells it from the next one."""
    session.flush()
    lines = [
        {
            "line_number": line.line_number,
            "item_number": line.item_number,
            "description": line.description,
            "quantity": str(line.quantity),
            "unit": line.unit,
            "unit_price": str(line.unit_price),
            "acknowledgement": line.acknowledgement,
            "agreed_quantity": None if line.agreed_quantity is None else str(line.agreed_quantity),
            "agreed_price": None if line.agreed_price is None else str(line.agreed_price),
            "promised_on": line.promised_on.isoformat() if line.promised_on else None,
        }
        for line in order.lines
    ]
    total = sum((money(line.quantity * line.unit_price) for line in order.lines), Decimal("0.00"))
    data = {
        "number": order.number,
        "revision": order.revision,
        "state": order.state,
        "acknowledgement": order.acknowledgement,
        "supplier": order.supplier.code,
        "requisition": order.requisition.number,
        "currency": order.currency,
        "net_total": str(total),
        "lines": lines,
    }
    announce(session, order.organisation_id, event, f"{event}:{order.id}:{occasion}"[:64], data)
