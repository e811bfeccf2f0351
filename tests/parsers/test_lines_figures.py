from decimal import Decimal

import pytest

from parsers.lines_figures import Figures, agrees, explains, settle_figures, sums_to
from parsers.numbers import Convention

D = Decimal


@pytest.mark.parametrize(
    ("quantity", "price", "total", "right"),
    [
        ("3", "2.50", "7.50", True),
        ("3", "2.50", "7.51", False),
        ("3", "0.333", "1.00", True),
        ("7", "1.4286", "10.00", True),
        ("-5", "4.00", "-20.00", True),
        ("5", "4.00", "-20.00", True),
        ("1000", "0.0125", "12.50", True),
    ],
)
def test_a_product_may_miss_by_rounding_only(quantity: str, price: str, total: str, right: bool) -> None:
    assert agrees(D(quantity), D(price), D(total)) is right


def test_figures_that_mean_two_things_are_settled_by_their_product_or_named() -> None:
    assert settle_figures({"quantity": "2", "price": "1.250", "total": "2500"}, None).price == D("1250")
    open_ = settle_figures({"quantity": "2", "price": "1.250", "total": "2.500"}, None)
    assert open_.ambiguous == ("price", "total")
    assert settle_figures({"price": "1.250"}, Convention.COMMA).price == D(1250)


def test_a_discount_or_a_price_base_explains_a_total() -> None:
    figures = Figures(D(2), D("10.00"), D("18.00"))
    assert explains(figures, D(10), None)
    assert not explains(figures, D(5), None)
    assert explains(Figures(D(500), D(4), D(20)), None, D(100))


def test_sums_allow_half_a_cent_a_line() -> None:
    assert sums_to([D("0.10")] * 3, D("0.31"))
    assert not sums_to([D("0.10")] * 3, D("0.33"))
    assert not sums_to([], D(0))
