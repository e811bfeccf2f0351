from datetime import date

import pytest

from parsers.assemble import read_pages
from parsers.fields import document_language
from parsers.fields_kind import document_kind
from parsers.fields_labels import find_hits, label_of
from parsers.fields_numbers import number_in
from parsers.page import grid_page, rows_of
from parsers.reading import Kind, Reading
from records.problems import Code

ITEMS = [["Description", "Qty"], ["Pens", "10"]]


def read(*rows: list[str]) -> Reading:
    return read_pages((grid_page([*rows, *ITEMS]),))


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Purchase Requisition PR-1", Kind.REQUISITION),
        ("Bedarfsanforderung", Kind.REQUISITION),
        ("Demande d'achat n° 12", Kind.REQUISITION),
        ("Auftragsbestätigung", Kind.ORDER_RESPONSE),
        ("Conferma d'ordine n. 5", Kind.ORDER_RESPONSE),
        ("Bon de commande", Kind.ORDER),
        ("Lieferschein", Kind.DELIVERY_NOTE),
        ("R E C H N U N G", Kind.INVOICE),
        ("Nota de crédito", Kind.CREDIT_NOTE),
        ("Oferta", Kind.QUOTATION),
        ("Kontoauszug", Kind.STATEMENT),
        ("Notes of the meeting", Kind.OTHER),
    ],
)
def test_a_document_is_what_it_calls_itself(title: str, kind: Kind) -> None:
    assert document_kind(rows_of(grid_page([["Acme Ltd"], [title], *ITEMS]))) is kind


@pytest.mark.parametrize(
    ("text", "field", "rest"),
    [
        ("Invoice No.: 4711", "invoice_number", "4711"),
        ("Nº de factura 12", "invoice_number", "12"),
        ("Factura n.º", "invoice_number", ""),
        ("Ihre Bestellnummer: B-9", "order_number", "B-9"),
        ("Invoice date / tax point: 27/11/2026", "issued_on", "27/11/2026"),
        ("N° de commande : 88", "order_number", "88"),
    ],
)
def test_labels_are_known_in_every_form(text: str, field: str, rest: str) -> None:
    found = label_of(text)
    assert found is not None
    assert found[0][0] == field
    assert found[1].strip(" :") == rest


def test_a_sentence_that_begins_like_a_label_is_none() -> None:
    assert label_of("Invoice items are delivered by our own drivers every Tuesday and Friday morning") is None


def test_values_stand_beside_or_beneath_their_labels() -> None:
    beside = find_hits(rows_of(grid_page([["Cost centre", "4711", "Project", "P-9"]])))
    assert {(h.field, h.text) for h in beside} == {("cost_center", "4711"), ("project", "P-9")}
    beneath = find_hits(rows_of(grid_page([["Invoice No", "Date"], ["R-5", "2026-11-05"]])))
    assert ("invoice_number", "R-5") in {(h.field, h.text) for h in beneath}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4711", "4711"),
        ("RE-2026/5 vom 5.11.2026", "RE-2026/5"),
        ("PO 4711", "PO 4711"),
        ("05.11.2026", None),
        ("see attachment", None),
        ("", None),
    ],
)
def test_a_document_number_has_a_digit_and_is_no_date(text: str, number: str | None) -> None:
    assert number_in(text) == number


def test_fields_of_a_form_are_found() -> None:
    reading = read(
        ["Purchase requisition", ""],
        ["Requisition no.", "PR-17"],
        ["Date", "5 November 2026"],
        ["Required by", "30 November 2026"],
        ["Cost centre", "4711"],
        ["Account code", "6300"],
        ["Deliver to", "Dock 4, Hall B"],
        ["Justification", "Stock is below minimum"],
        ["Suggested supplier", "Aldermoor Supplies Ltd"],
    )
    assert (reading.number, reading.issued_on, reading.needed_by) == ("PR-17", date(2026, 11, 5), date(2026, 11, 30))
    assert (reading.cost_center, reading.account_code, reading.ship_to) == ("4711", "6300", "Dock 4, Hall B")
    assert (reading.justification, reading.supplier_name) == ("Stock is below minimum", "Aldermoor Supplies Ltd")


def test_an_unknown_label_for_a_number_beside_the_title_names_the_document() -> None:
    assert read(["FACTURE"], ["AFFACTUREE N°", "UC-2023"]).number == "UC-2023"
    assert read(["FACTURE"], ["Police N°", "UC-2023"], ["Dossier N°", "77"]).number is None


def test_a_date_that_may_be_two_days_is_a_question() -> None:
    reading = read(["Invoice", ""], ["Invoice no.", "1"], ["Date", "05/11/2026"])
    assert reading.issued_on is None
    assert (Code.AMBIGUOUS_DATE, "/issued_on") in [(p.code, p.at) for p in reading.problems]


def test_another_date_or_the_language_settles_it() -> None:
    reading = read(["Invoice", ""], ["Date", "05/11/2026"], ["Due date", "25/11/2026"])
    assert reading.issued_on == date(2026, 11, 5)
    french = read(
        ["Facture pour votre commande", ""], ["Date de facture", "05/11/2026"], ["Merci de votre commande", "le"]
    )
    assert french.issued_on == date(2026, 11, 5)


def test_nothing_is_invented() -> None:
    reading = read(["Invoice", ""])
    told = (reading.number, reading.issued_on, reading.currency, reading.supplier_name, reading.gross_total)
    assert told == (None,) * 5
    assert not reading.accepted


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Vielen Dank für Ihre Bestellung, wir liefern mit der Post", "de"),
        ("Nous vous remercions pour votre commande et le paiement", "fr"),
        ("Thank you for your order, please pay by the date on the invoice", "en"),
        ("4711 0815", None),
    ],
)
def test_the_language_is_told_by_small_words(text: str, language: str | None) -> None:
    assert document_language(text) == language
