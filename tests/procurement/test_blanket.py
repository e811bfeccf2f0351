from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from procurement.blanket import Drawn, Frame, FrameLine, call_off_problems, left_of

FRAME = Frame(
    "B-1",
    (FrameLine(1, Decimal(8), Decimal(100)), FrameLine(2, Decimal("2.50"))),
    Decimal("900.00"),
    date(2026, 1, 1),
    date(2026, 12, 31),
)
DRAWN = Drawn({1: Decimal(90)}, Decimal("720.00"))
TODAY = date(2026, 12, 31)


def test_what_is_left_is_told_in_money_and_for_each_line() -> None:
    assert left_of(FRAME, DRAWN) == (Decimal("180.00"), {1: Decimal(10), 2: None})


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({1: Decimal(10)}, ""),
        ({1: Decimal(11)}, "11 is wanted, 10 is left"),
        ({1: Decimal(10), 2: Decimal(40)}, ""),
        ({1: Decimal(10), 2: Decimal(41)}, "182.50 is wanted, 180.00 is left"),
        ({2: Decimal(72)}, ""),
        ({2: Decimal(73)}, "182.50 is wanted"),
        ({3: Decimal(1)}, "no line 3"),
        ({1: Decimal(0)}, "more than nothing"),
        ({1: Decimal("NaN")}, "more than nothing"),
        ({}, "Nothing is called off"),
    ],
)
def test_a_call_off_at_the_ceiling_passes_and_above_it_does_not(wanted: dict[int, Decimal], words: str) -> None:
    told = " ".join(problem.detail for problem in call_off_problems(FRAME, DRAWN, wanted, TODAY))
    assert words in told and bool(words) == bool(told)


def test_a_frame_counts_on_its_first_and_last_day_and_while_it_is_open() -> None:
    one = {1: Decimal(1)}
    for day, words in ((date(2025, 12, 31), "begins"), (date(2027, 1, 1), "ended")):
        assert words in call_off_problems(FRAME, DRAWN, one, day)[0].detail
    assert call_off_problems(FRAME, DRAWN, one, date(2026, 1, 1)) == ()
    assert "closed" in call_off_problems(replace(FRAME, closed=True), DRAWN, one, TODAY)[0].detail
