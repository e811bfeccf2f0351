"""Documents that people attach: a spreadsheet, a PDF form, a supplier's order confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from io import BytesIO

from openpyxl import Workbook

from buydesk.demo.calendar import german
from templates.glyphs import use_bundled_fonts


@dataclass(frozen=True)
class OrderedItem:
    """One line of an order as its supplier sees it."""

    line_number: int
    description: str
    item_number: str
    quantity: Decimal
    unit_price: Decimal


def request_sheet(needed_by: date) -> bytes:
    """Return a list of monitors as XLSX."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Request"
    for row in (
        ("Purchase request",),
        (),
        ("Cost center", "4100"),
        ("Needed by", needed_by),
        (),
        ("Item no.", "Description", "Quantity", "Unit"),
        ("ITE-4001", "Monitor 27 inch QHD", 6, "piece"),
        ("ITE-4002", "Monitor arm, desk clamp", 6, "piece"),
    ):
        sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def request_form(requester: str, needed_by: date) -> bytes:
    """Return a filled purchase request form as PDF, its values in form fields."""
    fields = (
        ("Requester", requester),
        ("Cost center", "4300"),
        ("Needed by", needed_by.isoformat()),
        ("Justification", "Restocking"),
    )
    rows = (
        ("PAC-5001", "Shipping carton 400 x 300 x 200 mm, bundle of 25", "4", "bundle"),
        ("PAC-5002", "Packing tape 66 m, clear", "36", "roll"),
    )
    head = "".join(
        f'<tr><td>{label}:</td><td><input type="text" name="field-{place}" value="{escape(value)}"></td></tr>'
        for place, (label, value) in enumerate(fields)
    )
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return _pdf(
        f'<h1>Purchase request</h1><table class="head">{head}</table><table><tr><th>Item no.</th><th>Description</th>'
        f"<th>Quantity</th><th>Unit</th></tr>{body}</table>"
    )


def confirmation(number: str, order_number: str, today: date, promised: date, items: Sequence[OrderedItem]) -> bytes:
    """Return the order confirmation of Kolb Labortechnik as PDF, in German."""
    rows = "".join(
        f"<tr><td>{item.line_number}</td><td>{escape(item.item_number)}</td><td>{escape(item.description)}</td>"
        f"<td>{item.quantity}</td><td>{_amount(item.unit_price)}</td>"
        f"<td>{_amount(item.quantity * item.unit_price)}</td></tr>"
        for item in items
    )
    net = sum((item.quantity * item.unit_price for item in items), Decimal(0))
    return _pdf(
        "<p>Kolb Labortechnik AG, Gewerbepark 9, 37079 Göttingen</p>"
        f"<h1>Auftragsbestätigung {escape(number)}</h1>"
        f"<p>Datum: {german(today)}<br>Ihre Bestellung: {escape(order_number)}<br>"
        f"Liefertermin: {german(promised)}</p>"
        "<p>Vielen Dank für Ihre Bestellung, die wir wie folgt bestätigen:</p>"
        "<table><tr><th>Pos.</th><th>Artikelnr.</th><th>Bezeichnung</th><th>Menge</th>"
        f"<th>Einzelpreis EUR</th><th>Gesamt EUR</th></tr>{rows}</table><p>Nettobetrag EUR {_amount(net)}</p>"
    )


def cut_off(document: bytes) -> bytes:
    """Return the first third of ``document``: what an interrupted scan leaves."""
    return document[: len(document) // 3]


def _amount(value: Decimal) -> str:
    """Return an amount as it is written in German: 1.234,50."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def _pdf(body: str) -> bytes:
    use_bundled_fonts()
    from weasyprint import HTML

    style = (
        "<style>body{font:10pt 'Noto Sans'} table{border-collapse:collapse;width:100%}"
        "td,th{border:.5pt solid #666;padding:3pt 5pt;text-align:left}"
        ".head td{border:0} .head{width:70%;margin-bottom:12pt} input{appearance:auto;width:90%}</style>"
    )
    html = HTML(string=f"<html><head>{style}</head><body>{body}</body></html>")
    return bytes(html.write_pdf(pdf_forms=True))
