from decimal import Decimal

from parsers.fields_totals import choose_totals, find_amounts
from parsers.numbers import Convention
from parsers.page import grid_page, rows_of

POINT = Convention.POINT


def totals(*rows: list[str], line_sum: str | None = None) -> dict[str, str]:
    found = choose_totals(find_amounts(rows_of(grid_page(rows))), Decimal(line_sum) if line_sum else None, POINT)
    return {role: str(value) for role, value in found.values.items()}


def test_net_tax_and_gross_that_add_up_are_chosen() -> None:
    assert totals(["Subtotal", "100.00"], ["VAT 20%", "20.00"], ["Total", "120.00"]) == {
        "net": "100.00",
        "tax": "20.00",
        "gross": "120.00",
    }


def test_several_tax_rates_are_added() -> None:
    found = totals(["Net total", "100.00"], ["VAT 20%", "10.00"], ["VAT 5%", "2.50"], ["Total", "112.50"])
    assert found["tax"] == "12.50"


def test_shipping_counts_into_the_sum() -> None:
    found = totals(["Subtotal", "100.00"], ["Shipping", "5.00"], ["Tax", "8.00"], ["Total", "113.00"])
    assert (found["net"], found["gross"]) == ("100.00", "113.00")


def test_amounts_stand_beneath_labels_in_a_row_too() -> None:
    found = totals(["Total net", "VAT", "Total gross"], ["100.00", "20.00", "120.00"])
    assert found == {"net": "100.00", "tax": "20.00", "gross": "120.00"}


def test_a_balance_due_is_not_the_total() -> None:
    rows = [
        ["Net total", "100.00"],
        ["VAT", "20.00"],
        ["Total", "120.00"],
        ["Amount paid", "50.00"],
        ["Balance due", "70.00"],
    ]
    assert totals(*rows)["gross"] == "120.00"


def test_totals_that_do_not_add_up_are_told() -> None:
    amounts = find_amounts(rows_of(grid_page([["Subtotal", "100.00"], ["VAT", "20.00"], ["Total", "130.00"]])))
    assert choose_totals(amounts, None, POINT).adds_up is False


def test_a_percentage_is_no_amount() -> None:
    assert totals(["VAT", "20 %"]) == {}
