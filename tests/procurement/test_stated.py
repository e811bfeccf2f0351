from datetime import date
from decimal import Decimal

import pytest

from procurement.stated import CorrectionError, check_correction, overlay, stated
from records.problems import Code, Problem

READING = {
    "kind": "requisition",
    "cost_center": "4711",
    "lines": [{"description": "paper", "quantity": "1250", "unit": "sheets"}, {"description": "pens"}],
    "problems": [Problem(Code.AMBIGUOUS_NUMBER, "1.250 or 1250?", "/lines/0/quantity").as_dict()],
}


def test_what_was_read_comes_through_with_its_problem() -> None:
    said = stated(READING, {})
    assert said.lines[0].quantity == Decimal(1250)
    assert [problem.at for problem in said.problems] == ["/lines/0/quantity"]


def test_a_correction_replaces_what_was_read_and_settles_its_problem() -> None:
    said = stated(READING, {"/lines/0/quantity": "1.25", "/needed_by": "2026-12-01"})
    assert (said.lines[0].quantity, said.needed_by) == (Decimal("1.25"), date(2026, 12, 1))
    assert said.problems == ()


def test_a_correction_elsewhere_leaves_the_problem_standing() -> None:
    assert len(stated(READING, {"/lines/1/quantity": "2"}).problems) == 1


def test_an_empty_correction_takes_a_line_or_a_value_away() -> None:
    said = stated(READING, {"/lines/0": "", "/cost_center": ""})
    assert [line.description for line in said.lines] == ["pens"]
    assert said.lines[0].index == 1
    assert said.cost_center is None


def test_a_correction_may_add_a_line() -> None:
    said = stated(READING, {"/lines/2/description": "ink", "/lines/2/quantity": "3"})
    assert said.lines[2].description == "ink"


def test_the_reading_itself_stays_as_it_was_read() -> None:
    overlay(READING, {"/lines/0/quantity": "9"})
    assert READING["lines"][0]["quantity"] == "1250"  # type: ignore[index]


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/lines/0/quantity", "twelve"),
        ("/lines/0/quantity", "NaN"),
        ("/needed_by", "01.12.2026"),
        ("/lines/0/colour", "red"),
        ("/colour", "red"),
        ("cost_center", "1"),
        ("/lines/0", "x"),
        ("/lines/99999/quantity", "1"),
        ("/__class__", "x"),
    ],
)
def test_a_correction_of_the_wrong_place_or_form_is_refused(pointer: str, value: str) -> None:
    with pytest.raises(CorrectionError):
        check_correction(pointer, value)


def test_order_numbers_are_corrected_as_a_list() -> None:
    assert check_correction("/order_numbers", "PO-1, PO-2") == ["PO-1", "PO-2"]
