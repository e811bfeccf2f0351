from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dispatch.orderx import order_x
from dispatch.orderx_check import data_differences, printed_differences
from dispatch.orderx_papers import make_papers
from dispatch.pdf import render_order
from dispatch.ubl_order import ubl_order
from procurement.order_document import OrderDocument, Party
from templates.language import LOCALES
from tests.dispatch.order_samples import line, order


def changed_line(**values: Any) -> OrderDocument:
    document = order(3)
    return replace(document, lines=(*document.lines[:1], replace(document.lines[1], **values), *document.lines[2:]))


OTHERS = {
    "number": replace(order(3), number="PO-2026-00008"),
    "date": replace(order(3), issued_on=date(2026, 3, 5)),
    "currency": replace(order(3), currency="USD"),
    "supplier": replace(order(3), supplier=Party("Acme Holding")),
    "delivery date": replace(order(3), needed_by=date(2026, 4, 1)),
    "number of lines": order(2),
    "line 2, description": changed_line(description="Nut"),
    "line 2, item number": changed_line(supplier_item_number="S-20"),
    "line 2, quantity": changed_line(quantity=Decimal("12.51")),
    "line 2, unit": changed_line(unit="box"),
    "line 2, unit price": changed_line(unit_price=Decimal("1234.51")),
    "line 2, delivery date": changed_line(needed_by=date(2026, 3, 19)),
    "tax": changed_line(tax_rate=Decimal("0.07")),
}


@pytest.mark.parametrize("write", [order_x, ubl_order])
@pytest.mark.parametrize("name", OTHERS)
def test_a_document_that_states_anything_else_is_told(name: str, write: Callable[[OrderDocument], bytes]) -> None:
    told = data_differences(order(3), write(OTHERS[name]))
    assert any(sentence.startswith(f"{name}:") for sentence in told), told


@pytest.mark.parametrize("language", LOCALES)
def test_the_page_prints_every_figure_in_every_language(language: str) -> None:
    document = replace(order(40, language), lines=(*order(40).lines, line(41, rate="0.07"), line(42, rate="0")))
    assert printed_differences(document, render_order(document), order_x(document)) == ()


@pytest.mark.parametrize("name", ["line 2, quantity", "line 2, unit price", "tax"])
def test_a_page_that_prints_another_figure_is_told(name: str) -> None:
    other = OTHERS[name]
    assert printed_differences(order(3), render_order(other), order_x(other))


def test_a_page_with_other_data_inside_is_told() -> None:
    told = printed_differences(order(3), render_order(order(3)), order_x(OTHERS["date"]))
    assert told == ("order-x.xml is not embedded as it was made",)


ODD = (
    "数量 你好",
    "שלום 123",
    "x" * 400,
    "1,234.50 1.234,50",
    "12.5 15.431,25 " * 20,
    "\ufffe a\u00adb\u200bc -\n",
    "😀 ",
)


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_longest_figures_beside_the_oddest_texts_are_found_on_every_paper(language: str) -> None:
    figures = [("0.000001", "0"), ("123456789.123456", "987654321.987654"), ("1E+3", "0.123456"), ("7", "1E+2")]
    lines = [
        replace(
            line(number, text, rate), quantity=Decimal(quantity), unit_price=Decimal(price), supplier_item_number=text
        )
        for number, (text, (quantity, price), rate) in enumerate(
            zip(ODD, [*figures, *figures], ["0.19", None, "0", "0.055"] * 2, strict=False), 1
        )
    ]
    document = replace(order(1, language), lines=tuple(lines))
    assert make_papers(document, with_ubl=True).problems == ()
