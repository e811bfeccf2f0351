"""OASIS UBL 2.1 documents, as Peppol profiles them (OrderResponse: T76 and T116)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from parsers.formats.structured import StructuredLine, price_of_one, structured_reading
from parsers.formats.xml import attribute_at, date_at, local_name, nodes, number_at, text_at
from parsers.reading import Kind, LineStatus, Reading, ReadLine, Response
from records.problems import Code, Problem

DOCUMENTS = {
    "Order": Kind.ORDER,
    "OrderChange": Kind.ORDER_CHANGE,
    "OrderCancellation": Kind.ORDER_CANCELLATION,
    "OrderResponse": Kind.ORDER_RESPONSE,
    "OrderResponseSimple": Kind.ORDER_RESPONSE,
    "Invoice": Kind.INVOICE,
    "CreditNote": Kind.CREDIT_NOTE,
    "DespatchAdvice": Kind.DESPATCH_ADVICE,
    "ReceiptAdvice": Kind.RECEIPT_ADVICE,
    "Quotation": Kind.QUOTATION,
    "RequestForQuotation": Kind.OTHER,
    "Statement": Kind.STATEMENT,
}
# UNCL 4343 as Peppol uses it; AB says no more than that the order has arrived.
_RESPONSES = {"AP": Response.ACCEPTED, "CA": Response.CHANGED, "RE": Response.REJECTED, "AB": Response.RECEIVED_ONLY}
# UNCL 1229 line states: 1 added, 3 changed, 5 accepted, 7 rejected, 42 already delivered.
_STATES = {"1": LineStatus.CHANGED, "3": LineStatus.CHANGED, "5": LineStatus.ACCEPTED, "7": LineStatus.REJECTED}
_CORRECTIONS = frozenset({"381", "83", "396", "532"})
_LINES = (
    "OrderLine/LineItem",
    "InvoiceLine",
    "CreditNoteLine",
    "DespatchLine",
    "ReceiptLine",
    "QuotationLine/LineItem",
)
_ZERO = Decimal(0)


def read_ubl(root: Any) -> Reading:
    """Return what a UBL document says."""
    kind = DOCUMENTS[local_name(root)]
    if kind is Kind.INVOICE and text_at(root, "InvoiceTypeCode") in _CORRECTIONS:
        kind = Kind.CREDIT_NOTE
    lines = [_line(node, line) for path in _LINES for node, line in _line_nodes(root, path)]
    problems = list(_substitutions(root))
    return structured_reading(kind, _values(root, kind), lines, _adjustment(root), problems)


def _line_nodes(root: Any, path: str) -> Iterator[tuple[Any, Any]]:
    outer, _, inner = path.partition("/")
    for node in nodes(root, outer):
        for line in nodes(node, inner) if inner else [node]:
            yield node, line


def _values(root: Any, kind: Kind) -> dict[str, Any]:
    total = next((t for name in _TOTALS for t in nodes(root, name)), None)
    return {
        "number": text_at(root, "ID"),
        "issued_on": date_at(root, "IssueDate"),
        "order_numbers": _orders(root, kind),
        "currency": text_at(root, "DocumentCurrencyCode", "PricingCurrencyCode"),
        "supplier_name": _party(root, "SellerSupplierParty", "AccountingSupplierParty", "DespatchSupplierParty"),
        "buyer_name": _party(root, "BuyerCustomerParty", "AccountingCustomerParty", "DeliveryCustomerParty"),
        "ship_to": _address(root),
        "needed_by": date_at(root, *_needed_paths("Delivery/")),
        "cost_center": text_at(root, "AccountingCostCode", "AccountingCost"),
        "project": text_at(root, "ProjectReference/ID"),
        "response": _response(root, kind),
        "tracking_number": text_at(root, "Shipment/Consignment/ID", "Shipment/ID"),
        "carrier": text_at(root, "Shipment/Consignment/CarrierParty/PartyName/Name"),
        **(_totals(root, total) if total is not None else {}),
    }


_TOTALS = ("LegalMonetaryTotal", "AnticipatedMonetaryTotal", "QuotedMonetaryTotal")


def _totals(root: Any, total: Any) -> dict[str, Decimal | None]:
    net = number_at(total, "TaxExclusiveAmount")
    if net is None and (lines := number_at(total, "LineExtensionAmount")) is not None:
        net = lines + _adjustment(root)
    tax = number_at(root, "TaxTotal/TaxAmount")
    return {"net_total": net, "tax_total": tax, "gross_total": _gross(total)}


def _gross(total: Any) -> Decimal | None:
    gross = number_at(total, "TaxInclusiveAmount")
    if gross is not None:
        return gross
    payable = number_at(total, "PayableAmount")
    if payable is None:
        return None
    prepaid, rounding = number_at(total, "PrepaidAmount") or _ZERO, number_at(total, "PayableRoundingAmount") or _ZERO
    return payable + prepaid - rounding


def _adjustment(node: Any) -> Decimal:
    """Return what charges add to and allowances take from ``node``."""
    total = _ZERO
    for item in nodes(node, "AllowanceCharge"):
        amount = number_at(item, "Amount") or _ZERO
        total += amount if text_at(item, "ChargeIndicator") == "true" else -amount
    return total


def _orders(root: Any, kind: Kind) -> tuple[str, ...]:
    if kind is Kind.ORDER:
        number = text_at(root, "ID")
        return (number,) if number else ()
    found = [t for n in nodes(root, "OrderReference") if (t := text_at(n, "ID"))]
    found += [t for n in nodes(root, "OrderDocumentReference") if (t := text_at(n, "ID"))]
    lines = ("DespatchLine/OrderLineReference/OrderReference", "InvoiceLine/OrderLineReference/OrderReference")
    found += [t for path in lines for n in nodes(root, path) if (t := text_at(n, "ID"))]
    return tuple(dict.fromkeys(number for number in found if number not in ("NA", "-")))


def _party(root: Any, *names: str) -> str | None:
    paths = ("Party/PartyName/Name", "Party/PartyLegalEntity/RegistrationName", "Party/Contact/Name")
    return next((t for name in names for path in paths if (t := text_at(root, f"{name}/{path}"))), None)


def _address(root: Any) -> str | None:
    for path in ("Delivery/DeliveryLocation/Address", "Delivery/DeliveryAddress", "Shipment/Delivery/DeliveryAddress"):
        for node in nodes(root, path):
            names = ("StreetName", "AdditionalStreetName", "PostalZone", "CityName")
            parts = [text_at(root, "Delivery/DeliveryParty/PartyName/Name"), *(text_at(node, name) for name in names)]
            return ", ".join(part for part in parts if part) or None
    return None


def _response(root: Any, kind: Kind) -> Response | None:
    if kind is not Kind.ORDER_RESPONSE:
        return None
    simple = text_at(root, "AcceptedIndicator")
    if simple:
        return Response.ACCEPTED if simple == "true" else Response.REJECTED
    return _RESPONSES.get(text_at(root, "OrderResponseCode") or "")


def _needed_paths(lead: str) -> tuple[str, ...]:
    return (
        f"{lead}RequestedDeliveryPeriod/EndDate",
        f"{lead}RequestedDeliveryPeriod/StartDate",
        f"{lead}LatestDeliveryDate",
        "RequestedDeliveryPeriod/EndDate",
    )


def _line(outer: Any, node: Any) -> StructuredLine:
    per = number_at(node, "Price/BaseQuantity") or Decimal(1)
    price = number_at(node, "Price/PriceAmount")
    quantity, unit = _quantity(node)
    item, replaced = _items(outer, node)
    line = ReadLine(
        line_number=text_at(outer, "OrderLineReference/LineID") if outer is not node else text_at(node, "ID"),
        description=text_at(item, "Name", "Description") if item is not None else None,
        item_number=_item_number(item) if item is not None else None,
        quantity=quantity,
        unit=unit.lower() if unit else None,
        unit_price=price_of_one(price, per),
        line_total=number_at(node, "LineExtensionAmount"),
        needed_by=date_at(node, *_needed_paths("Delivery/")),
        status=_status(node),
        promised_on=_promised(node),
        backordered=_later(node),
        substitute_for=_item_number(replaced) if replaced is not None else None,
    )
    if line.line_number is None:
        line = _numbered(line, node)
    return StructuredLine(line, price, per, _adjustment(node))


def _numbered(line: ReadLine, node: Any) -> ReadLine:
    import dataclasses

    return dataclasses.replace(line, line_number=text_at(node, "ID"))


_QUANTITIES = ("InvoicedQuantity", "CreditedQuantity", "DeliveredQuantity", "ReceivedQuantity", "Quantity")


def _quantity(node: Any) -> tuple[Decimal | None, str | None]:
    for name in _QUANTITIES:
        value = number_at(node, name)
        if value is not None:
            return value, attribute_at(node, name, "unitCode")
    return None, None


def _items(outer: Any, node: Any) -> tuple[Any, Any]:
    """Return the item of the line and the item it replaces, None where nothing is replaced."""
    item = next(nodes(node, "Item"), None)
    other = next(nodes(outer, "SellerSubstitutedLineItem/Item"), None) if outer is not node else None
    if other is None:
        return item, None
    return (other, item) if _is_described(other) else (item, other)


def _is_described(item: Any) -> bool:
    """Return whether an item is told as one on offer: with its GTIN or its tax."""
    return any(local_name(child) in ("StandardItemIdentification", "ClassifiedTaxCategory") for child in item)


def _substitutions(root: Any) -> Iterator[Problem]:
    for index, line in enumerate(nodes(root, "OrderLine")):
        if any(True for _ in nodes(line, "SellerSubstitutedLineItem")):
            detail = "Suppliers use the substitution of this line both ways: a person compares it with the order."
            yield Problem(Code.LOW_CONFIDENCE, detail, f"/lines/{index}/substitute_for")


def _item_number(item: Any) -> str | None:
    return text_at(item, "SellersItemIdentification/ID", "BuyersItemIdentification/ID", "StandardItemIdentification/ID")


def _status(node: Any) -> LineStatus | None:
    status = _STATES.get(text_at(node, "LineStatusCode") or "")
    return LineStatus.BACKORDERED if _later(node) is not None and status is LineStatus.CHANGED else status


def _later(node: Any) -> Decimal | None:
    """Return how much comes later: as told for certain, else at most."""
    certain = number_at(node, "BackorderQuantity")
    return number_at(node, "MaximumBackorderQuantity") if certain is None else certain


def _promised(node: Any) -> date | None:
    return date_at(node, "Delivery/PromisedDeliveryPeriod/EndDate", "Delivery/PromisedDeliveryPeriod/StartDate")
