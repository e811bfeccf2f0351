from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from procurement.known import BudgetFacts, Facts, KnownItem, KnownSupplier, LineFacts
from procurement.requisition import Checked, check, content_hash, revision_hash
from procurement.stated import Stated, StatedLine
from records.problems import Code

TODAY = date(2026, 11, 24)
NORD = KnownSupplier(1, "NORD", "Nordlicht Bürobedarf", "EUR", "active")
PAPER = KnownItem(
    10, "P-100", NORD, "NB-77", "Copy paper A4, box of 5 reams", "office", "box", Decimal("21.50"), "EUR",
    tax_rate=Decimal("0.19"), contract="K-1", valid_from=date(2026, 1, 1), valid_until=TODAY,
    minimum_quantity=Decimal(2),
)  # fmt: skip
LINE = StatedLine(0, description="copy paper", quantity=Decimal(4), unit="boxes", unit_price=Decimal("21.50"))
SAID = Stated(kind="requisition", cost_center="4711", lines=(LINE,))
FACTS = Facts(TODAY, "EUR", (LineFacts(PAPER),), True, BudgetFacts(Decimal("1000"), Decimal("914.00")))


def codes(checked: Checked) -> list[Code]:
    return [problem.code for problem in checked.problems]


def with_line(**changes: object) -> Checked:
    return check(replace(SAID, lines=(replace(LINE, **changes),)), FACTS)  # type: ignore[arg-type]


def test_a_sound_request_passes_with_the_catalogs_words_price_and_contract() -> None:
    checked = check(SAID, FACTS)
    assert checked.problems == ()
    line = checked.lines[0]
    assert (line.item_number, line.unit_price, line.contract) == ("P-100", Decimal("21.50"), "K-1")
    assert (checked.net_total, checked.base_total, checked.currency) == (Decimal("86.00"), Decimal("86.00"), "EUR")


def test_the_budget_that_is_left_exactly_passes_and_a_cent_less_asks() -> None:
    assert codes(check(SAID, replace(FACTS, budget=BudgetFacts(Decimal("1000"), Decimal("914.01"))))) == [
        Code.BUDGET_EXCEEDED
    ]


def test_a_cost_centre_without_budget_asks() -> None:
    assert codes(check(SAID, replace(FACTS, budget=BudgetFacts()))) == [Code.BUDGET_UNKNOWN]


@pytest.mark.parametrize(("stated", "known"), [(None, False), ("9999", False)])
def test_missing_or_unknown_coding_asks(stated: str | None, known: bool) -> None:
    checked = check(replace(SAID, cost_center=stated), replace(FACTS, cost_center_known=known))
    assert Code.CODING_MISSING in codes(checked)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": None}, Code.AMBIGUOUS_NUMBER),
        ({"quantity": Decimal(0)}, Code.AMBIGUOUS_NUMBER),
        ({"unit": "kg"}, Code.UNIT_MISMATCH),
        ({"unit_price": Decimal("21.49")}, Code.PRICE_MISMATCH),
        ({"quantity": Decimal("1.99")}, Code.OFF_CONTRACT),
    ],
)
def test_a_line_that_differs_from_the_catalog_asks(change: dict[str, object], code: Code) -> None:
    assert codes(with_line(**change)) == [code]


def test_a_line_without_price_takes_the_catalogs() -> None:
    checked = with_line(unit_price=None)
    assert checked.problems == ()
    assert checked.lines[0].unit_price == Decimal("21.50")


@pytest.mark.parametrize(("today", "fine"), [(TODAY, True), (date(2026, 11, 25), False), (date(2025, 12, 31), False)])
def test_a_contract_price_holds_on_its_last_day_and_not_after(today: date, fine: bool) -> None:
    checked = check(SAID, replace(FACTS, today=today))
    assert codes(checked) == ([] if fine else [Code.OFF_CONTRACT])


def test_no_clear_item_names_the_nearest_ones_and_orders_nothing() -> None:
    checked = check(SAID, replace(FACTS, lines=(LineFacts(None, (PAPER,)),)))
    assert {Code.UNKNOWN_ITEM, Code.UNKNOWN_SUPPLIER} <= set(codes(checked))
    assert "P-100" in checked.problems[0].detail
    assert checked.lines == ()


def test_off_catalog_with_supplier_and_price_can_be_ordered_once_waived() -> None:
    checked = check(SAID, replace(FACTS, lines=(LineFacts(None, (), NORD),)))
    assert codes(checked) == [Code.UNKNOWN_ITEM]
    assert checked.lines[0].unit_price == Decimal("21.50")
    assert checked.lines[0].contract is None


def test_a_blocked_supplier_asks() -> None:
    blocked = replace(PAPER, supplier=replace(NORD, status="blocked"))
    assert codes(check(SAID, replace(FACTS, lines=(LineFacts(blocked),)))) == [Code.SUPPLIER_BLOCKED]


def test_a_foreign_currency_needs_a_rate_and_uses_it() -> None:
    dollars = replace(PAPER, currency="USD")
    facts = replace(FACTS, lines=(LineFacts(dollars),))
    assert codes(check(SAID, facts)) == [Code.BUDGET_UNKNOWN]
    checked = check(replace(SAID, exchange_rate=Decimal("0.9")), facts)
    assert (checked.problems, checked.base_total, checked.currency) == ((), Decimal("77.40"), "USD")


def test_a_request_without_lines_asks() -> None:
    assert Code.LOW_CONFIDENCE in codes(check(replace(SAID, lines=()), replace(FACTS, lines=())))


def test_the_same_request_again_asks() -> None:
    assert codes(check(SAID, replace(FACTS, duplicate_of="R-00007"))) == [Code.DUPLICATE_SUSPECT]


def test_all_problems_are_found_at_once() -> None:
    facts = replace(FACTS, cost_center_known=False, budget=BudgetFacts(), duplicate_of="R-1")
    checked = check(replace(SAID, lines=(replace(LINE, quantity=None, unit="kg"),)), facts)
    assert len(checked.problems) >= 5


def test_what_an_approver_decides_on_changes_its_hash() -> None:
    lines = check(SAID, FACTS).lines
    coding: dict[str, str | None] = {"cost_center": "4711"}
    original = revision_hash("R-1", lines, coding)
    assert original == revision_hash("R-1", check(SAID, FACTS).lines, dict(coding))
    dearer = (replace(lines[0], unit_price=Decimal("21.51")),)
    assert original != revision_hash("R-1", dearer, coding)
    assert original != revision_hash("R-1", lines, {"cost_center": "4712"})


def test_the_same_content_in_another_order_is_recognised() -> None:
    other = replace(LINE, index=1, description="pens")
    forth = replace(SAID, lines=(LINE, other))
    back = replace(SAID, lines=(other, LINE))
    assert content_hash(forth) == content_hash(back)
    assert content_hash(forth) != content_hash(SAID)
