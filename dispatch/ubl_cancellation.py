"""The wish that an order be cancelled as OASIS UBL 2.1 OrderCancellation."""

from datetime import date

from dispatch.ubl_party import party, vocabulary
from procurement.order_document import OrderDocument

_UBL = vocabulary("OrderCancellation")


def ubl_cancellation(document: OrderDocument, number: str, issued_on: date, reason: str) -> bytes:
    """Return the cancellation ``number`` of the order that ``document`` is, whole, with its reason."""
    return _UBL.root(
        "ubl:OrderCancellation",
        _UBL("cbc:ID", number),
        _UBL("cbc:IssueDate", issued_on.isoformat()),
        _UBL("cbc:CancellationNote", reason),
        _UBL(
            "cac:OrderReference",
            _UBL("cbc:ID", document.number),
            _UBL("cbc:IssueDate", document.issued_on.isoformat()),
        ),
        party("cac:BuyerCustomerParty", document.buyer, document.customer_number, taxed=True),
        party("cac:SellerSupplierParty", document.supplier, document.supplier_number),
    )
