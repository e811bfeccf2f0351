from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dispatch.orderx import order_x
from dispatch.orderx_check import data_differences, printed_differences
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
