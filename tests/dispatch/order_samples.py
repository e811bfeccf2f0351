"""Orders that the tests print."""

from datetime import date
from decimal import Decimal

from procurement.order_document import DocumentLine, OrderDocument, Party


def line(number: int, description: str = "Hex bolt M8, stainless", rate: str | None = "0.19") -> DocumentLine:
    return DocumentLine(
        number,
        description,
        Decimal("12.5"),
        "C62",
        Decimal("1234.5"),
        item_number=f"N-{number}",
        supplier_item_number=f"S-{number}",
        needed_by=date(2026, 3, 18),
        tax_rate=None if rate is None else Decimal(rate),
    )


def order(lines: int = 2, language: str = "en") -> OrderDocument:
    return OrderDocument(
        number="PO-2026-00007",
        revision=1,
        issued_on=date(2026, 3, 4),
        currency="EUR",
        language=language,
        buyer=Party("Northwind GmbH", ("Quay 1", "20457 Hamburg"), "DE", "DE999999999"),
        supplier=Party("Acme Supplies Ltd", ("14 Long Lane", "Leeds"), "GB"),
        ship_to=Party("Northwind Works 2", ("Gate 3",), "DE", contact_name="Goods in"),
        lines=tuple(line(number + 1) for number in range(lines)),
        payment_terms="30 days net",
        delivery_terms="DAP Hamburg",
        requisition="REQ-2026-00011",
        requester="Jonas Weber",
        cost_center="4711",
        reply_to="orders@northwind.example",
        terms=("Our terms of purchase apply.",),
        legal=("Registered office: Hamburg",),
    )
