"""The whole loop on real servers: ordered, received by mail, billed by Factur-X, handed over."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pikepdf

from records.blobs import Blobs
from records.database import Database
from scheduler.pipeline import MOVES, pipeline
from scheduler.runner import Runner
from tests.journeys.people import in_days
from tests.journeys.world import Desk
from tests.parsers.paper import print_pdf
from tests.servers.border import Border
from tests.servers.dovecot import Dovecot

CII = """<rsm:CrossIndustryInvoice xmlns:rsm="urn:rsm" xmlns:ram="urn:ram" xmlns:udt="urn:udt"><rsm:ExchangedDocument>
<ram:ID>HG-2026-77</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime><udt:DateTimeString format="102">20261120
</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID>
</ram:AssociatedDocumentLineDocument><ram:SpecifiedTradeProduct><ram:SellerAssignedID>HG-7</ram:SellerAssignedID>
<ram:Name>Nitrile gloves, size M</ram:Name></ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement>
<ram:NetPriceProductTradePrice><ram:ChargeAmount>8.00</ram:ChargeAmount></ram:NetPriceProductTradePrice>
</ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>
<ram:BilledQuantity unitCode="XBX">10</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:SpecifiedTradeSettlementLineMonetarySummation>
<ram:LineTotalAmount>80.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>
</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem><ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Handmade Gloves Ltd</ram:Name></ram:SellerTradeParty><ram:BuyerOrderReferencedDocument>
<ram:IssuerAssignedID>{order}</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/><ram:ApplicableHeaderTradeSettlement>
<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode><ram:SpecifiedTradeSettlementHeaderMonetarySummation>
<ram:LineTotalAmount>80.00</ram:LineTotalAmount><ram:TaxBasisTotalAmount>80.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount>15.20</ram:TaxTotalAmount><ram:GrandTotalAmount>95.20</ram:GrandTotalAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""
PAGE = """<h1>Invoice HG-2026-77</h1><p>Handmade Gloves Ltd</p><p>Date: 20 November 2026</p><p>Your order: {order}</p>
<table><tr><th>Pos</th><th>Item</th><th>Description</th><th>Quantity</th><th>Unit</th><th>Price</th><th>Total</th></tr>
<tr><td>1</td><td>HG-7</td><td>Nitrile gloves, size M</td><td>10</td><td>box</td><td>8.00</td><td>80.00</td></tr>
</table>
<p>Net total EUR 80.00</p><p>VAT 19% EUR 15.20</p><p>Total EUR 95.20</p>"""


def factur_x(order: str) -> bytes:
    """Return the glove maker's invoice as a PDF with its data inside."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(print_pdf(PAGE.format(order=order)))) as pdf:
        data = CII.format(order=order).encode()
        pdf.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(pdf, data, mime_type="text/xml")
        pdf.save(out)
    return out.getvalue()


def test_what_was_ordered_comes_is_billed_and_handed_over(
    sqlite_database: Database, blobs: Blobs, dovecot: Dovecot, border: Border, tmp_path: Path
) -> None:
    desk = Desk(sqlite_database, blobs, dovecot, border)
    world = replace(desk.world, accounts_payable=tmp_path / "out")
    desk.runner = Runner(desk.database, pipeline(world), MOVES)
    text = f"Please order 10 boxes of nitrile gloves, size M (G-100), cost centre 4711, by {in_days(21)}."
    desk.write(desk.person("ada"), "Gloves", text)
    desk.work()
    desk.answer(desk.person("olga"), desk.inbox(desk.person("olga"))[-1], "Approved")
    desk.work()
    desk.answer(desk.glover, desk.inbox(desk.glover)[-1], "Thank you, we confirm your order as written.\n\nJan")
    desk.work()
    told = next(mail for mail in reversed(desk.inbox(desk.person("ada"))) if "PO-" in mail.subject)
    desk.answer(desk.person("ada"), told, "Everything has arrived, thank you.")
    desk.work()
    with desk.rows() as session:
        order = desk.orders(session)[0]
        assert (order.receipt, order.billing) == ("full", "none")
        number = order.number or ""
    mail = desk.compose(desk.glover, f"Invoice HG-2026-77 for {number}", "Please find our invoice attached.")
    mail.add_attachment(factur_x(number), maintype="application", subtype="pdf", filename="invoice.pdf")
    border.submit(desk.glover, desk.address, mail.as_bytes().replace(b"\n", b"\r\n"))
    desk.work()
    with desk.rows() as session:
        assert [item.problems for item in desk.held(session)] == []
        order = desk.orders(session)[0]
        assert (order.state, order.receipt, order.billing) == ("closed", "full", "full")
        assert desk.requisition(session).state == "closed"
    (package,) = (tmp_path / "out" / desk.slug).glob("[!.]*")
    data = json.loads((package / "invoice.json").read_bytes())
    assert (data["verdict"], data["document"]["number"], data["order"]["number"]) == ("match", "HG-2026-77", number)
    assert (package / "original-invoice.pdf").read_bytes().startswith(b"%PDF-")
