from datetime import date

import pytest

from parsers.dates import Order, find_dates, read_date, settle_order

DAY, MONTH = Order.DAY_FIRST, Order.MONTH_FIRST
TODAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-30", date(2026, 11, 30)),
        ("2026/11/30", date(2026, 11, 30)),
        ("2026年11月30日", date(2026, 11, 30)),
        ("30.11.2026", date(2026, 11, 30)),
        ("05.11.26", date(2026, 11, 5)),
        ("30/11/2026", date(2026, 11, 30)),
        ("11/30/2026", date(2026, 11, 30)),
        ("30 November 2026", date(2026, 11, 30)),
        ("November 30th, 2026", date(2026, 11, 30)),
        ("30th of November 2026", date(2026, 11, 30)),
        ("30-Nov-26", date(2026, 11, 30)),
        ("30. März 2026", date(2026, 3, 30)),
        ("1er décembre 2026", date(2026, 12, 1)),
        ("1 août 2026", date(2026, 8, 1)),
        ("30 de noviembre de 2026", date(2026, 11, 30)),
        ("30 novembre 2026", date(2026, 11, 30)),
        ("3 mei 2026", date(2026, 5, 3)),
        ("12 de dezembro de 2026", date(2026, 12, 12)),
        ("30 listopada 2026", date(2026, 11, 30)),
        ("3 maj 2026", date(2026, 5, 3)),
        ("30 marraskuuta 2026", date(2026, 11, 30)),
        ("2026. november 30", date(2026, 11, 30)),
    ],
)
def test_a_date_with_a_year_is_read(text: str, expected: date) -> None:
    assert read_date(text) == expected


@pytest.mark.parametrize(
    "text", ["31.02.2026", "2026-13-01", "99/99/2026", "1.2.3.4", "192.168.10.20", "12.50", "", "may"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_day_and_month_that_could_change_places_are_a_question_until_settled() -> None:
    (found,) = find_dates("Date: 05/11/2026")
    assert found.value is None
    assert found.candidates == (date(2026, 5, 11), date(2026, 11, 5))
    assert read_date("05/11/2026", DAY) == date(2026, 11, 5)
    assert read_date("05/11/2026", MONTH) == date(2026, 5, 11)
    assert read_date("05/05/2026") == date(2026, 5, 5)


def test_one_date_beyond_twelve_settles_the_order_of_all() -> None:
    assert settle_order(["05/11/2026", "25/11/2026"]) is DAY
    assert settle_order(["05/11/2026", "11/25/2026"]) is MONTH
    assert settle_order(["25/11/2026", "11/25/2026"]) is None
    assert settle_order(["05/11/2026"]) is None


def test_language_and_place_settle_the_order() -> None:
    assert settle_order(["05/11/2026"], language="fr") is DAY
    assert settle_order(["05/11/2026"], language="en") is None
    assert settle_order(["Springfield, IL 62704", "05/11/2026"], language="en") is MONTH
    assert settle_order(["VAT 20 %", "05/11/2026"], language="en") is DAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 1 December", date(2026, 12, 1)),
        ("bis 15. Januar", date(2027, 1, 15)),
        ("vom 30.10.", date(2026, 10, 30)),
        ("le 3 décembre", date(2026, 12, 3)),
    ],
)
def test_a_date_without_a_year_is_the_nearest_one(text: str, expected: date) -> None:
    assert read_date(text, today=TODAY) == expected
    assert find_dates(text) == ()


def test_the_place_and_the_text_of_each_date_are_told() -> None:
    text = "from 1.12.2026 to 24 December 2026"
    assert [(text[slice(*f.span)], f.value) for f in find_dates(text)] == [
        ("1.12.2026", date(2026, 12, 1)),
        ("24 December 2026", date(2026, 12, 24)),
    ]
