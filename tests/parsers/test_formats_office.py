"""Spreadsheets, delimited text, Word documents and HTML read through the same page model."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook

from parsers.document import read_document
from parsers.formats.csv_table import decode, separator_of
from parsers.formats.html import read_html_tables
from parsers.formats.sheet_bounds import BeyondGridError, bounded, column_number
from parsers.formats.spreadsheet import cell_text, read_spreadsheet
from parsers.page import rows_of
from parsers.reading import Kind
from records.problems import Code

HEAD: list[list[object]] = [
    ["Purchase requisition", None],
    ["Requisition no.", "PR-5"],
    ["Needed by", date(2026, 12, 4)],
    [None],
]


def workbook(rows: Sequence[Sequence[object]]) -> Any:
    book: Any = Workbook()
    for row in rows:
        book.active.append(row)
    return book


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_sheet_with_its_header_in_the_middle_is_read() -> None:
    rows: list[list[object]] = [
        *HEAD,
        ["Item", "Description", "Qty", "Unit price", "Amount"],
        ["A-1", "Pen", 10, 1.25, 12.5],
        ["A-2", "Ink", 2, 4, 8],
    ]
    reading = read_document(saved(workbook(rows)), "r.xlsx")
    assert (reading.kind, reading.number, reading.needed_by) == (Kind.REQUISITION, "PR-5", date(2026, 12, 4))
    assert [(x.item_number, x.quantity, x.line_total) for x in reading.lines] == [
        ("A-1", Decimal(10), Decimal("12.5")),
        ("A-2", Decimal(2), Decimal(8)),
    ]


def test_hidden_rows_columns_and_sheets_are_not_read() -> None:
    book = workbook([["Description", "Qty", "Cost"], ["Pen", 10, 3], ["Secret", 5, 4]])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.create_sheet("other").append(["Description", "Qty"])
    book["other"].append(["Hidden", 7])
    book["other"].sheet_state = "hidden"
    pages = read_spreadsheet(saved(book)).pages
    assert [[c.text for c in row.cells] for page in pages for row in rows_of(page)] == [
        ["Description", "Qty"],
        ["Pen", "10"],
    ]


def test_merged_cells_and_several_sheets_are_read() -> None:
    book = workbook([["Internal order for the workshop", None], ["Description", "Qty"], ["Pen", 10]])
    book.active.merge_cells("A1:B1")
    book.create_sheet("more").append(["Description", "Qty"])
    book["more"].append(["Ink", 2])
    assert [line.description for line in read_document(saved(book)).lines] == ["Pen", "Ink"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (1.25, "1.25"),
        (1.125, "1.1250"),
        (0.1 + 0.2, "0.3"),
        (1250, "1250"),
        (True, "x"),
        (None, ""),
        ("a  b", "a b"),
    ],
)
def test_a_cell_value_reads_one_way(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_a_cell_in_the_far_corner_does_not_hurt() -> None:
    book = workbook([["Description", "Qty"], ["Pen", 10]])
    book.active["XFD1048576"] = 1
    assert [line.description for line in read_document(saved(book)).lines] == ["Pen"]


def test_a_cell_beyond_the_grid_is_refused() -> None:
    data = saved(workbook([["a"]]))
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as copy:
        for entry in source.infolist():
            copy.writestr(entry, source.read(entry).replace(b'r="A1"', b'r="XFE2000000"'))
    with pytest.raises(BeyondGridError):
        bounded(out.getvalue())
    assert [p.code for p in read_document(out.getvalue()).problems] == [Code.UNREADABLE]
    assert column_number("XFD") == 16384


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b;c\n1;2;3\n", ";"),
        ("a,b,c\n1,2,3\n", ","),
        ("a\tb\n1\t2\n", "\t"),
        ('a;b\n"x;y";1,5\n', ";"),
        ("just a line\n", None),
    ],
)
def test_the_separator_is_told_by_the_text(text: str, separator: str | None) -> None:
    assert separator_of(text) == separator


def test_encodings_of_delimited_text_are_told_by_their_bytes() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert decode("Stück;Größe".encode(encoding)) == "Stück;Größe"


def test_a_csv_with_decimal_comma_is_read() -> None:
    head = "Bedarfsanforderung\nPos;Bezeichnung;Menge;Einzelpreis;Gesamt\n"
    data = head + "1;Kühlmittel;4;96,50;386,00\n2;Bohrer;25;64,90;1.622,50\n"
    lines = read_document(data.encode("cp1252"), "bedarf.csv").lines
    assert [(x.quantity, x.unit_price, x.line_total) for x in lines] == [
        (Decimal(4), Decimal("96.50"), Decimal("386.00")),
        (Decimal(25), Decimal("64.90"), Decimal("1622.50")),
    ]


def test_a_word_document_with_fields_and_a_table_is_read() -> None:
    document = Document()
    document.add_heading("Demande d'achat DA-7")
    document.add_paragraph("Centre de coût : 4711")
    table = document.add_table(rows=0, cols=3)
    for row in (("Référence", "Désignation", "Quantité"), ("TR-1", "Terreau", "12 sacs"), ("GO-2", "Godets", "300")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    reading = read_document(buffer.getvalue(), "da.docx")
    assert (reading.kind, reading.number, reading.cost_center) == (Kind.REQUISITION, "DA-7", "4711")
    assert [(x.item_number, x.quantity, x.unit) for x in reading.lines] == [
        ("TR-1", Decimal(12), "sacs"),
        ("GO-2", Decimal(300), None),
    ]


HTML = """<html><style>td{color:red}</style><body><p>Quotation no. Q-12<br>Date: 5 November 2026</p>
<table><tr><th colspan=2>Description<th>Qty<th>Price<th>Amount</tr>
<tr><td rowspan=1>Hoist<td>200 kg<td>1<td>810.00<td>810.00</tr>
<tr style="display:none"><td>Ghost<td><td>9<td>1<td>9</tr></table>
<p>Total net 810.00</p><script>var x = 'Qty';</script></body></html>"""


def test_an_html_table_with_spans_is_read_and_hidden_rows_are_not() -> None:
    reading = read_html_tables(HTML)
    assert (reading.kind, reading.number, reading.issued_on) == (Kind.QUOTATION, "Q-12", date(2026, 11, 5))
    assert [(line.description, line.quantity, line.line_total) for line in reading.lines] == [
        ("Hoist", Decimal(1), Decimal("810.00"))
    ]


@pytest.mark.parametrize("text", ["", "<", "<table>", "\x00", "<table><td colspan=99999999>x"])
def test_any_html_gives_a_reading(text: str) -> None:
    assert read_html_tables(text).lines == ()
