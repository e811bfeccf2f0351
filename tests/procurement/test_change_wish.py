from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from procurement.change_order import Content, ContentLine, LineWish, Wish
from procurement.change_wish import Answered, wish_of_answers, wish_of_mail
from procurement.stated import Stated, StatedLine

GLOVES = ContentLine(1, "Nitrile gloves, size M", Decimal(10), "box", Decimal(8), "G-1", "HG-7", date(2026, 3, 1))
MASKS = ContentLine(2, "Face masks", Decimal(5), "box", Decimal(3))
ORDER = Content((GLOVES, MASKS))


def said(text: str, *lines: dict[str, Any], **values: Any) -> Stated:
    stated = tuple(StatedLine(index, **line) for index, line in enumerate(lines))
    return Stated(kind="order_change", reply_text=text, order_numbers=("PO-7",), lines=stated, **values)


TWELVE = {"description": "nitrile gloves", "quantity": Decimal(12)}


@pytest.mark.parametrize(
    ("stated", "wish"),
    [
        (said("12 boxes of nitrile gloves instead of 10 for PO-7.", TWELVE), LineWish(1, Decimal(12))),
        (said("12 of HG-7, please", {"item_number": "hg 7", "quantity": Decimal(12)}), LineWish(1, Decimal(12))),
        (said("Line 2: 7", {"line_number": "2", "quantity": Decimal(7)}), LineWish(2, Decimal(7))),
        (said("No masks", {"description": "face masks", "quantity": Decimal(0)}), LineWish(2, drop=True)),
    ],
)
def test_a_line_is_found_by_number_text_or_position(stated: Stated, wish: LineWish) -> None:
    assert wish_of_mail(stated, ORDER) == Wish((wish,))


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (said("12 instead of 10", {"quantity": Decimal(12)}), "not clearly one line"),
        (said("12 tubs", {"description": "gloves tubs 9", "quantity": Decimal(12)}), "not clearly one line"),
        (said("gloves 12, masks 3 instead of 6", TWELVE), "3, 6, which was not read"),
        (said("line 1 to 2", *({"line_number": n, "quantity": Decimal(2)} for n in "12")), None),
        (said("line 2 to 9", *({"line_number": n, "quantity": Decimal(9)} for n in "12")), "Line 1 was read"),
        (said("gloves: 12 kg", TWELVE | {"unit": "kg"}), "by the box"),
        (said("Please change it."), "not in words that were understood"),
    ],
)
def test_what_is_left_open_is_a_problem_and_no_guess(stated: Stated, words: str | None) -> None:
    found = wish_of_mail(stated, ORDER)
    if words is None:
        assert isinstance(found, Wish)
    else:
        assert isinstance(found, tuple) and words in " ".join(problem.detail for problem in found)


def test_a_date_for_the_whole_order_is_taken_with_its_figures() -> None:
    found = wish_of_mail(said("Please deliver on 15.01.2027 instead.", needed_by=date(2027, 1, 15)), ORDER)
    assert found == Wish(needed_by=date(2027, 1, 15))


def test_an_accepted_proposal_becomes_what_differs_and_a_split_delivery_its_sum() -> None:
    answers = [
        Answered(1, "changed", Decimal(4), Decimal("8.5"), date(2026, 3, 1)),
        Answered(1, "changed", Decimal(6), Decimal("8.5"), date(2026, 3, 9)),
        Answered(2, "accepted", Decimal(5), Decimal(3)),
    ]
    wish = LineWish(1, unit_price=Decimal("8.5"), needed_by=date(2026, 3, 9))
    assert wish_of_answers(answers, ORDER) == Wish((wish,))
    assert wish_of_answers([Answered(2, "rejected")], ORDER) == Wish((LineWish(2, drop=True),))
