"""What a supplier answered to an order, in whichever words, as OASIS UBL 2.1 OrderResponse.

Only lines that the answer speaks of are written: nothing is implied for the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dispatch.ubl_party import Element, party, vocabulary
from dispatch.xml_tree import figure
from procurement.order_document import Party
from procurement.units import standard_unit_code

_UBL = vocabulary("OrderResponse")
# UNCL 4343 of the whole answer, UNCL 1229 of a line.
_RESPONSES = {"accepted": "AP", "changed": "CA", "rejected": "RE", "received_only": "AB"}
_STATES = {
    "accepted": "5",
    "changed": "3",
    "backordered": "3",
    "rejected": "7",
    "added_by_supplier": "1",
    "already_delivered": "42",
}


@dataclass(frozen=True)
class ResponseLine:
    """One line of an answer; ``order_line`` is None for a line that was not ordered."""

    order_line: int | None
    status: str  # of OrderResponseLine
    description: str | None = None
    item_number: str | None = None
    supplier_item_number: str | None = None
    unit: str | None = None
    ordered: Decimal | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_on: date | None = None
    substitute: str | None = None
    later: Decimal | None = None  # of a backorder, as the answer tells it


@dataclass(frozen=True)
class ResponseDocument:
    """One answer to one order; ``response`` is what it says of the whole order, None where it says nothing."""

    number: str
    issued_on: date
    order_number: str
    currency: str
    buyer: Party
    supplier: Party
    response: str | None = None
    lines: tuple[ResponseLine, ...] = ()


def ubl_response(document: ResponseDocument) -> bytes:
    """Return the answer as UBL OrderResponse."""
    return _UBL.root(
        "ubl:OrderResponse",
        _UBL("cbc:ID", document.number),
        _UBL("cbc:IssueDate", document.issued_on.isoformat()),
        _UBL("cbc:OrderResponseCode", response_code(document.response, [line.status for line in document.lines])),
        _UBL("cbc:DocumentCurrencyCode", document.currency),
        _UBL("cac:OrderReference", _UBL("cbc:ID", document.order_number)),
        party("cac:SellerSupplierParty", document.supplier),
        party("cac:BuyerCustomerParty", document.buyer),
        *(_line(document, line, position) for position, line in enumerate(document.lines, 1)),
    )


def response_code(response: str | None, states: Sequence[str]) -> str | None:
    """Return the code of the whole answer: by its lines where it has any, else by what it says.

    >>> response_code("accepted", ["accepted", "changed"]), response_code("rejected", []), response_code(None, [])
    ('CA', 'RE', None)
    """
    if not states:
        return _RESPONSES.get(response or "")
    alike = set(states)
    return _RESPONSES[alike.pop()] if alike in ({"accepted"}, {"rejected"}) else "CA"


def _line(document: ResponseDocument, line: ResponseLine, position: int) -> Element:
    code = standard_unit_code(line.unit)
    unit = {"unitCode": code} if code else {}
    return _UBL(
        "cac:OrderLine",
        _UBL(
            "cac:LineItem",
            _UBL("cbc:ID", str(position)),
            _UBL("cbc:LineStatusCode", _STATES.get(line.status)),
            _UBL("cbc:Quantity", _figure(line.quantity), **unit),
            _UBL("cbc:MaximumBackorderQuantity", _figure(_later(line)), **unit),
            _UBL("cac:Delivery", _UBL("cac:PromisedDeliveryPeriod", _UBL("cbc:EndDate", _day(line.promised_on)))),
            _UBL("cac:Price", _UBL("cbc:PriceAmount", _figure(line.unit_price), currencyID=document.currency)),
            _item(line),
        ),
        _substitute(line, position),
        _UBL("cac:OrderLineReference", _UBL("cbc:LineID", None if line.order_line is None else str(line.order_line))),
    )


def _item(line: ResponseLine) -> Element:
    """Return the item, which UBL demands of each line, even where the answer names none."""
    told = _UBL(
        "cac:Item",
        _UBL("cbc:Name", line.description),
        _UBL("cac:BuyersItemIdentification", _UBL("cbc:ID", line.item_number)),
        _UBL("cac:SellersItemIdentification", _UBL("cbc:ID", line.supplier_item_number)),
    )
    return _UBL.empty("cac:Item") if told is None else told


def _substitute(line: ResponseLine, position: int) -> Element:
    if line.substitute is None:
        return None
    item = _UBL("cac:Item", _UBL("cac:SellersItemIdentification", _UBL("cbc:ID", line.substitute)))
    return _UBL("cac:SellerSubstitutedLineItem", _UBL("cbc:ID", str(position)), item)


def _later(line: ResponseLine) -> Decimal | None:
    """Return how much of a backordered line is still to come, None where nobody can say."""
    if line.later is not None:
        return line.later
    if line.status != "backordered" or line.quantity is None or line.ordered is None:
        return None
    return max(line.ordered - line.quantity, Decimal(0))


def _figure(number: Decimal | None) -> str | None:
    return None if number is None else figure(number)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
