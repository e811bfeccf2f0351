"""Several documents in one file, and what is appended to a document."""

import io
from collections.abc import Sequence
from email.message import EmailMessage

import openpyxl
import pikepdf

from parsers.any import read_any
from parsers.document import read_document
from parsers.reading import Kind
from records.problems import Code
from tests.parsers.paper import paper, print_pdf

TERMS = "<p>" + "The supplier delivers at the place agreed, and risk passes there. " * 30 + "Total price 99.00</p>"


def joined(files: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for data in files:
            with pikepdf.open(io.BytesIO(data)) as part:
                pdf.pages.extend(part.pages)
        pdf.save(out)
    return out.getvalue()


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


def test_two_invoices_in_one_file_are_two_readings_and_a_question() -> None:
    first, second = paper("en", "invoice", 3), paper("en", "invoice", 8)
    reading = read_document(joined([first.pdf, second.pdf]))
    other = reading.documents[0]
    assert (reading.number, other.number) == (first.number, second.number)
    assert (len(reading.lines), len(other.lines)) == (len(first.lines), len(second.lines))
    assert (reading.gross_total, other.gross_total) == (first.gross, second.gross)
    assert not reading.accepted and not other.accepted
    assert any("2 documents" in p.detail for p in reading.problems)
    assert {e.page for e in other.evidence.values()} == {2}


def test_an_answer_and_an_invoice_are_told_apart_in_two_languages() -> None:
    answer, invoice = paper("de", "order_response", 2), paper("fr", "invoice", 2)
    reading = read_document(joined([answer.pdf, invoice.pdf]))
    assert (reading.kind, [d.kind for d in reading.documents]) == (Kind.ORDER_RESPONSE, [Kind.INVOICE])


def test_general_terms_behind_a_document_do_not_disturb() -> None:
    truth = paper("en", "order_response", 4)
    alone = read_document(truth.pdf)
    for title in (
        "Terms and Conditions",
        "General Terms and Conditions of Sale",
        "Allgemeine Geschäftsbedingungen (AGB)",
    ):
        terms = print_pdf(f"<h2>{title}</h2>{TERMS}")
        with_terms = read_document(joined([truth.pdf, terms, print_pdf(TERMS)]))
        assert with_terms == alone, title


def test_the_pages_of_one_document_stay_together() -> None:
    lines = "".join(
        f"<tr><td>{n}</td><td>Bracket {n}</td><td>2</td><td>1.50</td><td>3.00</td></tr>" for n in range(1, 91)
    )
    head = "<tr><th>Pos</th><th>Description</th><th>Qty</th><th>Unit price</th><th>Total</th></tr>"
    html = f"<h1>Invoice</h1><p>Invoice no.: A-77</p><table><thead>{head}</thead>{lines}</table><p>Total 270.00</p>"
    reading = read_document(print_pdf(html))
    assert not reading.documents
    assert len(reading.lines) == 90


def test_sheets_with_numbers_of_their_own_are_documents() -> None:
    def form(number: str) -> list[list[object]]:
        return [["Purchase requisition"], ["Requisition no.", number], ["Description", "Qty"], ["Pens", 3]]

    reading = read_document(workbook({"a": form("R-1"), "b": form("R-2")}))
    assert (reading.number, [d.number for d in reading.documents]) == ("R-1", ["R-2"])


def test_a_second_sheet_with_a_table_and_no_title_asks() -> None:
    rows: list[list[object]] = [["Purchase requisition"], ["Description", "Qty"], ["Pens", 3]]
    reading = read_document(workbook({"a": rows, "b": rows[1:]}))
    assert not reading.accepted
    assert any(p.code is Code.LOW_CONFIDENCE and "table of its own" in p.detail for p in reading.problems)


def test_pages_that_count_from_one_again_without_a_title_ask() -> None:
    first = "<h1>Invoice</h1><p>Invoice no.: A-77</p><p>Page 1 of 2</p>"
    reading = read_document(joined([print_pdf(first), print_pdf("<p>x</p><p>Page 1 of 2</p>")]))
    assert any("counts from one again" in p.detail for p in reading.problems)


def test_the_documents_of_one_attachment_all_stand_in_the_mail() -> None:
    first, second = paper("en", "invoice", 3), paper("en", "invoice", 8)
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "sales@tessaro.test", "Invoices"
    mail.set_content("Please find our invoices attached.")
    mail.add_attachment(joined([first.pdf, second.pdf]), "application", "pdf", filename="both.pdf")
    reading = read_any(mail.as_bytes(), "a.eml")
    assert [d.number for d in reading.documents] == [first.number, second.number]
    assert not reading.accepted
