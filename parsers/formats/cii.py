"""UN/CEFACT Cross Industry documents: CII D16B (Factur-X, ZUGFeRD 2), ZUGFeRD 1, Order-X (SCRDM)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from parsers.formats.structured import StructuredLine, price_of_one, structured_reading
from parsers.formats.xml import attribute_at, date_at, local_name, nodes, number_at, text_at
from parsers.reading import Kind, LineStatus, Reading, ReadLine, Response

_KINDS = {
    "380": Kind.INVOICE,
    "381": Kind.CREDIT_NOTE,
    "383": Kind.INVOICE,
    "384": Kind.INVOICE,
    "386": Kind.INVOICE,
    "389": Kind.INVOICE,
    "261": Kind.CREDIT_NOTE,
    "220": Kind.ORDER,
    "230": Kind.ORDER_CHANGE,
    "231": Kind.ORDER_RESPONSE,
    "351": Kind.DESPATCH_ADVICE,
    "310": Kind.QUOTATION,
}
# Status codes of Order-X responses (UNCL 4343) and of its lines (UNCL 1229).
_RESPONSES = {"29": Response.ACCEPTED, "4": Response.CHANGED, "27": Response.REJECTED, "42": Response.RECEIVED_ONLY}
_STATES = {"5": LineStatus.ACCEPTED, "3": LineStatus.CHANGED, "7": LineStatus.REJECTED, "1": LineStatus.CHANGED}
_ZERO = Decimal(0)
# Each place under its names in the current and in the first release.
_DOCUMENT = ("ExchangedDocument", "HeaderExchangedDocument")
_DEAL = ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
_AGREEMENT = ("ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
_DELIVERY = ("ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery")
_SETTLEMENT = ("ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
_SUMMATION = ("SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation")
_LINE_AGREEMENT = ("SpecifiedLineTradeAgreement", "SpecifiedSupplyChainTradeAgreement")
_LINE_DELIVERY = ("SpecifiedLineTradeDelivery", "SpecifiedSupplyChainTradeDelivery")
_LINE_SETTLEMENT = ("SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement")
_LINE_SUM = ("SpecifiedTradeSettlementLineMonetarySummation", "SpecifiedTradeSettlementMonetarySummation")


def read_cii(root: Any) -> Reading:
    """Return what a Cross Industry document says."""
    document, deal = _one(root, _DOCUMENT), _one(root, _DEAL)
    kind = _KINDS.get(text_at(document, "TypeCode") or "") or _kind_of_root(root)
    lines = [_line(node) for node in nodes(deal, "IncludedSupplyChainTradeLineItem")]
    items = [line for line in lines if _is_item(line.line)]
    settlement = _one(deal, _SETTLEMENT)
    return structured_reading(kind, _values(root, document, deal, kind), items, _adjustment(settlement))


class _Nothing(list[Any]):
    """An element that is not there: it has no children."""

    tag = ""


def _one(node: Any, names: tuple[str, ...]) -> Any:
    return next((found for name in names for found in nodes(node, name)), _Nothing())


def _kind_of_root(root: Any) -> Kind:
    name = local_name(root)
    if "OrderResponse" in name:
        return Kind.ORDER_RESPONSE
    if "OrderChange" in name:
        return Kind.ORDER_CHANGE
    return Kind.ORDER if "Order" in name else Kind.INVOICE


def _values(root: Any, document: Any, deal: Any, kind: Kind) -> dict[str, Any]:
    agreement, delivery, settlement = _one(deal, _AGREEMENT), _one(deal, _DELIVERY), _one(deal, _SETTLEMENT)
    number = text_at(document, "ID")
    return {
        "number": number,
        "issued_on": date_at(document, "IssueDateTime/DateTimeString", "IssueDateTime"),
        "order_numbers": _orders(agreement, number, kind),
        "currency": text_at(settlement, "InvoiceCurrencyCode", "OrderCurrencyCode", "TaxCurrencyCode"),
        "supplier_name": text_at(agreement, "SellerTradeParty/Name", "SellerTradeParty/DefinedTradeContact/PersonName"),
        "buyer_name": text_at(agreement, "BuyerTradeParty/Name", "BuyerTradeParty/DefinedTradeContact/PersonName"),
        "ship_to": _address(delivery),
        "needed_by": date_at(delivery, *_REQUESTED),
        "cost_center": text_at(settlement, "ReceivableSpecifiedTradeAccountingAccount/ID"),
        "project": text_at(agreement, "SpecifiedProcuringProject/ID"),
        "response": _RESPONSES.get(text_at(document, "StatusCode") or "") if kind is Kind.ORDER_RESPONSE else None,
        **_totals(_one(settlement, _SUMMATION)),
    }


_REQUESTED = (
    "RequestedDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString",
    "RequestedDeliverySupplyChainEvent/OccurrenceSpecifiedPeriod/EndDateTime/DateTimeString",
)


def _orders(agreement: Any, number: str | None, kind: Kind) -> tuple[str, ...]:
    if kind is Kind.ORDER:
        return (number,) if number else ()
    order = text_at(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID", "BuyerOrderReferencedDocument/ID")
    return (order,) if order else ()


def _address(delivery: Any) -> str | None:
    name = text_at(delivery, "ShipToTradeParty/Name")
    places = ("LineOne", "LineTwo", "PostcodeCode", "CityName")
    lines = [text_at(delivery, f"ShipToTradeParty/PostalTradeAddress/{place}") for place in places]
    return ", ".join(part for part in (name, *lines) if part) or None


def _totals(summation: Any) -> dict[str, Decimal | None]:
    return {
        "net_total": number_at(summation, "TaxBasisTotalAmount", "LineTotalAmount"),
        "tax_total": number_at(summation, "TaxTotalAmount"),
        "gross_total": number_at(summation, "GrandTotalAmount"),
    }


def _adjustment(settlement: Any) -> Decimal:
    total = sum((_signed(item) for item in nodes(settlement, "SpecifiedTradeAllowanceCharge")), _ZERO)
    freight = nodes(settlement, "SpecifiedLogisticsServiceCharge")
    return total + sum((number_at(item, "AppliedAmount") or _ZERO for item in freight), _ZERO)


def _signed(item: Any) -> Decimal:
    amount = number_at(item, "ActualAmount") or _ZERO
    charge = text_at(item, "ChargeIndicator/Indicator", "ChargeIndicator") == "true"
    return amount if charge else -amount


def _is_item(line: ReadLine) -> bool:
    """Return whether a line is one: the first release also has lines that hold a note only."""
    return bool(line.description or line.item_number) or line.quantity is not None or line.line_total is not None


def _line(node: Any) -> StructuredLine:
    agreement, delivery = _one(node, _LINE_AGREEMENT), _one(node, _LINE_DELIVERY)
    settlement, product = _one(node, _LINE_SETTLEMENT), _one(node, ("SpecifiedTradeProduct",))
    price = number_at(agreement, "NetPriceProductTradePrice/ChargeAmount")
    per = number_at(agreement, "NetPriceProductTradePrice/BasisQuantity") or Decimal(1)
    quantity, unit = _quantity(delivery)
    line = ReadLine(
        line_number=text_at(node, "AssociatedDocumentLineDocument/LineID"),
        description=text_at(product, "Name", "Description"),
        item_number=text_at(product, "SellerAssignedID", "BuyerAssignedID", "GlobalID"),
        quantity=quantity,
        unit=unit.lower() if unit else None,
        unit_price=price_of_one(price, per),
        line_total=number_at(_one(settlement, _LINE_SUM), "LineTotalAmount"),
        needed_by=date_at(delivery, *_REQUESTED),
        status=_STATES.get(text_at(node, "AssociatedDocumentLineDocument/LineStatusCode") or ""),
        promised_on=date_at(delivery, *_promised()),
    )
    adjustment = sum((_signed(item) for item in _line_adjustments(settlement)), _ZERO)
    return StructuredLine(line, price, per, adjustment)


def _line_adjustments(settlement: Any) -> Iterator[Any]:
    return nodes(settlement, "SpecifiedTradeAllowanceCharge")


def _promised() -> tuple[str, ...]:
    event = "DespatchSupplyChainEvent"
    return (
        f"{event}/OccurrenceDateTime/DateTimeString",
        f"{event}/OccurrenceSpecifiedPeriod/EndDateTime/DateTimeString",
    )


_QUANTITIES = ("BilledQuantity", "AgreedQuantity", "RequestedQuantity", "DespatchedQuantity")


def _quantity(delivery: Any) -> tuple[Decimal | None, str | None]:
    for name in _QUANTITIES:
        value = number_at(delivery, name)
        if value is not None:
            return value, attribute_at(delivery, name, "unitCode")
    return None, None
