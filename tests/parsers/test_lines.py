"""Tables as gridded pages or aligned text: headers, anchors, sums and what stays a question."""

from decimal import Decimal

import pytest

from parsers.assemble import read_pages
from parsers.formats.text_table import read_text_tables
from parsers.page import grid_page
from parsers.reading import Kind, LineStatus, Reading, ReadLine
from records.problems import Code


def read(*rows: list[str]) -> Reading:
    return read_pages((grid_page(rows),))


def figures(reading: Reading) -> list[tuple[str | None, Decimal | None, Decimal | None]]:
    return [(line.description, line.quantity, line.line_total) for line in reading.lines]


def test_a_header_below_other_rows_is_found_and_subtotals_are_no_items() -> None:
    reading = read(
        ["Purchase requisition", "", ""],
        ["Cost centre", "4711", ""],
        ["Description", "Qty", "Amount"],
        ["Office", "", ""],
        ["Pens", "10", "12.50"],
        ["Subtotal", "", "12.50"],
        ["Workshop", "", ""],
        ["Gloves", "4", "8.00"],
        ["Total", "", "20.50"],
    )
    assert figures(reading) == [("Pens", Decimal(10), Decimal("12.50")), ("Gloves", Decimal(4), Decimal("8.00"))]
    assert reading.cost_center == "4711"
    assert reading.kind is Kind.REQUISITION


def test_a_number_that_nothing_settles_is_a_question() -> None:
    reading = read(["Purchase requisition"], ["Description", "Qty"], ["Sand", "1.250"])
    assert reading.lines[0].quantity is None
    assert (Code.AMBIGUOUS_NUMBER, "/lines/0/quantity") in [(p.code, p.at) for p in reading.problems]
    assert not reading.accepted


def test_the_other_numbers_of_the_document_settle_it() -> None:
    german = read(["Bedarfsanforderung"], ["Bezeichnung", "Menge", "Einzelpreis"], ["Sand", "1.250", "0,80"])
    assert german.lines[0].quantity == Decimal(1250)
    english = read(["Purchase requisition"], ["Description", "Qty", "Unit price"], ["Sand", "1.250", "0.80"])
    assert english.lines[0].quantity == Decimal("1.250")


def test_the_product_settles_a_number_where_only_one_meaning_fits() -> None:
    reading = read(["Invoice"], ["Description", "Qty", "Unit price", "Amount"], ["Sand", "1.250", "2", "2.5"])
    assert reading.lines[0].quantity == Decimal("1.250")


def test_one_meaning_is_no_guess_where_both_products_fit() -> None:
    reading = read(["Invoice"], ["Description", "Qty", "Unit price", "Amount"], ["Sand", "1.250", "2", "2.500"])
    assert reading.lines[0].quantity is None


def test_a_total_that_is_not_quantity_times_price_is_told() -> None:
    reading = read(["Invoice"], ["Description", "Qty", "Unit price", "Amount"], ["Sand", "3", "2.00", "7.00"])
    assert Code.TOTALS_DISAGREE in [p.code for p in reading.problems]


@pytest.mark.parametrize(
    ("discount", "total", "agrees"), [("10 %", "18.00", True), ("10 %", "20.00", True), ("10 %", "19.00", False)]
)
def test_a_discount_explains_a_lower_total(discount: str, total: str, agrees: bool) -> None:
    reading = read(
        ["Invoice"], ["Description", "Qty", "Unit price", "Discount", "Amount"], ["Oil", "2", "10.00", discount, total]
    )
    assert (Code.TOTALS_DISAGREE not in [p.code for p in reading.problems]) is agrees


def test_a_price_per_hundred_is_brought_to_one() -> None:
    reading = read(
        ["Invoice"], ["Description", "Qty", "Unit price", "Per", "Amount"], ["Screws", "500", "4.00", "100", "20.00"]
    )
    assert reading.lines[0].unit_price == Decimal("0.04")
    assert reading.lines[0].line_total == Decimal("20.00")
    assert Code.TOTALS_DISAGREE not in [p.code for p in reading.problems]


def test_a_negative_amount_makes_the_quantity_negative() -> None:
    reading = read(
        ["Credit note"],
        ["Description", "Qty", "Unit price", "Amount"],
        ["Oil", "10 l", "19.80", "-198.00"],
        ["Total net", "", "", "-198.00"],
    )
    assert (reading.lines[0].quantity, reading.lines[0].unit_price) == (Decimal(-10), Decimal("19.80"))


def test_a_price_for_a_base_quantity_with_a_signed_allowance_makes_the_line() -> None:
    reading = read(
        ["Facture"],
        ["Designation", "P.U. HT", "Unité pour P.U.", "Qté", "Remise (-) Charge (+)", "Total HT"],
        ["Papier", "30,00", "3 PCE", "3,00", "-2,00", "28,00"],
    )
    assert Code.TOTALS_DISAGREE not in [p.code for p in reading.problems]
    assert (reading.lines[0].unit_price, reading.lines[0].unit) == (Decimal(10), "pce")


def test_a_line_that_only_tells_a_period_is_no_description() -> None:
    reading = read(
        ["Facture"],
        ["Désignation", "Qté", "P.U. HT", "Total HT"],
        ["Assistance", "5", "40,00", "200,00"],
        ["Période de 01/01/2023 au 31/01/2023"],
    )
    assert reading.lines[0].description == "Assistance"


def test_units_inside_quantities_and_codes_inside_descriptions_are_taken_out() -> None:
    reading = read(["Invoice"], ["Description", "Qty", "Amount"], ["[PEN-01] Pen", "12 Pcs", "6.00"])
    line = reading.lines[0]
    assert (line.item_number, line.description, line.quantity, line.unit) == ("PEN-01", "Pen", Decimal(12), "pcs")


def test_delivered_quantities_win_over_ordered_ones_in_a_delivery_note() -> None:
    reading = read(["Delivery note DN-1"], ["Item", "Description", "Ordered", "Delivered"], ["A1", "Valve", "10", "8"])
    assert reading.lines[0].quantity == Decimal(8)


def test_an_answer_tells_the_state_and_the_promise_of_each_line() -> None:
    reading = read(
        ["Auftragsbestätigung Nr. 77"],
        ["Pos.", "Bezeichnung", "Menge", "Liefertermin", "Bemerkung"],
        ["1", "Pumpe", "2", "04.12.2026", ""],
        ["2", "Dichtung", "4", "18.12.2026", "Terminabweichung"],
        ["3", "Kupplung", "1", "", "nicht lieferbar"],
    )
    assert [line.status for line in reading.lines] == [LineStatus.ACCEPTED, LineStatus.CHANGED, LineStatus.REJECTED]
    assert str(reading.lines[1].promised_on) == "2026-12-18"
    assert reading.response == "changed"


def test_a_wished_date_of_a_requisition_is_not_a_promise() -> None:
    reading = read(["Purchase requisition"], ["Description", "Qty", "Delivery date"], ["Pens", "10", "2026-12-04"])
    assert str(reading.lines[0].needed_by) == "2026-12-04"
    assert reading.lines[0].promised_on is None


def test_charges_below_the_items_are_no_items() -> None:
    reading = read(
        ["Invoice"],
        ["Description", "Qty", "Unit price", "Amount"],
        ["Oil", "2", "10.00", "20.00"],
        ["Shipping", "", "", "5.00"],
    )
    assert figures(reading) == [("Oil", Decimal(2), Decimal("20.00"))]


def test_a_list_without_header_is_read_by_its_quantities() -> None:
    reading = read_text_tables(
        "Invoice\n1. Espresso beans 12 @ $48.50   $582.00\n2. Syrup 8 @ $9.75   $78.00\nTotal   $660.00"
    )
    assert figures(reading) == [
        ("Espresso beans", Decimal(12), Decimal("582.00")),
        ("Syrup", Decimal(8), Decimal("78.00")),
    ]


def test_columns_of_plain_text_are_told_by_their_place_and_spans() -> None:
    text = "Item    Description       Qty\nA-1     Steel rod 12 mm    40\nB-22    Nut                 8\n"
    reading = read_text_tables(text)
    assert [(x.item_number, x.description, x.quantity) for x in reading.lines] == [
        ("A-1", "Steel rod 12 mm", Decimal(40)),
        ("B-22", "Nut", Decimal(8)),
    ]
    span = reading.evidence["/lines/0/description"].span
    assert span is not None
    assert text[slice(*span)] == "Steel rod 12 mm"


def test_a_markdown_table_is_read_cell_by_cell() -> None:
    reading = read_text_tables("| Description | Qty | Unit |\n|---|---|---|\n| Steel rod | 40 | m |\n")
    assert reading.lines == (ReadLine(description="Steel rod", quantity=Decimal(40), unit="m"),)


def test_a_bill_states_the_list_price_of_a_discounted_line_and_an_order_response_none() -> None:
    table = ["Description", "Qty", "Unit price", "Disc.%", "Amount"], ["Oil", "2", "10.00", "10", "18.00"]
    assert read(["Invoice"], *table).lines[0].unit_price == Decimal("10.00")
    assert read(["Order confirmation"], *table).lines[0].unit_price is None


def test_charges_on_the_whole_document_explain_what_the_lines_lack() -> None:
    table = ["Description", "Qty", "Unit price", "Amount"], ["Oil", "2", "50.00", "100.00"]
    head = ["Invoice"], ["Invoice no.", "R-1"], ["Date", "2026-01-31"]
    feet = ["Remise", "", "", "-10.00"], ["Frais", "", "", "5.00"], ["Net total", "", "", "95.00"]
    last = ["VAT 20 %", "", "", "19.00"], ["Total incl. VAT", "", "", "114.00"]
    assert read(*head, *table, *feet, *last).accepted
    assert not read(*head, *table, *feet[:1], *feet[2:], *last).accepted


def test_taxes_of_a_credit_note_take_the_sign_of_its_totals() -> None:
    reading = read(
        ["Credit note"],
        ["Description", "Qty", "Unit price", "Amount"],
        ["Oil", "2", "50.00", "-100.00"],
        ["Net total", "", "", "-100.00"],
        ["VAT", "", "", "20.00"],
        ["Total incl. VAT", "", "", "-120.00"],
    )
    assert (reading.net_total, reading.tax_total, reading.gross_total) == (Decimal(-100), Decimal(-20), Decimal(-120))
