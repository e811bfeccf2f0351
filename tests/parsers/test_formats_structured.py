"""UBL, Cross Industry, EDIFACT and X12: what each states, and sums that must hold."""

from datetime import date
from decimal import Decimal

from parsers.document import read_document
from parsers.reading import Kind, LineStatus, Response
from records.problems import Code

D = Decimal

ORDER_RESPONSE = """<OrderResponse xmlns="urn:oasis:names:specification:ubl:schema:xsd:OrderResponse-2"
 xmlns:cac="urn:cac" xmlns:cbc="urn:cbc"><cbc:ID>R-1</cbc:ID><cbc:IssueDate>2026-11-27</cbc:IssueDate>
<cbc:OrderResponseCode>CA</cbc:OrderResponseCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:OrderReference><cbc:ID>PO-9</cbc:ID></cac:OrderReference>
<cac:SellerSupplierParty><cac:Party>
<cac:PartyName><cbc:Name>Norvik</cbc:Name></cac:PartyName></cac:Party></cac:SellerSupplierParty>
<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:LineStatusCode>5</cbc:LineStatusCode>
<cbc:Quantity unitCode="EA">4</cbc:Quantity>
<cac:Delivery><cac:PromisedDeliveryPeriod><cbc:StartDate>2026-12-03</cbc:StartDate></cac:PromisedDeliveryPeriod></cac:Delivery>
<cac:Item><cbc:Name>Valve</cbc:Name>
<cac:SellersItemIdentification><cbc:ID>V1</cbc:ID></cac:SellersItemIdentification></cac:Item>
</cac:LineItem></cac:OrderLine>
<cac:OrderLine><cac:LineItem><cbc:ID>2</cbc:ID><cbc:LineStatusCode>3</cbc:LineStatusCode>
<cbc:Quantity unitCode="EA">2</cbc:Quantity>
<cbc:MaximumBackorderQuantity>3</cbc:MaximumBackorderQuantity>
<cac:Item><cbc:Name>Seal</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine>
<cac:OrderLine><cac:LineItem><cbc:ID>3</cbc:ID>
<cbc:LineStatusCode>7</cbc:LineStatusCode><cac:Item><cbc:Name>Pad</cbc:Name></cac:Item>
</cac:LineItem></cac:OrderLine></OrderResponse>"""


def test_a_ubl_order_response_tells_each_line() -> None:
    reading = read_document(ORDER_RESPONSE.encode())
    assert (reading.kind, reading.number, reading.order_numbers) == (Kind.ORDER_RESPONSE, "R-1", ("PO-9",))
    assert (reading.response, reading.supplier_name, reading.currency) == (Response.CHANGED, "Norvik", "EUR")
    assert [line.status for line in reading.lines] == [LineStatus.ACCEPTED, LineStatus.BACKORDERED, LineStatus.REJECTED]
    assert reading.lines[0].promised_on == date(2026, 12, 3)
    assert reading.evidence["/lines/0/quantity"].text == "4"
    assert reading.accepted


def test_received_only_is_no_acceptance() -> None:
    reading = read_document(ORDER_RESPONSE.replace(">CA<", ">AB<").encode())
    assert reading.response is Response.RECEIVED_ONLY


def test_a_substitution_is_a_question() -> None:
    swapped = ORDER_RESPONSE.replace(
        "</cac:LineItem></cac:OrderLine>\n<cac:OrderLine><cac:LineItem><cbc:ID>2",
        "</cac:LineItem><cac:SellerSubstitutedLineItem><cac:Item><cac:SellersItemIdentification><cbc:ID>V0</cbc:ID>"
        "</cac:SellersItemIdentification></cac:Item></cac:SellerSubstitutedLineItem></cac:OrderLine>\n"
        "<cac:OrderLine><cac:LineItem><cbc:ID>2",
    )
    reading = read_document(swapped.encode())
    assert (reading.lines[0].item_number, reading.lines[0].substitute_for) == ("V1", "V0")
    assert not reading.accepted


CII = """<rsm:CrossIndustryInvoice xmlns:rsm="urn:rsm" xmlns:ram="urn:ram" xmlns:udt="urn:udt">
<rsm:ExchangedDocument><ram:ID>F-5</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>
<udt:DateTimeString format="102">20261105</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:IncludedSupplyChainTradeLineItem>
<ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument>
<ram:SpecifiedTradeProduct><ram:SellerAssignedID>HX</ram:SellerAssignedID><ram:Name>Bolt</ram:Name></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>40.00</ram:ChargeAmount>
<ram:BasisQuantity>100</ram:BasisQuantity></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery>
<ram:BilledQuantity unitCode="C62">250</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:SpecifiedTradeSettlementLineMonetarySummation>
<ram:LineTotalAmount>100.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Norvik</ram:Name></ram:SellerTradeParty>
<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-9</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>true</udt:Indicator></ram:ChargeIndicator>
<ram:ActualAmount>10.00</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>100.00</ram:LineTotalAmount>
<ram:TaxBasisTotalAmount>110.00</ram:TaxBasisTotalAmount><ram:TaxTotalAmount>22.00</ram:TaxTotalAmount>
<ram:GrandTotalAmount>132.00</ram:GrandTotalAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def test_a_cross_industry_invoice_adds_up_with_its_charges() -> None:
    reading = read_document(CII.encode())
    assert (reading.kind, reading.number, reading.issued_on) == (Kind.INVOICE, "F-5", date(2026, 11, 5))
    assert (reading.net_total, reading.tax_total, reading.gross_total) == (D("110.00"), D("22.00"), D("132.00"))
    line = reading.lines[0]
    assert (line.item_number, line.quantity, line.unit_price, line.line_total) == ("HX", D(250), D("0.40"), D("100.00"))
    assert reading.accepted


def test_a_sum_that_is_wrong_is_told() -> None:
    reading = read_document(CII.replace(">132.00<", ">133.00<").encode())
    assert [p.code for p in reading.problems] == [Code.TOTALS_DISAGREE]
    assert not reading.accepted


EDIFACT = (
    "UNA:+.? 'UNB+UNOC:3+S+B+261127:0914+1'UNH+1+ORDRSP:D:01B:UN:EAN009'BGM+231+R?'1+4'DTM+137:20261127:102'"
    "RFF+ON:PO-9'NAD+SU+5790::9++Norvik ?+ Son'NAD+BY+5791::9'CUX+2:EUR:9'"
    "LIN+1+5+4000862141404:EN'PIA+5+V1:SA'IMD+F++:::Valve DN50'QTY+113:4:PCE'DTM+67:20261203:102'PRI+AAA:12,50'"
    "LIN+2+7'IMD+F++:::Seal'QTY+21:2:PCE'UNS+S'UNT+15+1'UNZ+1+1'"
)


def test_an_edifact_order_response_is_read_with_its_escapes() -> None:
    reading = read_document(EDIFACT.encode())
    assert (reading.kind, reading.number, reading.order_numbers) == (Kind.ORDER_RESPONSE, "R'1", ("PO-9",))
    assert (reading.response, reading.supplier_name, reading.currency) == (Response.CHANGED, "Norvik + Son", "EUR")
    first, second = reading.lines
    assert (first.item_number, first.quantity, first.unit, first.unit_price) == ("V1", D(4), "pce", D("12.50"))
    assert (first.status, first.promised_on) == (LineStatus.ACCEPTED, date(2026, 12, 3))
    assert second.status is LineStatus.REJECTED


ISA = "ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          *261127*0914*U*00401*000000001*0*P*>~"
X855 = (
    ISA + "GS*PR*S*B*20261127*0914*1*X*004010~"
    "ST*855*0001~BAK*00*AC*PO-9*20261110****R-1*20261127~CUR*SE*USD~N1*SE*Norvik~"
    "PO1*1*10*EA*4.25**VP*V1~PID*F****Valve~"
    "ACK*IB*6*EA*068*20261203~"
    "PO1*2*2*EA*1.00**VP*S1~ACK*IR*2*EA~CTT*2~SE*10*0001~GE*1*1~IEA*1*000000001~"
)


def test_an_x12_acknowledgement_is_read_by_its_lines() -> None:
    reading = read_document(X855.encode())
    assert (reading.kind, reading.number, reading.order_numbers) == (Kind.ORDER_RESPONSE, "R-1", ("PO-9",))
    assert reading.response is None
    first, second = reading.lines
    assert (first.quantity, first.status, first.promised_on) == (D(6), LineStatus.BACKORDERED, date(2026, 12, 3))
    assert second.status is LineStatus.REJECTED
    assert reading.issued_on == date(2026, 11, 27)


def test_an_x12_line_in_two_parts_tells_what_comes_now_and_what_later() -> None:
    told = X855.replace("ACK*IB*6*EA*068*20261203~", "ACK*IA*6*EA*068*20261203~ACK*IB*4*EA*068*20261220~")
    line = read_document(told.encode()).lines[0]
    assert (line.quantity, line.backordered, line.status) == (D(6), D(4), LineStatus.BACKORDERED)


def test_an_x12_invoice_total_has_two_decimals_implied() -> None:
    data = (
        ISA
        + "GS*IN*S*B*20261127*0914*1*X*004010~ST*810*0001~BIG*20261127*I-5**PO-9~"
        + "IT1*1*2*EA*5.00**VP*V1~TDS*1000~SE*5*0001~GE*1*1~IEA*1*1~"
    )
    reading = read_document(data.encode())
    assert (reading.kind, reading.number, reading.gross_total) == (Kind.INVOICE, "I-5", D("10.00"))


def test_unknown_or_broken_xml_is_unreadable() -> None:
    for data in (b"<svg/>", b"<Invoice>", b"<a>" * 100_000, b"<?xml version='1.0'?>"):
        assert [p.code for p in read_document(data).problems] == [Code.UNREADABLE]
