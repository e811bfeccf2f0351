"""PDFs whose text layer does not say, or does not show, what a person sees."""

import io
from typing import Any

import pikepdf
import pytest

from parsers.document import read_document
from parsers.formats import picture
from parsers.formats.pdf import read_pdf
from parsers.page import rows_of
from records.problems import Code
from tests.parsers.paper import LANGUAGES, paper, print_pdf

needs_engine = pytest.mark.skipif(not picture.engine(), reason="Tesseract is not installed")


def changed(data: bytes, change: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def without_letters(pdf: pikepdf.Pdf) -> None:
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
            del thing["/ToUnicode"]


def drawn(content: bytes, size: tuple[int, int] = (595, 842)) -> bytes:
    pdf, out = pikepdf.new(), io.BytesIO()
    page = pdf.add_blank_page(page_size=size)
    name = pikepdf.Name
    font = pikepdf.Dictionary(
        Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica, Encoding=name.WinAnsiEncoding
    )
    page["/Resources"] = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    page["/Contents"] = pdf.make_stream(content)
    pdf.save(out)
    return out.getvalue()


def texts(data: bytes) -> list[str]:
    return [word.text for page in read_pdf(data).pages for word in page.words]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_pdf_that_does_not_name_its_letters_is_read_by_its_fonts_and_asks(code: str) -> None:
    truth = paper(code, "invoice", 3)
    reading = read_document(changed(truth.pdf, without_letters))
    assert reading.number in (truth.number, None)
    assert len(reading.lines) in (len(truth.lines), 0)
    assert not reading.accepted
    assert any("which letters" in p.detail or p.code is Code.UNREADABLE for p in reading.problems)


def test_different_figures_on_the_same_place_ask() -> None:
    data = drawn(b"BT /F 12 Tf 50 700 Td (Total 125.00) Tj ET BT /F 12 Tf 50 700 Td (Total 912.50) Tj ET")
    assert any("over each other" in p.detail for p in read_document(data).problems)


def test_letters_printed_twice_to_look_bold_are_read_once() -> None:
    data = drawn(b"BT /F 12 Tf 50 700 Td (Invoice 4711) Tj ET BT /F 12 Tf 50.4 700 Td (Invoice 4711) Tj ET")
    assert texts(data) == ["Invoice", "4711"]


def test_sideways_text_on_the_margin_is_left_out() -> None:
    aside = b"BT /F 9 Tf 0 1 -1 0 20 300 Tm (Form 17 revision 3) Tj ET "
    assert texts(drawn(aside + b"BT /F 12 Tf 50 700 Td (Upright words are read here) Tj ET"))[0] == "Upright"


def test_a_page_cut_to_a_part_shows_only_that_part() -> None:
    def crop(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0]["/CropBox"] = pikepdf.Array([0, 400, 595, 842])

    data = drawn(b"BT /F 12 Tf 50 700 Td (seen) Tj ET BT /F 12 Tf 50 100 Td (cut) Tj ET")
    content = read_pdf(changed(data, crop))
    assert [word.text for word in content.pages[0].words] == ["seen"]
    assert content.pages[0].words[0].box[1] == pytest.approx(842 - 700 - 12, abs=6)


def test_text_within_a_form_is_read_at_its_place() -> None:
    def put_into_form(pdf: pikepdf.Pdf) -> None:
        page, name = pdf.pages[0], pikepdf.Name
        form = pdf.make_stream(page["/Contents"].read_bytes())
        form.update(pikepdf.Dictionary(Type=name.XObject, Subtype=name.Form, BBox=pikepdf.Array([0, 0, 595, 842])))
        form["/Resources"] = page["/Resources"]
        page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=pdf.make_indirect(form)))
        page["/Contents"] = pdf.make_stream(b"q 1 0 0 1 100 0 cm /A Do Q")

    data = drawn(b"BT /F 12 Tf 50 700 Td (inner) Tj ET")
    (word,) = read_pdf(changed(data, put_into_form)).pages[0].words
    assert (word.text, round(word.box[0])) == ("inner", 150)


def test_ligatures_and_right_to_left_words_are_whole() -> None:
    words = texts(print_pdf("<p>office efficient</p><p dir='rtl'>הזמנת רכש 4711</p>"))
    assert words[:2] == ["office", "efficient"]
    assert "4711" in words


def test_letter_spaced_titles_are_one_row() -> None:
    (row,) = rows_of(read_pdf(drawn(b"BT /F 14 Tf 6 Tc 50 700 Td (INVOICE) Tj ET")).pages[0])
    assert row.text.replace(" ", "") == "INVOICE"


def test_what_a_note_says_that_is_not_shown_is_not_read() -> None:
    def annotate(pdf: pikepdf.Pdf) -> None:
        name = pikepdf.Name
        note = pikepdf.Dictionary(
            Type=name.Annot, Subtype=name.Text, Rect=pikepdf.Array([10, 10, 20, 20]), Contents="Quantity 999"
        )
        pdf.pages[0]["/Annots"] = pikepdf.Array([pdf.make_indirect(note)])

    assert "999" not in texts(changed(drawn(b"BT /F 12 Tf 50 700 Td (Quantity 5) Tj ET"), annotate))


def test_a_picture_among_pages_of_text_asks() -> None:
    data = print_pdf("<h1>Invoice</h1><p>Invoice no.: A-77 and eight words more stand here</p>")

    def add_picture(pdf: pikepdf.Pdf) -> None:
        page, name = pdf.add_blank_page(page_size=(595, 842)), pikepdf.Name
        image = pdf.make_stream(bytes(100))
        image.update(
            pikepdf.Dictionary(
                Type=name.XObject,
                Subtype=name.Image,
                Width=10,
                Height=10,
                ColorSpace=name.DeviceGray,
                BitsPerComponent=8,
            )
        )
        page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=pdf.make_indirect(image)))
        page["/Contents"] = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")

    assert any("is a picture" in p.detail for p in read_document(changed(data, add_picture)).problems)


@needs_engine
def test_an_invisible_text_over_a_scan_does_not_count() -> None:
    def scan(pdf: pikepdf.Pdf) -> None:
        page, name = pdf.pages[0], pikepdf.Name
        image = pdf.make_stream(bytes([255]) * 100)
        image.update(
            pikepdf.Dictionary(
                Type=name.XObject,
                Subtype=name.Image,
                Width=10,
                Height=10,
                ColorSpace=name.DeviceGray,
                BitsPerComponent=8,
            )
        )
        page["/Resources"]["/XObject"] = pikepdf.Dictionary(I=pdf.make_indirect(image))
        page["/Contents"] = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q BT 3 Tr /F 12 Tf 50 700 Td (Total 5) Tj ET")

    reading = read_document(changed(drawn(b""), scan))
    assert [p.code for p in reading.problems] == [Code.UNREADABLE]
