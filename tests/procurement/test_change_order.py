from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from procurement.approvers import ApprovalStep, Approver
from procurement.change_order import (
    Content,
    ContentLine,
    Demand,
    LineWish,
    Wish,
    changed,
    content_as_json,
    content_from_json,
    covers,
    differences,
    faults,
    told,
    touched_lines,
)

GLOVES = ContentLine(
    1, "Gloves", Decimal("10"), "box", Decimal("8.00"), "G-1", "HG-7", date(2026, 3, 1), Decimal("0.19")
)
MASKS = ContentLine(2, "Masks", Decimal("5"), "box", Decimal("3.5"))
ORDER = Content((GLOVES, MASKS), "HQ", "4711")
OLGA = ApprovalStep(1, "all", (Approver("olga@north.example", "owner"),))
SIGNED = Demand("medium", (OLGA,), Decimal("80.00"), "4711", frozenset({"GLOVE"}))


def test_a_new_quantity_changes_that_line_alone() -> None:
    after = changed(ORDER, Wish((LineWish(1, quantity=Decimal(12)),)))
    assert after == replace(ORDER, lines=(replace(GLOVES, quantity=Decimal(12)), MASKS))
    assert after.net_total == Decimal("113.50")
    assert told(differences(ORDER, after)) == "Line 1: quantity 10 → 12."


def test_a_date_for_all_leaves_the_lines_that_name_their_own() -> None:
    wish = Wish((LineWish(2, needed_by=date(2026, 5, 1)),), needed_by=date(2026, 4, 1))
    assert [line.needed_by for line in changed(ORDER, wish).lines] == [date(2026, 4, 1), date(2026, 5, 1)]


def test_a_dropped_line_goes_and_the_others_keep_their_numbers() -> None:
    after = changed(ORDER, Wish((LineWish(1, drop=True),), ship_to="Leeds"))
    assert [line.line_number for line in after.lines] == [2]
    assert told(differences(ORDER, after)) == "Ship to HQ → Leeds; line 1: removed (Gloves)."


def test_a_substitute_takes_the_place_of_both_numbers() -> None:
    (line, _) = changed(ORDER, Wish((LineWish(1, substitute="HG-8"),))).lines
    assert (line.item_number, line.supplier_item_number) == (None, "HG-8")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish((LineWish(3, quantity=Decimal(1)),)), "no line 3"),
        (Wish((LineWish(1, quantity=Decimal(0)),)), "more than nothing"),
        (Wish((LineWish(1, quantity=Decimal("NaN")),)), "more than nothing"),
        (Wish((LineWish(1, unit_price=Decimal(-1)),)), "from 0"),
        (Wish((LineWish(1, quantity=Decimal(3)),)), "4 came already"),
        (Wish((LineWish(1, drop=True),)), "close it short"),
        (Wish((LineWish(2, drop=True), LineWish(2, quantity=Decimal(3)))), "named twice"),
        (Wish((LineWish(1, quantity=Decimal("10.0")),)), "nothing would change"),
        (Wish(), "nothing would change"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(wish: Wish, words: str) -> None:
    assert words in " ".join(problem.detail for problem in faults(ORDER, wish, {1: Decimal(4)}))


def test_an_order_is_not_changed_away_and_may_shrink_to_what_came() -> None:
    both = Wish((LineWish(1, drop=True), LineWish(2, drop=True)))
    assert "Cancel the order" in faults(ORDER, both, {})[-1].detail
    assert faults(ORDER, Wish((LineWish(1, quantity=Decimal(4)),)), {1: Decimal(4)}) == ()


@pytest.mark.parametrize(
    ("wanted", "covered"),
    [
        (SIGNED, True),
        (replace(SIGNED, base_total=Decimal("79.99")), True),
        (replace(SIGNED, base_total=Decimal("80.01")), False),
        (replace(SIGNED, rule="small"), False),
        (replace(SIGNED, cost_center="4712"), False),
        (replace(SIGNED, suppliers=frozenset({"PAPER"})), False),
        (replace(SIGNED, steps=(replace(OLGA, approvers=(Approver("dora@north.example", "owner"),)),)), False),
        (replace(SIGNED, steps=(OLGA, replace(OLGA, number=2))), False),
        (replace(SIGNED, steps=()), True),
    ],
)
def test_earlier_signatures_cover_the_same_rule_coding_and_people_up_to_the_signed_value(
    wanted: Demand, covered: bool
) -> None:
    assert covers(SIGNED, wanted) is covered


def test_the_supplier_confirms_what_changed_and_all_where_the_whole_order_did() -> None:
    assert touched_lines(ORDER, changed(ORDER, Wish((LineWish(1, quantity=Decimal(12)),)))) == {1}
    assert touched_lines(ORDER, changed(ORDER, Wish(ship_to="Leeds"))) == {1, 2}
    assert touched_lines(ORDER, changed(ORDER, Wish((LineWish(1, drop=True),)))) == {2}
    assert touched_lines(ORDER, changed(ORDER, Wish(cost_center="4712"))) == frozenset()


def test_content_survives_json_exactly() -> None:
    assert content_from_json(content_as_json(ORDER)) == ORDER
