"""What an invoice comes to: at, below and above each limit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from procurement.invoice_match import Allowance, Totals, allowance_of, billing, match_invoice
from procurement.invoice_number import alike
from procurement.order_line import DueLine
from procurement.stated import Stated, StatedLine

GLOVES = DueLine(
    id=1,
    line_number=1,
    description="Nitrile gloves, size M",
    item_number="G-100",
    supplier_item_number="HG-7",
    quantity=Decimal(10),
    unit="box",
    unit_price=Decimal("8.00"),
    tax_rate=Decimal("0.19"),
    category="lab",
    contents=Decimal(100),
    content_unit="pcs",
    received=Decimal(10),
)
STRICT = Allowance()
UNSTATED = Totals()
LOOSE = allowance_of({"price_percent": "2", "quantity_percent": "10", "charges_amount": "15"})


def line(quantity: str | None = "10", price: str | None = "8.00", **more: Any) -> StatedLine:
    figures = {name: Decimal(text) for name, text in (("quantity", quantity), ("unit_price", price)) if text}
    values: dict[str, Any] = {"index": 0, "item_number": "HG-7", **figures, **more}
    return StatedLine(**values)


def verdict(*lines: StatedLine, due: DueLine = GLOVES, allowance: Allowance = STRICT, totals: Totals = UNSTATED) -> str:
    return match_invoice(Stated(currency="EUR", lines=lines), totals, [due], "EUR", allowance).verdict


@pytest.mark.parametrize(
    ("price", "expected"), [("8.00", "match"), ("8.16", "within_tolerance"), ("8.17", "discrepancy")]
)
def test_a_price_at_the_tolerance_passes_and_above_it_asks(price: str, expected: str) -> None:
    assert verdict(line(price=price), allowance=LOOSE) == expected


def test_a_lower_price_is_told_and_passes() -> None:
    assert verdict(line(price="7.50")) == "within_tolerance"


@pytest.mark.parametrize(("quantity", "expected"), [("10", "match"), ("11", "within_tolerance"), ("12", "discrepancy")])
def test_a_quantity_at_the_tolerance_passes_and_above_it_asks(quantity: str, expected: str) -> None:
    assert verdict(line(quantity), allowance=LOOSE) == expected


@pytest.mark.parametrize(
    ("received", "expected"), [("0", "waiting_for_receipt"), ("9", "waiting_for_receipt"), ("10", "match")]
)
def test_what_has_not_come_is_waited_for(received: str, expected: str) -> None:
    assert verdict(line(), due=replace(GLOVES, received=Decimal(received))) == expected


def test_a_service_is_matched_two_way() -> None:
    allowance = allowance_of({"without_receipt": ["lab"]})
    assert verdict(line(), due=replace(GLOVES, received=Decimal(0)), allowance=allowance) == "match"


def test_what_will_not_come_cannot_be_billed() -> None:
    assert verdict(line(), due=replace(GLOVES, received=Decimal(6), closed_short=True)) == "discrepancy"
    assert verdict(line("6"), due=replace(GLOVES, received=Decimal(6), closed_short=True)) == "match"


def test_what_was_billed_before_counts() -> None:
    assert verdict(line("4"), due=replace(GLOVES, billed=Decimal(6))) == "match"
    assert verdict(line("5"), due=replace(GLOVES, billed=Decimal(6))) == "discrepancy"


def test_two_lines_of_one_invoice_count_together() -> None:
    assert verdict(line("6"), line("4", index=1)) == "match"
    assert verdict(line("6"), line("5", index=1)) == "discrepancy"


def test_units_are_converted_by_what_is_in_one() -> None:
    assert verdict(line("1000", None, unit="pieces", line_total=Decimal("80.00"))) == "match"
    assert verdict(line("10", unit="kg")) == "discrepancy"


def test_a_price_per_hundred_is_judged_by_its_total() -> None:
    assert verdict(line(price=None, line_total=Decimal("80.00"))) == "match"
    assert verdict(line(price=None, line_total=Decimal("81.00"))) == "discrepancy"
    assert verdict(line(price="9.00", line_total=Decimal("80.00"))) == "match"  # less a discount


def test_a_line_without_figures_is_never_guessed() -> None:
    assert verdict(line(None, None)) == "discrepancy"
    assert verdict(line("10", None)) == "discrepancy"


@pytest.mark.parametrize(
    ("net", "expected"), [("80.00", "match"), ("95.00", "within_tolerance"), ("95.10", "discrepancy")]
)
def test_freight_up_to_the_limit_passes(net: str, expected: str) -> None:
    assert verdict(line(), allowance=LOOSE, totals=Totals(net=Decimal(net))) == expected


def test_a_line_of_freight_counts_as_a_charge() -> None:
    freight = StatedLine(index=1, description="Freight", line_total=Decimal("12.00"))
    found = match_invoice(Stated(lines=(line(), freight)), Totals(net=Decimal("92.00")), [GLOVES], "EUR", LOOSE)
    assert (found.verdict, found.charges) == ("within_tolerance", Decimal("12.00"))
    assert verdict(line(), freight, totals=Totals(net=Decimal("92.00"))) == "discrepancy"


def test_what_was_not_ordered_is_a_discrepancy() -> None:
    stranger = StatedLine(index=1, description="Laser pointer", quantity=Decimal(1), unit_price=Decimal(30))
    found = match_invoice(Stated(lines=(line(), stranger)), Totals(), [GLOVES], "EUR", LOOSE)
    assert [problem.at for problem in found.problems] == ["/lines/1"]
    assert found.excess == Decimal(30)


@pytest.mark.parametrize(
    ("tax", "expected"), [("15.20", "match"), ("15.23", "match"), ("15.24", "discrepancy"), ("0", "match")]
)
def test_the_tax_follows_from_the_order(tax: str, expected: str) -> None:
    assert verdict(line(), totals=Totals(tax=Decimal(tax))) == expected


def test_totals_must_add_up() -> None:
    wrong = Totals(Decimal("80.00"), Decimal("15.20"), Decimal("96.20"))
    found = match_invoice(Stated(lines=(line(),)), wrong, [GLOVES], "EUR", STRICT)
    assert [problem.code for problem in found.problems] == ["TOTALS_DISAGREE"]


def test_another_currency_is_a_discrepancy() -> None:
    found = match_invoice(Stated(currency="USD", lines=(line(),)), Totals(), [GLOVES], "EUR", STRICT)
    assert [problem.at for problem in found.problems] == ["/currency"]


def test_an_invoice_without_lines_is_a_discrepancy() -> None:
    assert verdict(totals=Totals(net=Decimal("80.00"))) == "discrepancy"


def test_no_more_is_credited_than_was_billed() -> None:
    billed = replace(GLOVES, billed=Decimal(4))
    for quantity, expected in (("4", "match"), ("5", "discrepancy")):
        found = match_invoice(Stated(lines=(line(quantity),)), Totals(), [billed], "EUR", STRICT, credit=True)
        assert found.verdict == expected
        assert found.lines[0].quantity == -Decimal(quantity)


def test_an_order_is_billed_in_full_once_all_that_comes_is_billed() -> None:
    assert billing([GLOVES]) == "none"
    assert billing([replace(GLOVES, billed=Decimal(4))]) == "partial"
    assert billing([replace(GLOVES, billed=Decimal(10))]) == "full"
    assert billing([replace(GLOVES, received=Decimal(4), billed=Decimal(4), closed_short=True)]) == "full"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("INV-0042", "INV 42", True),
        ("RE-2026-0O17", "RE-2026-0017", True),
        ("RE-20260017", "RE-20260018", False),
        ("A-1", "A-2", False),
        (None, "A-2", False),
        ("RE-20260017", "RE-20269918", False),
    ],
)
def test_numbers_that_are_alike(one: str | None, other: str | None, expected: bool) -> None:
    assert alike(one, other) is expected
