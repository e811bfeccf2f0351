"""Invoices and receipts as suppliers and requesters would send them, for tests."""

from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from tests.paper_desk import BORDER, PaperDesk

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_LINE = """<cac:{kind}Line><cbc:ID>{place}</cbc:ID><cbc:{counted} unitCode="{unit}">{quantity}</cbc:{counted}>
<cbc:LineExtensionAmount currencyID="EUR">{total}</cbc:LineExtensionAmount><cac:Item><cbc:Name>{name}</cbc:Name>
{number}</cac:Item><cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount></cac:Price>
</cac:{kind}Line>"""
_NUMBER = "<cac:SellersItemIdentification><cbc:ID>{}</cbc:ID></cac:SellersItemIdentification>"
Line = tuple[str, str, str, str, str]  # item number, name, quantity, unit, price
GLOVES: Line = ("HG-7", "Nitrile gloves, size M, box of 100", "10", "XBX", "8.00")


def ubl(
    number: str,
    order: str,
    lines: list[Line],
    *,
    kind: str = "Invoice",
    day: str = "2026-11-20",
    currency: str = "EUR",
    freight: str = "0",
    tax: str | None = None,
) -> bytes:
    """Return a UBL invoice or credit note with 19 % tax on everything."""
    counted = "InvoicedQuantity" if kind == "Invoice" else "CreditedQuantity"
    sums = [(Decimal(line[2]) * Decimal(line[4])).quantize(Decimal("0.01")) for line in lines]
    net = sum(sums, Decimal(freight))
    taxed = Decimal(tax) if tax else (net * Decimal("0.19")).quantize(Decimal("0.01"))
    rows = "".join(
        _LINE.format(
            kind=kind,
            counted=counted,
            place=place,
            unit=unit,
            quantity=quantity,
            total=total,
            name=name,
            number=_NUMBER.format(item) if item else "",
            price=price,
        )
        for place, ((item, name, quantity, unit, price), total) in enumerate(zip(lines, sums, strict=True), 1)
    )
    charge = (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>"
        f'<cbc:Amount currencyID="EUR">{freight}</cbc:Amount></cac:AllowanceCharge>'
        if Decimal(freight)
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{UBL}:{kind}-2" xmlns:cac="{UBL}:CommonAggregateComponents-2" xmlns:cbc="{UBL}:CommonBasicComponents-2">
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate><cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>{charge}
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{taxed}</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">{net - Decimal(freight)}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{net + taxed}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{net + taxed}</cbc:PayableAmount></cac:LegalMonetaryTotal>
{rows}</{kind}>""".encode()


def bill(desk: PaperDesk, document: bytes, sender: str = "", *, text: str = "Please find our invoice attached.") -> int:
    """Put in a supplier's mail with a bill attached, do what is due, and return the message's id."""
    sender = sender or desk.glover
    mail = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    mail["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from={domain}"
    mail["Received"] = f"from out.example by {BORDER}; Mon, 2 Mar 2026 10:00:00 +0000"
    mail["From"], mail["To"], mail["Subject"] = sender, desk.address, "Invoice"
    mail["Date"], mail["Message-ID"] = desk.clock.now, make_msgid(domain=domain)
    mail.set_content(text)
    mail.add_attachment(document, maintype="application", subtype="xml", filename="invoice.xml")
    row_id = desk.deliver(mail.as_bytes())
    desk.work()
    return row_id


def number_of(desk: PaperDesk) -> str:
    """Return the number of the only order."""
    with desk.rows() as session:
        return desk.orders(session)[0].number or ""
