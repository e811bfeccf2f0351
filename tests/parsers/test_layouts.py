"""Layouts that printed documents come in, each drawn with words at their places."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from parsers.formats.csv_table import read_csv
from parsers.page import Page, Word
from parsers.page_reader import PageReader
from parsers.reading import Kind, Reading

WIDTH = 600.0


def printed(*lines: Sequence[tuple[str, float]]) -> Page:
    """Return a page of cells given as (text, left edge), line by line; figures given with a negative edge end there."""
    words = []
    for n, line in enumerate(lines):
        top = 40.0 + 14 * n
        for text, edge in line:
            x = -edge - 5 * len(text) if edge < 0 else edge
            for word in text.split():
                words.append(Word(word, (x, top, x + 5 * len(word), top + 10)))
                x += 5 * (len(word) + 0.6)
    return Page(1, WIDTH, 800.0, tuple(words))


def read(*lines: Sequence[tuple[str, float]]) -> Reading:
    return PageReader()((printed(*lines),))


def figures(reading: Reading) -> list[tuple[object, ...]]:
    return [(line.item_number, line.description, line.quantity, line.line_total) for line in reading.lines]


def test_an_item_of_two_lines_is_read_under_a_header_of_two_lines() -> None:
    reading = read(
        [("Purchase order", 40)],
        [("PO number/date", 300), ("4500077001 / 12.03.2026", 420)],
        [("Item", 40), ("Material", 100), ("Description", 260)],
        [("Order qty.", 100), ("Unit", 160), ("Price per unit", 400), ("Net value", 500)],
        [("00010", 40), ("100-7001", 100), ("Hex bolt M8", 260)],
        [("2,500", -200), ("PC", 220), ("12.40 / 100 PC", 400), ("310.00", -545)],
        [("00020", 40), ("100-7002", 100), ("Bearing", 260)],
        [("40", -200), ("PC", 220), ("3.85 / 1 PC", 400), ("154.00", -545)],
        [("Total net value", 40), ("464.00", -545)],
    )
    assert (reading.number, reading.issued_on, reading.net_total) == (
        "4500077001",
        date(2026, 3, 12),
        Decimal("464.00"),
    )
    assert figures(reading) == [
        ("100-7001", "Hex bolt M8", Decimal(2500), Decimal("310.00")),
        ("100-7002", "Bearing", Decimal(40), Decimal("154.00")),
    ]
    assert reading.lines[0].unit_price == Decimal("0.124")


def test_conditions_beneath_an_item_tell_its_net_price_and_value() -> None:
    reading = read(
        [("Rechnung", 40)],
        [("Rechnungsnummer", 300), ("9004", 420)],
        [("Pos.", 40), ("Material / Bezeichnung", 100), ("Menge", 300), ("Preis", 400), ("Wert", 500)],
        [("000010", 40), ("FK-F7", 100), ("24 ST", 300)],
        [("Filterkartusche", 100)],
        [("Bruttopreis", 100), ("41,80 EUR / 1 ST", 380), ("1.003,20", -540)],
        [("Kundenrabatt", 100), ("-12,00 %", 410), ("-120,38", -540)],
        [("Nettowert", 100), ("36,78 EUR / 1 ST", 380), ("882,82", -540)],
        [("000020", 40), ("DP-1", 100), ("60 M", 300)],
        [("Dichtprofil", 100)],
        [("Nettowert", 100), ("3,90 EUR / 1 M", 380), ("234,00", -540)],
        [("Summe Positionen", 380), ("1.116,82", -540)],
    )
    assert [(line.item_number, line.quantity, line.line_total) for line in reading.lines] == [
        ("FK-F7", Decimal(24), Decimal("882.82")),
        ("DP-1", Decimal(60), Decimal("234.00")),
    ]


def test_a_page_from_right_to_left_is_read_with_its_places() -> None:
    page = printed(
        [("מס", 470), ("חשבונית", 485), ("4021", 440)],
        [("תאריך:", 480), ("31/08/2026", 420)],
        [('סה"כ', 100), ("מחיר", 200), ("כמות", 300), ("תיאור", 400), ('מק"ט', 500)],
        [("1,445.00", 100), ("289.00", 200), ("5", 300), ("טונר", 400), ("TN-77", 500)],
        [("796.00", 100), ("19.90", 200), ("40", 300), ("נייר", 400), ("PP-A4", 500)],
    )
    reading = PageReader()((page,))
    assert reading.kind is Kind.INVOICE
    assert reading.issued_on == date(2026, 8, 31)
    assert figures(reading) == [
        ("TN-77", "טונר", Decimal(5), Decimal("1445.00")),
        ("PP-A4", "נייר", Decimal(40), Decimal("796.00")),
    ]
    assert reading.evidence["/lines/0/line_total"].box[0] == 100  # type: ignore[index]


def test_columns_of_a_flat_file_that_repeat_speak_of_the_whole_document() -> None:
    rows = ["PO_NUMBER|SUPPLIER|LINE|ITEM|DESCRIPTION|QTY|PRICE|AMOUNT|CURRENCY"]
    rows += [
        "PO-8814|Shelfco Ltd|1|S-1|Steel shelf|24|31.50|756.00|GBP",
        "PO-8814|Shelfco Ltd|2|S-2|Clip|24|2.25|54.00|GBP",
    ]
    reading = PageReader()(read_csv("\n".join(rows).encode()))
    assert (reading.kind, reading.number, reading.supplier_name, reading.currency) == (
        Kind.ORDER,
        "PO-8814",
        "Shelfco Ltd",
        "GBP",
    )
    assert [line.item_number for line in reading.lines] == ["S-1", "S-2"]


def test_an_unknown_column_is_told_by_the_arithmetic_of_all_lines() -> None:
    reading = read(
        [("Invoice", 40)],
        [("Description", 40), ("Qty", 250), ("Unit price", 320), ("Zwrk", 420), ("Amount", 500)],
        [("Oil", 40), ("2", 250), ("10.00", 320), ("20.00", 420), ("24.00", 500)],
        [("Soap", 40), ("3", 250), ("5.00", 320), ("15.00", 420), ("18.00", 500)],
    )
    assert [line.line_total for line in reading.lines] == [Decimal("20.00"), Decimal("15.00")]


def test_a_net_under_an_unknown_label_is_found_where_tax_and_gross_prove_it() -> None:
    reading = read(
        [("Invoice", 40)],
        [("Description", 40), ("Qty", 250), ("Unit price", 320), ("Amount", 500)],
        [("Oil", 40), ("2", 250), ("10.00", 320), ("20.00", -530)],
        [("Zwrk", 320), ("20.00", -530)],
        [("VAT 20 %", 320), ("4.00", -530)],
        [("Total incl. VAT", 320), ("24.00", -530)],
    )
    assert reading.net_total == Decimal("20.00")
    assert reading.evidence["/net_total"].text == "20.00"


def test_sums_side_by_side_are_net_tax_and_gross() -> None:
    reading = read(
        [("Faktura", 40)],
        [
            ("Nazwa", 40),
            ("Ilość", 200),
            ("Cena netto", 260),
            ("Wartość netto", 340),
            ("Kwota VAT", 430),
            ("Wartość brutto", 500),
        ],
        [("Papier", 40), ("30", 200), ("18,90", 260), ("567,00", 340), ("130,41", 430), ("697,41", 500)],
        [("Razem", 260), ("567,00", 340), ("130,41", 430), ("697,41", 500)],
    )
    assert (reading.net_total, reading.tax_total, reading.gross_total) == (
        Decimal("567.00"),
        Decimal("130.41"),
        Decimal("697.41"),
    )


def test_figures_that_a_long_text_pushed_aside_keep_their_order() -> None:
    reading = read(
        [("Invoice", 40)],
        [("Description", 40), ("Qty", 244), ("Unit price", 272), ("Amount", 350)],
        [("Translation of a contract that is long", 40), ("1", 270), ("1,183.00", 320), ("1,183.00", 390)],
        [("Copies", 40), ("3", 230), ("25.00", 252), ("75.00", 302)],
    )
    assert [(line.quantity, line.unit_price, line.line_total) for line in reading.lines] == [
        (Decimal(1), Decimal("1183.00"), Decimal("1183.00")),
        (Decimal(3), Decimal("25.00"), Decimal("75.00")),
    ]


def test_numbers_that_do_not_count_the_lines_are_the_items_own() -> None:
    table = [[("Nr.", 40), ("Beskrivelse", 100), ("Antal", 300), ("Beløb", 400)]]
    rows = [
        [("1001", 40), ("Reglar", 100), ("12", 300), ("240,00", 400)],
        [("3005", 40), ("Plade", 100), ("4", 300), ("96,00", 400)],
    ]
    reading = read([("Faktura 77", 40)], *table, *rows)
    assert [(line.item_number, line.line_number) for line in reading.lines] == [("1001", None), ("3005", None)]
    assert reading.number == "77"


def test_a_row_that_numbers_the_columns_is_no_item() -> None:
    reading = read(
        [("Factura", 40)],
        [("Nr.", 40), ("Denumirea produselor", 100), ("Cantitatea", 280), ("Pret unitar", 360), ("Valoarea", 450)],
        [("0", 40), ("1", 100), ("2", 280), ("3", 360), ("4(2x3)", 450)],
        [("1", 40), ("Ciment", 100), ("60", 280), ("28,50", 360), ("1.710,00", 450)],
    )
    assert [(line.description, line.line_total) for line in reading.lines] == [("Ciment", Decimal("1710.00"))]


def test_a_page_that_repeats_the_title_goes_on_with_its_lines() -> None:
    head = (
        [("Tax invoice IN2044", 40)],
        [("Code", 40), ("Description", 100), ("Qty", 300), ("Price", 360), ("Amount", 450)],
    )
    first = printed(*head, [("A-1", 40), ("Oil", 100), ("2", 300), ("5.00", 360), ("10.00", 450)])
    second = printed(
        [("Tax invoice IN2044 page 2", 40)], [("A-2", 40), ("Soap", 100), ("3", 300), ("2.00", 360), ("6.00", 450)]
    )
    reading = PageReader()((first, Page(2, WIDTH, 800.0, second.words)))
    assert [line.item_number for line in reading.lines] == ["A-1", "A-2"]
    assert not reading.documents


def test_labels_printed_without_a_gap_are_two_columns() -> None:
    reading = read(
        [("Faktura 31", 40)],
        [("Varenavn", 40), ("AntallEnhet", 250), ("Pris", 360), ("Beløp", 450)],
        [("Vernesko", 40), ("6,00", 250), ("par", 285), ("90,00", 360), ("540,00", 450)],
    )
    assert [(line.quantity, line.unit, line.line_total) for line in reading.lines] == [
        (Decimal(6), "par", Decimal("540.00"))
    ]


def test_the_balance_due_is_the_gross_where_net_and_tax_make_it() -> None:
    reading = read(
        [("Invoice 9", 40)],
        [("Item", 40), ("Unit cost", 300), ("Quantity", 380), ("Line total", 450)],
        [("Filter", 40), ("74.50", 300), ("8", 380), ("596.00", 450)],
        [("Net total", 380), ("596.00", 450)],
        [("VAT 20%", 380), ("119.20", 450)],
        [("Balance due", 380), ("715.20", 450)],
    )
    assert reading.gross_total == Decimal("715.20")


def test_names_of_documents_and_post_boxes_are_told_from_order_numbers() -> None:
    reading = read(
        [("Invoice 9", 40)],
        [("Karoo Mining Services", 40)],
        [("PO Box 88", 40)],
        [("Item", 40), ("Qty", 300), ("Price", 380), ("Total", 450)],
        [("Filter", 40), ("8", 300), ("2.00", 380), ("16.00", 450)],
    )
    assert (reading.kind, reading.number, reading.order_numbers) == (Kind.INVOICE, "9", ())


def test_sums_with_remarks_in_words_are_net_and_gross() -> None:
    reading = read(
        [("Offre 5510", 40)],
        [("Prestation", 40), ("Quantité", 300), ("Prix unitaire", 360), ("Montant", 450)],
        [("Montage", 40), ("9", 300), ("100.00", 360), ("900.00", 450)],
        [("Total hors TVA", 360), ("900.00", 470)],
        [("TVA 10 %", 360), ("90.00", 470)],
        [("Total TVA incluse", 360), ("990.00", 470)],
    )
    assert (reading.net_total, reading.tax_total, reading.gross_total) == (Decimal(900), Decimal(90), Decimal(990))
