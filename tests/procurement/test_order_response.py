from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from procurement.order_response import (
    Comparison,
    OrderedLine,
    Tolerance,
    acknowledgement,
    compare,
    tolerance_for,
    tolerance_of,
)
from procurement.stated import Stated, StatedLine
from records.problems import Code

DUE = date(2026, 12, 1)
GLOVES = OrderedLine(1, 1, "Nitrile gloves, size M", "G-1", "NG-M", Decimal(10), Decimal("8.00"), DUE)
TAPE = OrderedLine(2, 2, "Masking tape 50 mm", "T-1", None, Decimal(20), Decimal("2.50"), DUE)
ORDER = (GLOVES, TAPE)
TWO_PERCENT = Tolerance(price_fraction=Decimal("0.02"), days_late=3)


def answer(*lines: StatedLine, response: str | None = "changed") -> Stated:
    return Stated(kind="order_response", response=response, lines=lines)


def judged(line: StatedLine, tolerance: Tolerance = TWO_PERCENT, response: str = "changed") -> Comparison:
    return compare(answer(line, response=response), (GLOVES,), tolerance)


def test_a_plain_yes_accepts_every_line_as_ordered() -> None:
    result = compare(answer(response="accepted"), ORDER, Tolerance())
    assert [(line.order_line_id, line.status, line.quantity) for line in result.lines] == [
        (1, "accepted", Decimal(10)),
        (2, "accepted", Decimal(20)),
    ]
    assert result.problems == ()


def test_a_line_that_a_change_does_not_mention_is_not_implied() -> None:
    result = compare(answer(StatedLine(0, item_number="G-1", quantity=Decimal(10))), ORDER, Tolerance())
    assert [line.order_line_id for line in result.lines] == [1]


def test_having_received_an_order_accepts_nothing() -> None:
    assert compare(answer(response="received_only"), ORDER, Tolerance()).lines == ()


def test_a_whole_rejection_asks_the_buyer_for_each_line() -> None:
    result = compare(answer(response="rejected"), ORDER, Tolerance())
    assert {line.status for line in result.lines} == {"rejected"}
    assert len(result.problems) == 2


@pytest.mark.parametrize(
    ("price", "asks"),
    [("8.16", False), ("8.17", True), ("7.00", False), ("8.00", False)],
)
def test_a_price_at_the_tolerance_passes_and_above_it_asks(price: str, asks: bool) -> None:
    result = judged(StatedLine(0, item_number="NG-M", unit_price=Decimal(price), status="changed", quantity=Decimal(9)),
                    replace(TWO_PERCENT, quantity_fraction=Decimal("0.1")))  # fmt: skip
    assert bool(result.problems) is asks
    assert result.lines[0].disposition == ("pending_buyer" if asks else "auto_accepted")


@pytest.mark.parametrize(("day", "asks"), [(4, False), (5, True)])
def test_a_date_three_days_late_passes_and_four_days_asks(day: int, asks: bool) -> None:
    result = judged(StatedLine(0, item_number="G-1", promised_on=date(2026, 12, day), status="changed"))
    assert bool(result.problems) is asks


@pytest.mark.parametrize(("day", "asks"), [(24, False), (23, True)])
def test_a_week_early_passes_and_more_asks(day: int, asks: bool) -> None:
    result = judged(StatedLine(0, item_number="G-1", promised_on=date(2026, 11, day), status="changed"))
    assert bool(result.problems) is asks


def test_any_missing_quantity_asks_without_tolerance() -> None:
    result = judged(StatedLine(0, item_number="G-1", quantity=Decimal(9)))
    assert result.lines[0].differences == (("quantity", "10", "9"),)
    assert [problem.code for problem in result.problems] == [Code.RESPONSE_OUT_OF_TOLERANCE]


def test_an_accepted_line_with_another_price_is_a_change() -> None:
    result = judged(
        StatedLine(0, item_number="G-1", unit_price=Decimal("8.10"), status="accepted"), response="accepted"
    )
    assert result.lines[0].status == "changed"


def test_a_split_schedule_is_judged_by_its_sum() -> None:
    parts = [
        StatedLine(0, item_number="G-1", quantity=Decimal(6), promised_on=DUE),
        StatedLine(1, item_number="G-1", quantity=Decimal(4), promised_on=date(2026, 12, 3)),
    ]
    result = compare(answer(*parts), (GLOVES,), TWO_PERCENT)
    assert result.problems == ()
    assert [line.quantity for line in result.lines] == [Decimal(6), Decimal(4)]


def test_backorders_and_substitutes_are_always_the_buyers_decision() -> None:
    late = judged(StatedLine(0, item_number="G-1", quantity=Decimal(10), status="backordered"))
    other = judged(StatedLine(0, item_number="NG-M2", substitute_for="NG-M", quantity=Decimal(10), status="changed"))
    assert late.problems and other.problems
    assert other.lines[0].substitute == "NG-M2"


def test_a_change_that_was_not_understood_asks() -> None:
    assert judged(StatedLine(0, item_number="G-1", status="changed")).problems
    assert compare(answer(), ORDER, Tolerance()).problems[0].code is Code.LOW_CONFIDENCE


def test_a_line_that_was_not_ordered_asks() -> None:
    result = compare(answer(StatedLine(0, item_number="X-9", description="Freight")), ORDER, Tolerance())
    assert result.lines[0].status == "added_by_supplier"
    assert result.problems[0].code is Code.RESPONSE_OUT_OF_TOLERANCE


def test_two_ordered_lines_alike_are_never_guessed_between() -> None:
    twins = (GLOVES, replace(GLOVES, id=3, line_number=2, item_number="G-2", supplier_item_number=None))
    result = compare(
        answer(StatedLine(0, description="Nitrile gloves, size M", quantity=Decimal(1))), twins, Tolerance()
    )
    assert result.lines[0].order_line_id is None


def test_numbers_are_compared_without_their_punctuation() -> None:
    assert (
        judged(StatedLine(0, item_number="ng m", quantity=Decimal(10)), response="accepted").lines[0].order_line_id == 1
    )


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (["accepted", "accepted"], "accepted"),
        (["rejected", "rejected"], "rejected"),
        (["accepted", "rejected"], "changed"),
        (["accepted", "changed"], "changed"),
        (["accepted", "awaiting"], "awaiting"),
        ([], "awaiting"),
    ],
)
def test_the_order_stands_as_its_lines_do(states: list[str], whole: str) -> None:
    assert acknowledgement(states) == whole


def test_tolerances_are_stated_in_percent() -> None:
    assert tolerance_of({"price_percent": "2", "days_late": 3}).price_fraction == Decimal("0.02")


def test_a_yes_that_names_figures_nobody_read_asks() -> None:
    said = replace(answer(response="accepted"), reply_text="Confirmed, the price is now 9.50 each.")
    assert compare(said, ORDER, Tolerance()).problems[0].code is Code.LOW_CONFIDENCE


def test_a_yes_that_names_only_the_orders_number_accepts() -> None:
    said = replace(
        answer(response="accepted"), reply_text="We confirm PO-2026-00001.", order_numbers=("PO-2026-00001",)
    )
    assert compare(said, ORDER, Tolerance()).problems == ()


def test_one_date_for_everything_counts_for_every_line() -> None:
    said = answer(StatedLine(0, promised_on=date(2026, 12, 3), status=None), response="accepted")
    result = compare(said, ORDER, TWO_PERCENT)
    assert [(line.order_line_id, line.promised_on) for line in result.lines] == [
        (1, date(2026, 12, 3)),
        (2, date(2026, 12, 3)),
    ]
    assert result.problems == ()


def test_a_date_for_everything_leaves_a_line_alone_that_is_answered_by_itself() -> None:
    late = StatedLine(0, item_number="T-1", promised_on=date(2026, 12, 2))
    result = compare(answer(late, StatedLine(1, promised_on=DUE), response="accepted"), ORDER, TWO_PERCENT)
    assert {line.order_line_id: line.promised_on for line in result.lines} == {1: DUE, 2: date(2026, 12, 2)}


@pytest.mark.parametrize(
    ("now", "later", "told"),
    [
        ("6", "4", "Line 1 (Nitrile gloves, size M): backordered; 6 now; 4 follow later."),
        ("6", "3", "Line 1 (Nitrile gloves, size M): backordered; 6 now; quantity 9 instead of 10, 3 follow later."),
        ("6", "0", "Line 1 (Nitrile gloves, size M): backordered; 6 now; quantity 6 instead of 10."),
    ],
)
def test_what_comes_now_and_what_comes_later_must_add_up(now: str, later: str, told: str) -> None:
    said = StatedLine(0, item_number="G-1", quantity=Decimal(now), backordered=Decimal(later), status="backordered")
    result = judged(said)
    assert [problem.detail for problem in result.problems] == [told]
    assert result.lines[0].total == Decimal(now) + Decimal(later)


def test_a_backorder_that_does_not_say_how_much_follows_reduces_nothing() -> None:
    result = judged(StatedLine(0, item_number="G-1", quantity=Decimal(6), status="backordered"))
    assert (result.lines[0].total, result.lines[0].disposition) == (None, "pending_buyer")


def test_a_line_told_twice_without_quantities_is_asked_about() -> None:
    dates = [StatedLine(n, item_number="G-1", promised_on=date(2026, 12, n + 1)) for n in range(2)]
    result = compare(answer(*dates), (GLOVES,), TWO_PERCENT)
    assert len(result.problems) == 1
    assert {line.disposition for line in result.lines} == {"pending_buyer"}


def test_a_price_for_a_hundred_is_the_same_price_where_the_total_proves_it() -> None:
    nails = replace(GLOVES, unit_price=Decimal("0.124"), quantity=Decimal(500))
    said = StatedLine(0, item_number="G-1", quantity=Decimal(500), unit_price=Decimal("12.40"))
    assert compare(answer(said, response="accepted"), (nails,), TWO_PERCENT).problems != ()
    result = compare(answer(replace(said, line_total=Decimal("62.00")), response="accepted"), (nails,), TWO_PERCENT)
    assert (result.problems, result.lines[0].unit_price) == ((), Decimal("0.124"))


def test_a_total_alone_tells_another_price() -> None:
    said = StatedLine(0, item_number="G-1", quantity=Decimal(10), line_total=Decimal("95.00"))
    result = compare(answer(said, response="accepted"), (GLOVES,), TWO_PERCENT)
    assert result.lines[0].differences == (("line_total", "80.00", "95.00"),)
    assert len(result.problems) == 1
    same = compare(answer(replace(said, line_total=Decimal("80.00")), response="accepted"), (GLOVES,), TWO_PERCENT)
    assert same.problems == ()


def test_the_supplier_outweighs_the_category_and_that_the_organisation() -> None:
    organisation = {"price_percent": "1", "days_late": 2, "category": {"IT": {"price_percent": "3", "days_late": 0}}}
    assert tolerance_for(organisation, None, {}).price_fraction == Decimal("0.01")
    narrow = tolerance_for(organisation, "IT", {"days_late": 5})
    assert (narrow.price_fraction, narrow.days_late) == (Decimal("0.03"), 5)


def test_a_line_has_its_own_tolerance() -> None:
    line = StatedLine(0, item_number="G-1", unit_price=Decimal("8.10"), status="changed")
    own = replace(GLOVES, tolerance=Tolerance())
    assert compare(answer(line), (own,), TWO_PERCENT).problems != ()
