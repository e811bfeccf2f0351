"""Orders as Order-X 1.0 (FNFE-MPE and FeRD), profile COMFORT: UN/CEFACT SCRDM Cross Industry Order.

Only what the order states is written. A tax rate of zero names no category: which of the reasons for it
applies is not known to the buyer's desk. A unit without a code of UN/ECE Recommendation 20 is ``ZZ``
(mutually defined) and told in a note of its line.
"""

from decimal import Decimal

from lxml import etree

from dispatch.postal import postal
from dispatch.xml_tree import Vocabulary, compact, figure, percent
from procurement.order_document import DocumentLine, OrderDocument, Party
from procurement.units import MUTUALLY_DEFINED, standard_unit_code
from templates.language import supported, words

FILE_NAME = "order-x.xml"
GUIDELINE = "urn:order-x.eu:1p0:comfort"
# UNTDID 4053, as Order-X takes it: the trade terms that delivery terms may begin with.
TRADE_TERMS = frozenset("CFR CIF CIP CPT DAP DAT DDP EXW FAS FCA FOB".split())
_STANDARD = "urn:un:unece:uncefact:data:standard"
_CIO = Vocabulary(
    {
        "rsm": "urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100",
        "ram": f"{_STANDARD}:ReusableAggregateBusinessInformationEntity:128",
        "udt": f"{_STANDARD}:UnqualifiedDataType:128",
        "qdt": f"{_STANDARD}:QualifiedDataType:128",
    }
)
_Element = etree._Element | None


def order_x(document: OrderDocument) -> bytes:
    """Return the order (UNTDID 1001: 220; a later revision: 230, order change) as Order-X."""
    return _CIO.root(
        "rsm:SCRDMCCBDACIOMessageStructure",
        _context(),
        _head(document),
        _CIO(
            "rsm:SupplyChainTradeTransaction",
            *(_line(document, line) for line in document.lines),
            _agreement(document),
            _delivery(document),
            _settlement(document),
        ),
    )


def _context() -> _Element:
    return _CIO(
        "rsm:ExchangedDocumentContext",
        _CIO("ram:TestIndicator", _CIO("udt:Indicator", "false")),
        _CIO("ram:BusinessProcessSpecifiedDocumentContextParameter", _CIO("ram:ID", "A1")),
        _CIO("ram:GuidelineSpecifiedDocumentContextParameter", _CIO("ram:ID", GUIDELINE)),
    )


def _head(document: OrderDocument) -> _Element:
    changed = document.revision > 1
    notes = (document.note, *document.terms, None if trade_term(document) else document.delivery_terms)
    return _CIO(
        "rsm:ExchangedDocument",
        _CIO("ram:ID", document.number),
        _CIO("ram:Name", str(words("print", supported(document.language))["title"])),
        _CIO("ram:TypeCode", "230" if changed else "220"),
        _date("ram:IssueDateTime", compact(document.issued_on)),
        _CIO("ram:PurposeCode", "4" if changed else "9"),
        _CIO("ram:RequestedResponseTypeCode", "AC"),
        *(_CIO("ram:IncludedNote", _CIO("ram:Content", note)) for note in notes if note),
    )


def _line(document: OrderDocument, line: DocumentLine) -> _Element:
    wanted = line.needed_by or document.needed_by
    unit = standard_unit_code(line.unit)
    words_of_unit = None if unit else f"{MUTUALLY_DEFINED} = {line.unit}"
    code = unit or MUTUALLY_DEFINED
    notes = [_CIO("ram:IncludedNote", _CIO("ram:Content", note)) for note in (line.note, words_of_unit) if note]
    return _CIO(
        "ram:IncludedSupplyChainTradeLineItem",
        _CIO("ram:AssociatedDocumentLineDocument", _CIO("ram:LineID", str(line.line_number)), *notes),
        _CIO(
            "ram:SpecifiedTradeProduct",
            _CIO("ram:SellerAssignedID", line.supplier_item_number),
            _CIO("ram:BuyerAssignedID", line.item_number),
            _CIO("ram:Name", line.description),
        ),
        _CIO(
            "ram:SpecifiedLineTradeAgreement",
            _CIO(
                "ram:NetPriceProductTradePrice",
                _CIO("ram:ChargeAmount", figure(line.unit_price)),
                _CIO("ram:BasisQuantity", "1", unitCode=code),
            ),
        ),
        _CIO(
            "ram:SpecifiedLineTradeDelivery",
            _CIO("ram:RequestedQuantity", figure(line.quantity), unitCode=code),
            _event(compact(wanted)) if wanted else None,
        ),
        _CIO(
            "ram:SpecifiedLineTradeSettlement",
            _tax(line.tax_rate),
            _CIO(
                "ram:SpecifiedTradeSettlementLineMonetarySummation", _CIO("ram:LineTotalAmount", f"{line.line_total:f}")
            ),
        ),
    )


def _tax(rate: Decimal | None) -> _Element:
    if not rate:
        return None
    return _CIO(
        "ram:ApplicableTradeTax",
        _CIO("ram:TypeCode", "VAT"),
        _CIO("ram:CategoryCode", "S"),
        _CIO("ram:RateApplicablePercent", percent(rate)),
    )


def _agreement(document: OrderDocument) -> _Element:
    contracts = {line.contract for line in document.lines}
    contract = contracts.pop() if len(contracts) == 1 else None
    replaced = document.number if document.revision > 1 else None
    return _CIO(
        "ram:ApplicableHeaderTradeAgreement",
        _CIO("ram:BuyerReference", document.requisition),
        _party("ram:SellerTradeParty", document.supplier, document.supplier_number),
        _party("ram:BuyerTradeParty", document.buyer, document.customer_number),
        _terms(document),
        _reference("ram:BuyerOrderReferencedDocument", replaced),
        _reference("ram:QuotationReferencedDocument", document.quotation),
        _reference("ram:ContractReferencedDocument", contract),
        _reference("ram:RequisitionReferencedDocument", document.requisition),
    )


def trade_term(document: OrderDocument) -> str | None:
    """Return the trade term (Incoterms) that the delivery terms begin with, None where they begin otherwise."""
    first = (document.delivery_terms or "").split(" ", 1)[0].upper().strip(",:;")
    return first if first in TRADE_TERMS else None


def _terms(document: OrderDocument) -> _Element:
    if not (term := trade_term(document)):
        return None
    return _CIO(
        "ram:ApplicableTradeDeliveryTerms",
        _CIO("ram:DeliveryTypeCode", term),
        _CIO("ram:Description", document.delivery_terms),
    )


def _reference(name: str, number: str | None) -> _Element:
    return _CIO(name, _CIO("ram:IssuerAssignedID", number))


def _party(name: str, party: Party, number: str | None = None) -> _Element:
    tax = (party.tax_number or "").replace(" ", "")
    return _CIO(
        name,
        _CIO("ram:ID", number),
        _CIO("ram:Name", party.name),
        None if party.country else _CIO("ram:Description", ", ".join(party.address)),
        _contact(party),
        _address(party) if party.country else None,
        _CIO("ram:URIUniversalCommunication", _CIO("ram:URIID", party.email, schemeID="EM")),
        _CIO("ram:SpecifiedTaxRegistration", _CIO("ram:ID", tax, schemeID="VA" if tax[:2].isalpha() else "FC")),
    )


def _contact(party: Party) -> _Element:
    if not (party.contact_name or party.phone):
        return None
    return _CIO(
        "ram:DefinedTradeContact",
        _CIO("ram:PersonName", party.contact_name),
        _CIO("ram:TelephoneUniversalCommunication", _CIO("ram:CompleteNumber", party.phone)),
        _CIO("ram:EmailURIUniversalCommunication", _CIO("ram:URIID", party.email)),
    )


def _address(party: Party) -> _Element:
    place = postal(party)
    one, two, *more = (*place.lines, "", "")
    return _CIO(
        "ram:PostalTradeAddress",
        _CIO("ram:PostcodeCode", place.postcode),
        _CIO("ram:LineOne", one),
        _CIO("ram:LineTwo", two),
        _CIO("ram:LineThree", ", ".join(filter(None, more))),
        _CIO("ram:CityName", place.city),
        _CIO("ram:CountryID", (party.country or "").upper()),
    )


def _delivery(document: OrderDocument) -> _Element:
    return _CIO(
        "ram:ApplicableHeaderTradeDelivery",
        _party("ram:ShipToTradeParty", document.ship_to),
        _event(compact(document.needed_by)) if document.needed_by else None,
    )


def _settlement(document: OrderDocument) -> _Element:
    taxed = bool(document.taxes)
    return _CIO(
        "ram:ApplicableHeaderTradeSettlement",
        _CIO("ram:OrderCurrencyCode", document.currency),
        _party("ram:InvoiceeTradeParty", document.bill_to) if document.bill_to else None,
        _CIO("ram:SpecifiedTradePaymentTerms", _CIO("ram:Description", document.payment_terms)),
        _CIO(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            _CIO("ram:LineTotalAmount", f"{document.net_total:f}"),
            _CIO("ram:TaxBasisTotalAmount", f"{document.net_total:f}"),
            _CIO("ram:TaxTotalAmount", f"{document.tax_total:f}", currencyID=document.currency) if taxed else None,
            _CIO("ram:GrandTotalAmount", f"{document.gross_total:f}") if taxed else None,
        ),
        _CIO("ram:ReceivableSpecifiedTradeAccountingAccount", _CIO("ram:ID", document.cost_center)),
    )


def _event(day: str) -> _Element:
    return _CIO("ram:RequestedDeliverySupplyChainEvent", _date("ram:OccurrenceDateTime", day))


def _date(name: str, day: str) -> _Element:
    return _CIO(name, _CIO("udt:DateTimeString", day, format="102"))
