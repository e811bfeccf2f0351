import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pdfplumber
import pikepdf
import pypdfium2
import pytest

from dispatch.pdf import order_html, refusing_fetcher, render_order, unprintable
from procurement.order_document import Change, OrderDocument
from templates.language import LOCALES, Language, words
from tests.dispatch.order_samples import line, order


def plumber_pages(pdf: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        return [one_line(page.extract_text()) for page in opened.pages]


def pdfium_pages(pdf: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(pdf)
    return [one_line(page.get_textpage().get_text_range()) for page in opened]


def one_line(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def figures(document: OrderDocument) -> set[str]:
    language = Language(document.language)
    sums = {document.net_total, document.gross_total, *(tax for _, _, tax in document.taxes)}
    of_lines = {language.price(x.unit_price) for x in document.lines} | {
        language.amount(x.line_total) for x in document.lines
    }
    return {one_line(shown) for shown in of_lines | {language.amount(value) for value in sums}}


@pytest.mark.parametrize("language", LOCALES)
def test_two_readers_find_every_figure_in_every_language(language: str) -> None:
    document = order(3, language)
    pdf = render_order(document)
    for pages in (plumber_pages(pdf), pdfium_pages(pdf)):
        text = " ".join(pages)
        assert {figure for figure in figures(document) if figure not in text} == set()
        for stated in ("PO-2026-00007", "Acme Supplies Ltd", "N-3", "S-3", "REQ-2026-00011", "4711"):
            assert stated in text


def test_the_same_order_gives_the_same_bytes() -> None:
    assert render_order(order()) == render_order(order())
    assert render_order(order()) != render_order(replace(order(), note="Please call first."))


def test_the_file_is_tagged_archivable_and_says_what_it_is() -> None:
    with pikepdf.open(io.BytesIO(render_order(order(1, "de")))) as pdf:
        assert pdf.Root.Lang == "de"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root and "/OutputIntents" in pdf.Root
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert pdf.docinfo["/Title"] == "Bestellung PO-2026-00007"
        assert pdf.docinfo["/Author"] == "Northwind GmbH"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260304")
        xmp = bytes(pdf.Root.Metadata.read_bytes())
        assert re.search(rb'part="?>?3', xmp) and re.search(rb'conformance="?>?A', xmp)
        assert xmp.count(b"<rdf:RDF") == 1


def test_two_hundred_lines_repeat_the_table_head_on_each_page_and_keep_the_totals_together() -> None:
    document = order(200)
    pages = plumber_pages(render_order(document))
    with_lines = [page for page in pages if "Hex bolt" in page]
    assert all("Pos. Description Quantity" in page for page in with_lines)
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1))
    found = [int(number) for page in pages for number in re.findall(r"N-(\d+) ", page)]
    assert found == list(range(1, 201))
    (totals,) = [page for page in pages if "Total including VAT" in page]
    assert "N-200" in totals and "Net total" in totals


@pytest.mark.parametrize("lines", range(8, 20))
def test_totals_never_stand_on_a_page_without_a_line(lines: int) -> None:
    pages = plumber_pages(render_order(order(lines)))
    (totals,) = [page for page in pages if "Total including VAT" in page]
    assert f"N-{lines} " in totals


@pytest.mark.parametrize("language", LOCALES)
def test_each_page_that_ends_among_the_lines_carries_their_sum_to_the_next(language: str) -> None:
    document, said = order(60, language), words("print", language)
    pages = plumber_pages(render_order(document))
    sums = [
        one_line(f"{document.currency} {Language(language).amount(document.lines[0].line_total * count)}")
        for count in (int(re.findall(r"N-(\d+) ", page)[-1]) for page in pages[:-1])
    ]
    assert len(sums) == len(pages) - 1 >= 2
    for total, ends, begins in zip(sums, pages, pages[1:], strict=False):
        assert f"{said['carried']} {total}" in ends and f"{said['brought']} {total}" in begins
    assert said["brought"] not in pages[0] and said["carried"] not in pages[-1]


def test_an_order_on_one_page_carries_nothing() -> None:
    (page,) = plumber_pages(render_order(order(2)))
    assert "forward" not in page


def test_pages_of_terms_behind_the_lines_carry_nothing() -> None:
    pages = plumber_pages(render_order(replace(order(2), terms=("Our terms of purchase apply. " * 60,) * 12)))
    assert len(pages) > 1 and all("forward" not in page for page in pages)


def test_totals_of_many_digits_stay_on_one_line() -> None:
    document = replace(order(), lines=(replace(line(1), quantity=Decimal(1), unit_price=Decimal("987654321.5")),))
    assert "EUR 1,175,308,642.59" in plumber_pages(render_order(document))[0]


def structure(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield the kind and the node of every element of the structure tree."""
    if "/S" in node:
        yield str(node.S), node
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            yield from structure(kid)


def test_headings_and_tables_are_told_to_those_who_listen() -> None:
    with pikepdf.open(io.BytesIO(render_order(order(2)))) as pdf:
        found = list(structure(pdf.Root.StructTreeRoot))
        kinds = [kind for kind, _ in found]
        headers = {str(node.ID) for kind, node in found if kind == "/TH"}
        cells = [node for kind, node in found if kind == "/TD"]
        told = [{str(name) for name in cell.A.get("/Headers", [])} for cell in cells]
    assert kinds.count("/H1") == 1 and kinds.count("/Table") == 1
    assert kinds.count("/TR") == 2 + 1 + 3  # lines, head, totals
    assert len(headers) == 6 + 3
    assert all(names and names <= headers for names in told[:12])


@pytest.mark.parametrize(("language", "word"), [("en", "box"), ("de", "Karton"), ("fr", "boîte"), ("nl", "doos")])
def test_known_units_print_in_the_language_of_the_order_and_others_as_written(language: str, word: str) -> None:
    lines = (replace(line(1), unit="Schachtel"), replace(line(2), unit="tub"), replace(line(3), unit="Blatt"))
    page = pdfium_pages(render_order(replace(order(1, language), lines=lines)))[0]
    assert word in page and "tub" in page and "Schachtel" not in page and " ST " not in page


def test_a_mail_address_of_usual_length_stays_on_one_line() -> None:
    buyer = replace(order().buyer, email="purchasing@linden-instruments.example")
    assert "purchasing@linden-instruments.example" in plumber_pages(render_order(replace(order(), buyer=buyer)))[0]


def test_without_tax_only_the_net_total_is_stated() -> None:
    document = replace(order(), lines=(line(1, rate=None),))
    (text,) = plumber_pages(render_order(document))
    assert "Order total, net EUR 15,431.25" in text and "VAT 19" not in text


def test_each_tax_rate_has_its_own_row() -> None:
    document = replace(order(), lines=(line(1, rate="0.19"), line(2, rate="0.07"), line(3, rate="0")))
    text = " ".join(plumber_pages(render_order(document)))
    for row in ("VAT 0% on 15,431.25 0.00", "VAT 7% on 15,431.25 1,080.19", "VAT 19% on 15,431.25 2,931.94"):
        assert row in text
    assert "Total including VAT EUR 50,305.88" in text


def test_a_revision_says_what_it_replaces_and_what_changed() -> None:
    changes = (
        Change(2, "quantity", Decimal("10"), Decimal("12.5")),
        Change(2, "needed_by", date(2026, 3, 12), date(2026, 3, 18)),
        Change(None, "delivery_terms", None, "DAP Hamburg"),
    )
    text = plumber_pages(render_order(replace(order(), revision=2), changes))[0]
    assert "Revision 2, replaces revision 1" in text
    assert "2 Quantity 10 12.5" in text
    assert "2 Delivery date 12 Mar 2026 18 Mar 2026" in text
    assert "Order Delivery terms – DAP Hamburg" in text


def test_the_reader_is_told_where_and_with_which_number_to_reply() -> None:
    assert "by email to orders@northwind.example" in plumber_pages(render_order(order()))[0]
    nowhere = plumber_pages(render_order(replace(order(), reply_to=None)))[0]
    assert "by replying to the email" in nowhere and "None" not in nowhere


HOSTILE = (
    "<script>alert(1)</script>",
    '<img src="file:///etc/passwd">',
    '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "<style>@import url(http://127.0.0.1:9/y.css)</style>",
    "{{ 7 * 7 }} {% for x in order.lines %}{% endfor %} {# c #}",
    "</td></tr></table>",
    "&lt;b&gt;",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_and_template_syntax_print_as_they_were_written(text: str) -> None:
    document = order()
    supplier = replace(document.supplier, name=text)
    hostile = replace(document, supplier=supplier, lines=(line(1, text),), note=text)
    shown = "".join(pdfium_pages(render_order(hostile))).replace(" ", "").replace("\ufffe", "")
    assert shown.count(text.replace(" ", "")) >= 3


def test_an_accent_that_is_no_colour_never_reaches_the_page() -> None:
    html = order_html(replace(order(), accent="red; background: url(file:///etc/passwd)"))
    assert "passwd" not in html and "--accent: #1f4e79" in html


def test_endless_words_stay_on_the_page_and_are_quick() -> None:
    document = replace(order(), lines=(line(1, "x" * 10_000), line(2)), requester="r" * 500)
    opened = pypdfium2.PdfDocument(render_order(document))
    for page in opened:
        text = page.get_textpage()
        boxes = [text.get_charbox(index) for index in range(0, text.count_chars(), 97)]
        assert all(right <= page.get_width() for _, _, right, _ in boxes)
    assert sum(page.get_textpage().get_text_range().count("x") for page in opened) >= 10_000


def test_a_character_without_a_glyph_prints_a_mark_and_hides_no_other() -> None:
    document = replace(order(), lines=(line(1, "Tea 数量 \u202eevil\u202c \u0000end"),))
    assert unprintable(document) == {"数", "量"}
    pdf = render_order(document)
    assert "Tea \ufffd\ufffd evil end" in pdfium_pages(pdf)[0]
    assert "Hamburg" in plumber_pages(pdf)[0] and "evil end" in plumber_pages(pdf)[0]
    assert unprintable(order()) == frozenset()


@pytest.mark.parametrize("text", ["Ø 5 µm ≤ ½ № → Łódź", "Ελληνικά Кирилл", "😀 ✓ ☎"])
def test_symbols_and_other_alphabets_keep_the_page_readable(text: str) -> None:
    pages = plumber_pages(render_order(replace(order(), lines=(line(1, text),))))
    assert "Northwind GmbH" in pages[0] and "15,431.25" in pages[0]


def test_weasyprint_is_imported_only_when_something_is_printed() -> None:
    program = "import sys, dispatch.pdf, dispatch.compose; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/x", "data:text/css,x", "order:/x"])
def test_a_reference_to_anything_outside_the_page_stops_the_printing(address: str) -> None:
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    page = weasyprint.HTML(string=f'<img src="{address}">', base_url="order:/", url_fetcher=refusing_fetcher())
    with pytest.raises(FatalURLFetchingError):
        page.write_pdf()
