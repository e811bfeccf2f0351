"""PDF pages through PDFium against pdfplumber, and what must not be read from them."""

import io
from itertools import pairwise

import pdfplumber
import pytest

from parsers.document import read_document
from parsers.formats.pdf import read_pdf
from parsers.formats.pdf_refusal import PdfEncryptedError, PdfRefusedError
from parsers.page import rows_of
from records.problems import Code
from tests.parsers.paper import LANGUAGES, paper, print_pdf


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_and_places_are_those_of_pdfplumber(code: str) -> None:
    data = paper(code, "invoice", 5).pdf
    with pdfplumber.open(io.BytesIO(data)) as reference:
        told = {
            (word["text"], round(word["x0"] / 3), round((word["top"] + word["bottom"]) / 6))
            for page in reference.pages
            for word in page.extract_words(x_tolerance=2, keep_blank_chars=False)
        }
    ours = {
        (word.text, round(word.box[0] / 3), round((word.box[1] + word.box[3]) / 6))
        for page in read_pdf(data).pages
        for word in page.words
    }
    near = sum(any((t, x + dx, y + dy) in ours for dx in (-1, 0, 1) for dy in (-1, 0, 1)) for t, x, y in told)
    assert near >= 0.98 * len(told)
    assert sum(len(t) for t, _, _ in ours) == pytest.approx(sum(len(t) for t, _, _ in told), rel=0.02)


def test_rulings_are_found() -> None:
    page = read_pdf(
        print_pdf("<table style='border-collapse:collapse'><td style='border:1px solid'>a</td></table>")
    ).pages[0]
    assert any(r[2] - r[0] > 3 * (r[3] - r[1]) for r in page.rulings)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_reads_like_an_upright_one(rotation: int) -> None:
    import pikepdf

    upright = print_pdf("<p>alpha beta</p><p>gamma</p>")
    with pikepdf.open(io.BytesIO(upright)) as pdf:
        page = pdf.pages[0]
        width, height = float(page.mediabox[2]), float(page.mediabox[3])
        turn = {90: [0, 1, -1, 0, width, 0], 180: [-1, 0, 0, -1, width, height], 270: [0, -1, 1, 0, 0, width]}[rotation]
        if rotation in (90, 270):
            page.mediabox = pikepdf.Array([0, 0, height, width])
            turn = [0, 1, -1, 0, height, 0] if rotation == 90 else [0, -1, 1, 0, 0, width]
        page.contents_add(f"q {' '.join(map(str, turn))} cm".encode(), prepend=True)
        page.contents_add(b"Q")
        page.rotate(rotation, relative=False)
        out = io.BytesIO()
        pdf.save(out)
    rows = rows_of(read_pdf(out.getvalue()).pages[0])
    assert [row.text for row in rows] == ["alpha beta", "gamma"]
    assert all(a.top < b.top for a, b in pairwise(rows))


def test_invisible_text_is_not_read_and_told() -> None:
    html = "<h1>Invoice 1</h1><p>QTY 5</p>"
    content = read_pdf(hidden(print_pdf(html)))
    assert "SECRET" not in " ".join(w.text for w in content.pages[0].words)
    assert content.hidden
    reading = read_document(hidden(print_pdf(html)))
    assert not reading.accepted
    assert any("nobody sees" in p.detail for p in reading.problems)


def hidden(data: bytes) -> bytes:
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        name = page.add_resource(font, pikepdf.Name.Font)
        page.contents_add(f"BT 3 Tr {name} 12 Tf 50 600 Td (SECRET) Tj ET".encode())
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_an_encrypted_pdf_says_so() -> None:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(print_pdf("<p>x</p>"))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(PdfEncryptedError):
        read_pdf(out.getvalue())
    assert [p.code for p in read_document(out.getvalue()).problems] == [Code.ENCRYPTED]


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.4 garbage", b"%PDF-1.7\n" + bytes(5000)])
def test_a_broken_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(PdfRefusedError):
        read_pdf(data)
    assert [p.code for p in read_document(data).problems] == [Code.UNREADABLE]


def test_form_fields_are_read_with_their_place() -> None:
    import pikepdf

    with pikepdf.open(io.BytesIO(print_pdf("<h1>Purchase requisition</h1><p>Cost centre</p>"))) as pdf:
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="cc",
                V="4711-9",
                Rect=pikepdf.Array([300, 700, 400, 715]),
            )
        )
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([field]))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        out = io.BytesIO()
        pdf.save(out)
    words = [w for w in read_pdf(out.getvalue()).pages[0].words if w.text == "4711-9"]
    assert len(words) == 1
    assert 299 < words[0].box[0] < 400


def test_structured_data_wins_and_a_contradiction_is_told() -> None:
    truth = paper("en", "invoice", 4)
    embedded = embed(truth.pdf, truth.number, str(truth.net), str(truth.tax), str(truth.gross))
    assert read_document(embedded).number == truth.number
    assert not [p for p in read_document(embedded).problems if "inside the PDF" in p.detail]
    other = read_document(embed(truth.pdf, "OTHER-1", "1.00", "0.20", "1.20"))
    assert other.number == "OTHER-1"
    assert any("inside the PDF" in p.detail for p in other.problems)
    assert not other.accepted


def embed(data: bytes, number: str, net: str, tax: str, gross: str) -> bytes:
    import pikepdf

    xml = f"""<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>{number}</ID>
    <TaxTotal><TaxAmount>{tax}</TaxAmount></TaxTotal><LegalMonetaryTotal><TaxExclusiveAmount>{net}</TaxExclusiveAmount>
    <TaxInclusiveAmount>{gross}</TaxInclusiveAmount></LegalMonetaryTotal><InvoiceLine><ID>1</ID>
    <InvoicedQuantity>1</InvoicedQuantity><LineExtensionAmount>{net}</LineExtensionAmount><Item><Name>x</Name></Item>
    </InvoiceLine></Invoice>"""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(pdf, xml.encode(), mime_type="text/xml")
        pdf.save(out)
    return out.getvalue()
