from decimal import Decimal

import pytest

from parsers.numbers import Convention, find_numbers, is_ambiguous, read_number, readings, settle

POINT, COMMA = Convention.POINT, Convention.COMMA


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("12,50", "12.50"),
        ("12.50", "12.50"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1’234,5", "1234.5"),
        ("1 234,56", "1234.56"),
        ("1\u202f234\u202f567", "1234567"),
        ("12,34,567.00", "1234567.00"),
        ("0.250", "0.250"),
        ("0,125", "0.125"),
        ("1.234.567", "1234567"),
        (".75", "0.75"),
        ("€ 12,50", "12.50"),
        ("12,50 €", "12.50"),
        ("EUR 1.234,50", "1234.50"),
        ("-£5.20", "-5.20"),
        ("£-5.20", "-5.20"),
        ("(120.00)", "-120.00"),
        ("120,00-", "-120.00"),
        ("−7,67", "-7.67"),
        ("25.-", "25"),
        ("1'250.--", "1250"),
        ("25,—", "25"),
        ("١٢٫٥٠", "12.50"),
        ("US$ 3.10", "3.10"),
        ("149 kr.", "149"),
    ],
)
def test_a_number_that_means_one_thing_is_read(text: str, value: str) -> None:
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "12 pcs", "1,2,3", "12.34.56", "1..2", "1-2", "12:30", "0.5.1"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert readings(text) == {}


@pytest.mark.parametrize("text", ["1.250", "1,250", "12.000", "-3,500"])
def test_a_thousand_or_a_fraction_is_a_question_until_settled(text: str) -> None:
    assert read_number(text) is None
    assert is_ambiguous(text)
    assert read_number(text, POINT) != read_number(text, COMMA)


def test_a_convention_never_overrides_what_a_number_proves() -> None:
    assert read_number("12.50", COMMA) == Decimal("12.50")


def test_numbers_of_a_document_settle_its_convention() -> None:
    assert settle(["1.250", "12,50", "7"]) is COMMA
    assert settle(["1,250", "12.50"]) is POINT
    assert settle(["1.250", "7"]) is None


def test_equal_proof_of_both_settles_nothing_and_a_clear_majority_does() -> None:
    assert settle(["12,50", "12.50"]) is None
    assert settle(["1,5", "2,5", "3,5", "4,5", "1.0"]) is COMMA


def test_numbers_inside_words_are_not_found() -> None:
    found = find_numbers("CW-C6A-2M 12 x 1.5 mm à 4,50 EUR, 1 234,50")
    assert [f.text for f in found] == ["12", "1.5", "4,50", "1 234,50"]


def test_an_endless_row_of_digits_is_no_number() -> None:
    assert readings("9" * 5000) == {}
