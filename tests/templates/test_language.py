from datetime import date
from decimal import Decimal

import pytest

from templates.language import LOCALES, Language, supported, words

DAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("code", "amount", "day"),
    [
        ("en", "1,234,567.50", "4 March 2026"),
        ("de", "1.234.567,50", "4. März 2026"),
        ("fr", "1\u00a0234\u00a0567,50", "4 mars 2026"),
        ("es", "1.234.567,50", "4 de marzo de 2026"),
        ("it", "1.234.567,50", "4 marzo 2026"),
        ("nl", "1.234.567,50", "4 maart 2026"),
        ("pt", "1\u00a0234\u00a0567,50", "4 de março de 2026"),
        ("pl", "1\u00a0234\u00a0567,50", "4 marca 2026"),
    ],
)
def test_amounts_and_dates_read_as_at_home(code: str, amount: str, day: str) -> None:
    assert Language(code).amount(Decimal("1234567.50")) == amount
    assert Language(code).date(DAY) == day


@pytest.mark.parametrize("code", LOCALES)
def test_no_short_date_can_be_read_two_ways(code: str) -> None:
    shown = Language(code).short_date(DAY)
    assert shown == "04.03.2026" if code == "de" else any(char.isalpha() for char in shown)


def test_no_digit_of_a_price_or_quantity_is_rounded_away() -> None:
    english = Language("en")
    assert english.price(Decimal("0.000125")) == "0.000125"
    assert english.price(Decimal("5")) == "5.00"
    assert english.quantity(Decimal("1E+3")) == "1,000"
    assert english.quantity(Decimal("2.50")) == "2.5"
    assert english.price(Decimal("123456789012345678.99")) == "123,456,789,012,345,678.99"


def test_a_code_becomes_a_word_and_a_word_stays_as_it_was_written() -> None:
    assert Language("de").unit("H87") == "Stück"
    assert Language("de").unit("Gebinde à 6") == "Gebinde à 6"


def test_an_unknown_country_stays_its_code() -> None:
    assert Language("fr").country("de") == "Allemagne"
    assert Language("fr").country("QX") == "QX"


def test_regions_are_served_by_their_language() -> None:
    assert [supported(x) for x in ("de-AT", "NL", "pt_BR", "sv", "")] == ["de", "nl", "pt", "en", "en"]


def test_changes_show_each_kind_of_value() -> None:
    german = Language("de")
    assert german.changed("quantity", Decimal("10.50")) == "10,5"
    assert german.changed("unit_price", Decimal("10.5")) == "10,50"
    assert german.changed("tax_rate", Decimal("0.19")) == "19\u00a0%"
    assert german.changed("unit", "C62") == "Stück"
    assert german.changed("needed_by", DAY) == "04.03.2026"
    assert german.changed("note", None) == "–"


@pytest.mark.parametrize("language", LOCALES)
def test_every_language_has_a_word_for_every_unit_that_another_has(language: str) -> None:
    assert words("units", language).keys() == words("units", "en").keys()
