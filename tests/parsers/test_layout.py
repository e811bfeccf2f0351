from dataclasses import replace

import pytest

from parsers.assemble import read_pages
from parsers.document import read_document
from parsers.layout import header_row
from parsers.page import Page, grid_page, rows_of
from tests.parsers.paper import paper, print_pdf

HEAD = ["Item", "Description", "Quantity", "Unit price", "Total"]


def layout(page: Page, exact: bool = True) -> str | None:
    return read_pages((page,), exact=exact).layout


def invoice(number: str, *lines: list[str], head: list[str] = HEAD, day: str = "2026-11-05") -> Page:
    return grid_page([["Invoice"], ["Invoice number", number], ["Date", day], head, *lines])


ONE = invoice("R-5", ["A-1", "Pen", "2", "3.00", "6.00"])


def test_documents_of_one_form_share_a_layout_whatever_they_say() -> None:
    other = invoice("X-77", ["B-9", "Ink", "1", "8.00", "8.00"], ["B-8", "Cap", "4", "1.00", "4.00"], day="2027-01-31")
    assert layout(ONE) == layout(other)
    assert layout(ONE) == layout(invoice("R-6", ["A-1", "Pen", "2", "3.00", "6.00"], ["Total", "", "", "", "6.00"]))


@pytest.mark.parametrize(
    "head",
    [
        ["Item", "Description", "Unit price", "Quantity", "Total"],
        ["Article", "Description", "Quantity", "Unit price", "Total"],
        ["Item", "Description", "Quantity", "Unit", "Unit price", "Total"],
    ],
)
def test_other_labels_or_another_order_of_them_are_another_layout(head: list[str]) -> None:
    assert layout(ONE) != layout(invoice("R-5", ["A-1", "Pen", "2", "3.00", "6.00"], head=head))


def test_a_sheet_a_page_a_text_and_a_scan_are_different_layouts() -> None:
    upright = replace(ONE, gridded=False, width=595.0, height=842.0)
    across = replace(upright, width=842.0, height=595.0)
    spanned = replace(upright, words=tuple(replace(w, span=(n, n + 1)) for n, w in enumerate(upright.words)))
    found = [layout(ONE), layout(upright), layout(across), layout(spanned), layout(upright, exact=False)]
    assert len(set(found)) == 5
    nearly = replace(upright, width=595.3, height=841.9)
    assert layout(nearly) == layout(upright)


def test_a_table_that_no_lexicon_knows_has_its_own_layout() -> None:
    head, line = ["Kennung", "Sache", "Zahl"], ["A-1", "Pen of 5", "2"]
    first = grid_page([["Some paper"], head, line])
    second = grid_page([["Some paper of another day"], head, ["B-2", "Ink of 9", "4"], line])
    assert layout(first) == layout(second)
    assert layout(first) != layout(grid_page([["Some paper"], ["Zahl", "Sache", "Kennung"], line]))


def test_a_form_without_a_table_is_told_by_the_labels_of_its_values() -> None:
    form = [["Cost centre:", "4711"], ["Deliver to:", "Building 4"]]
    assert layout(grid_page(form)) == layout(grid_page([[form[0][0], "9"], [form[1][0], "Gate"]]))
    assert layout(grid_page(form)) != layout(grid_page([*form, ["Project:", "P-9"]]))


def test_labels_of_a_table_have_figures_beneath_them() -> None:
    assert header_row(rows_of(grid_page([["One", "Two", "Three"], ["A", "5", "7"]]))) == 0
    assert header_row(rows_of(grid_page([["One", "Two", "Three"], ["A", "B", "C"]]))) is None
    assert header_row(rows_of(grid_page([["One", "Two: x", "Three:"], ["A", "5", "7"]]))) is None


def test_a_printed_form_keeps_its_layout_with_other_content() -> None:
    first = paper("de", "invoice", 11)
    changed = first.html.replace(first.number, "ZZ-900001").replace(first.seller, "Other Firm")
    same = {read_document(first.pdf).layout, read_document(print_pdf(changed)).layout}
    assert len(same) == 1
    assert read_document(paper("fr", "invoice", 12).pdf).layout not in same
