import json
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from procurement.order_changes import changes_since
from procurement.order_document import Change, DocumentLine, OrderDocument, Party

LINE = DocumentLine(1, "Bolt", Decimal("12.50"), "C62", Decimal("1.20"), tax_rate=Decimal("0.19"))
ORDER = OrderDocument(
    "PO-1", 1, date(2026, 3, 4), "EUR", "en", Party("A"), Party("B"), Party("C", ("Gate 3",)), (LINE,)
)


def frozen(document: OrderDocument) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(asdict(document), default=str))
    return values


def with_line(**values: Any) -> OrderDocument:
    return replace(ORDER, revision=2, lines=(replace(LINE, **values),))


def test_an_order_that_stays_as_it_is_changes_nothing() -> None:
    assert changes_since(frozen(ORDER), replace(ORDER, revision=2)) == ()
    assert changes_since(frozen(ORDER), with_line(quantity=Decimal("12.5"), note="")) == ()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("quantity", Decimal("12.5"), Decimal("13")),
        ("unit_price", Decimal("1.2"), Decimal("1.21")),
        ("tax_rate", Decimal("0.19"), None),
        ("needed_by", None, date(2026, 4, 1)),
        ("description", "Bolt", "Bolt M8"),
        ("unit", "C62", "box"),
        ("note", None, "Red, please"),
    ],
)
def test_each_thing_that_changes_of_a_line_is_told(name: str, before: Any, after: Any) -> None:
    assert changes_since(frozen(ORDER), with_line(**{name: after})) == (Change(1, name, before, after),)


def test_lines_that_came_and_lines_that_went_are_told_whole() -> None:
    after = replace(ORDER, lines=(replace(LINE, line_number=2, description="Nut"),))
    assert changes_since(frozen(ORDER), after) == (Change(1, "line", "Bolt", None), Change(2, "line", None, "Nut"))


def test_changes_of_the_whole_order_come_first() -> None:
    after = replace(ORDER, payment_terms="30 days", ship_to=Party("C", ("Gate 4",)), lines=(replace(LINE, unit="box"),))
    assert changes_since(frozen(ORDER), after) == (
        Change(None, "payment_terms", None, "30 days"),
        Change(None, "ship_to", "C, Gate 3", "C, Gate 4"),
        Change(1, "unit", "C62", "box"),
    )


def test_a_date_that_moves_from_the_line_to_the_whole_order_is_no_change() -> None:
    before = frozen(replace(ORDER, lines=(replace(LINE, needed_by=date(2026, 4, 1)),)))
    assert changes_since(before, replace(ORDER, needed_by=date(2026, 4, 1))) == ()
