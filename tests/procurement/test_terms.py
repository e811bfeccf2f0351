"""The terms of an item: packs, price breaks, minimum and multiple, validity, and the ceiling of its contract."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from procurement.known import KnownContract, KnownItem, KnownSupplier
from procurement.stated import StatedLine
from procurement.terms import ceiling_problems, in_item_units, item_problems, on_contract, price_at
from records.problems import Code

TODAY = date(2026, 7, 14)
NORD = KnownSupplier(1, "NORD", "Nordlicht", "EUR", "active")
TERMS = KnownContract("K-1", "EUR", Decimal(1000), Decimal("990.00"), date(2026, 1, 1), TODAY)
GLOVES = KnownItem(
    7, "G-1", NORD, None, "Gloves, box of 100", "safety", "box", Decimal("12.40"), "EUR", contract="K-1",
    quantity_multiple=Decimal(2), contents=Decimal(100), content_unit="piece", terms=TERMS,
    price_breaks=((Decimal(10), Decimal("11.90")), (Decimal(50), Decimal("11.20"))),
)  # fmt: skip
LINE = StatedLine(0, description="gloves", quantity=Decimal(2), unit="box")


def _codes(line: StatedLine, item: KnownItem = GLOVES, today: date = TODAY) -> list[Code]:
    return [problem.code for problem in item_problems(line, item, "EUR", today)]


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("1", "12.40"), ("9.99", "12.40"), ("10", "11.90"), ("49", "11.90"), ("50", "11.20"), ("5000", "11.20")],
)
def test_a_price_break_holds_from_its_quantity_on(quantity: str, price: str) -> None:
    assert price_at(GLOVES, Decimal(quantity)) == Decimal(price)


def test_a_stated_price_is_compared_with_that_of_its_quantity() -> None:
    assert _codes(replace(LINE, quantity=Decimal(10), unit_price=Decimal("11.90"))) == []
    assert _codes(replace(LINE, quantity=Decimal(8), unit_price=Decimal("11.90"))) == [Code.PRICE_MISMATCH]


def test_pieces_become_boxes_where_they_come_out_whole() -> None:
    line = in_item_units(replace(LINE, quantity=Decimal(400), unit="pcs"), GLOVES)
    assert (line.quantity, line.unit, _codes(line)) == (Decimal(4), "box", [])
    odd = in_item_units(replace(LINE, quantity=Decimal(150), unit="pcs"), GLOVES)
    assert (odd.quantity, odd.unit, _codes(odd)) == (Decimal(150), "pcs", [Code.UNIT_MISMATCH])
    assert "of 100 piece" in item_problems(odd, GLOVES, None, TODAY)[0].detail


def test_a_price_for_a_piece_becomes_one_for_the_box_but_for_its_rounding() -> None:
    pieces = replace(LINE, quantity=Decimal(400), unit="pcs")
    assert in_item_units(replace(pieces, unit_price=Decimal("0.12")), GLOVES).unit_price == Decimal("12.40")
    assert in_item_units(replace(pieces, unit_price=Decimal("0.20")), GLOVES).unit_price == Decimal("20.00")


def test_an_unknown_or_foreign_unit_is_never_converted() -> None:
    for unit in ("kg", "bushel", None):
        line = replace(LINE, quantity=Decimal(200), unit=unit)
        assert in_item_units(line, GLOVES) == line


@pytest.mark.parametrize(("quantity", "fine"), [("2", True), ("3", False), ("3.5", False), ("4", True)])
def test_only_multiples_are_sold(quantity: str, fine: bool) -> None:
    assert _codes(replace(LINE, quantity=Decimal(quantity))) == ([] if fine else [Code.OFF_CONTRACT])


def test_quantities_of_any_size_are_judged_and_never_fail() -> None:
    tiny = replace(GLOVES, quantity_multiple=Decimal("0.0000000000000001"))
    for quantity in ("1E+20", "0.0000001", "99999999999999999999"):
        _codes(replace(LINE, quantity=Decimal(quantity)), tiny)
        in_item_units(replace(LINE, quantity=Decimal(quantity), unit="pcs"), GLOVES)


@pytest.mark.parametrize(("today", "holds"), [(TODAY, True), (date(2026, 7, 15), False), (date(2025, 12, 31), False)])
def test_a_contract_holds_on_its_last_day_and_not_after(today: date, holds: bool) -> None:
    assert _codes(LINE, today=today) == ([] if holds else [Code.OFF_CONTRACT])
    assert on_contract(GLOVES, today) is holds


def test_the_ceiling_that_is_left_exactly_passes_and_a_cent_more_asks_once() -> None:
    second, third = replace(LINE, index=1), replace(LINE, index=2)
    ten = [(LINE, TERMS, Decimal("6.00")), (second, TERMS, Decimal("4.00"))]
    assert ceiling_problems(ten) == []
    over = ceiling_problems([*ten, (third, TERMS, Decimal("0.01")), (third, TERMS, Decimal("1.00"))])
    assert [(one.code, one.at) for one in over] == [(Code.OFF_CONTRACT, "/lines/2/item_number")]
    assert ceiling_problems([(LINE, replace(TERMS, ceiling=None), Decimal(10**9))]) == []
