"""Orders as OASIS UBL 2.1: Order, and OrderChange for a later revision.

Where both sides have an electronic address that Peppol knows, an order follows Peppol BIS Ordering 3 and
says so; else, and as a change, it is plain UBL, with mail addresses as endpoints where needed.
What is said of taxes and units in dispatch.orderx holds here too.
"""

from datetime import date
from decimal import Decimal

from dispatch.orderx import trade_term
from dispatch.ubl_party import UBL, Element, electronic_address, party, place, vat, vocabulary
from dispatch.xml_tree import figure, percent
from procurement.order_document import DocumentLine, OrderDocument
from procurement.units import MUTUALLY_DEFINED, standard_unit_code

_PEPPOL = "urn:fdc:peppol.eu:poacc"
_PROFILE = (f"{_PEPPOL}:trns:order:3", f"{_PEPPOL}:bis:ordering:3")  # transaction and process


def ubl_order(document: OrderDocument) -> bytes:
    """Return the order as UBL; a revision after the first as OrderChange with its number in the sequence."""
    changed = document.revision > 1
    name = "OrderChange" if changed else "Order"
    return vocabulary(name).root(
        f"ubl:{name}",
        *_profile(document),
        UBL("cbc:ID", document.number),
        UBL("cbc:IssueDate", document.issued_on.isoformat()),
        UBL("cbc:SequenceNumberID", str(document.revision)) if changed else UBL("cbc:OrderTypeCode", "220"),
        UBL("cbc:Note", " ".join(filter(None, (document.note, *document.terms)))),
        UBL("cbc:DocumentCurrencyCode", document.currency),
        UBL("cbc:CustomerReference", document.requisition),
        UBL("cbc:AccountingCost", document.cost_center),
        UBL("cac:OrderReference", UBL("cbc:ID", document.number)) if changed else None,
        UBL("cac:QuotationDocumentReference", UBL("cbc:ID", document.quotation)),
        UBL("cac:OriginatorDocumentReference", UBL("cbc:ID", document.requisition)),
        UBL("cac:Contract", UBL("cbc:ID", _contract(document))),
        party("cac:BuyerCustomerParty", document.buyer, document.customer_number, taxed=True),
        party("cac:SellerSupplierParty", document.supplier, document.supplier_number),
        party("cac:AccountingCustomerParty", document.bill_to, taxed=True) if document.bill_to else None,
        _delivery(document),
        _delivery_terms(document),
        UBL("cac:PaymentTerms", UBL("cbc:Note", document.payment_terms)),
        UBL("cac:TaxTotal", _amount("cbc:TaxAmount", document.tax_total, document)) if document.taxes else None,
        _totals(document),
        *(_line(document, line) for line in document.lines),
    )


def follows_peppol(document: OrderDocument) -> bool:
    """Return whether the order has what Peppol demands of an Order (transaction T01) beyond UBL.

    That is an electronic address of both sides, and the country of every address.
    """
    places = (document.ship_to, *([document.bill_to] if document.bill_to else []))
    known = all(electronic_address(one) for one in (document.buyer, document.supplier))
    return known and document.revision == 1 and all(one.country for one in places)


def _profile(document: OrderDocument) -> tuple[Element, ...]:
    if not follows_peppol(document):
        return ()
    transaction, process = _PROFILE
    return UBL("cbc:CustomizationID", transaction), UBL("cbc:ProfileID", process)


def _contract(document: OrderDocument) -> str | None:
    contracts = {line.contract for line in document.lines}
    return contracts.pop() if len(contracts) == 1 else None


def _delivery(document: OrderDocument) -> Element:
    there = document.ship_to
    return UBL(
        "cac:Delivery",
        UBL("cac:DeliveryLocation", place("cac:Address", there)),
        _wanted(document.needed_by),
        UBL("cac:DeliveryParty", UBL("cac:PartyName", UBL("cbc:Name", there.name))),
    )


def _wanted(day: date | None) -> Element:
    told = day.isoformat() if day else None
    return UBL("cac:RequestedDeliveryPeriod", UBL("cbc:StartDate", told), UBL("cbc:EndDate", told))


def _delivery_terms(document: OrderDocument) -> Element:
    return UBL(
        "cac:DeliveryTerms",
        UBL("cbc:ID", trade_term(document)),
        UBL("cbc:SpecialTerms", document.delivery_terms),
    )


def _totals(document: OrderDocument) -> Element:
    taxed = bool(document.taxes)
    return UBL(
        "cac:AnticipatedMonetaryTotal",
        _amount("cbc:LineExtensionAmount", document.net_total, document),
        _amount("cbc:TaxExclusiveAmount", document.net_total, document),
        _amount("cbc:TaxInclusiveAmount", document.gross_total, document) if taxed else None,
        _amount("cbc:PayableAmount", document.gross_total, document),
    )


def _line(document: OrderDocument, line: DocumentLine) -> Element:
    code = standard_unit_code(line.unit)
    unit = code or MUTUALLY_DEFINED
    notes = (line.note, None if code else f"{MUTUALLY_DEFINED} = {line.unit}")
    wanted = line.needed_by or document.needed_by
    return UBL(
        "cac:OrderLine",
        UBL("cbc:Note", " ".join(filter(None, notes))),
        UBL(
            "cac:LineItem",
            UBL("cbc:ID", str(line.line_number)),
            UBL("cbc:Quantity", figure(line.quantity), unitCode=unit),
            _amount("cbc:LineExtensionAmount", line.line_total, document),
            UBL("cac:Delivery", _wanted(wanted)),
            UBL(
                "cac:Price",
                UBL("cbc:PriceAmount", figure(line.unit_price), currencyID=document.currency),
                UBL("cbc:BaseQuantity", "1", unitCode=unit),
            ),
            _item(line),
        ),
    )


def _item(line: DocumentLine) -> Element:
    return UBL(
        "cac:Item",
        UBL("cbc:Name", line.description),
        UBL("cac:BuyersItemIdentification", UBL("cbc:ID", line.item_number)),
        UBL("cac:SellersItemIdentification", UBL("cbc:ID", line.supplier_item_number)),
        _tax(line.tax_rate),
    )


def _tax(rate: Decimal | None) -> Element:
    if not rate:
        return None
    return UBL("cac:ClassifiedTaxCategory", UBL("cbc:ID", "S"), UBL("cbc:Percent", percent(rate)), vat())


def _amount(name: str, amount: Decimal, document: OrderDocument) -> Element:
    return UBL(name, f"{amount:f}", currencyID=document.currency)
