from datetime import date

import pytest

from parsers.dates_relative import find_relative_dates

TUESDAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today please", date(2026, 11, 10)),
        ("Lieferung morgen", date(2026, 11, 11)),
        ("bis übermorgen", date(2026, 11, 12)),
        ("para el jueves", date(2026, 11, 12)),
        ("by Friday", date(2026, 11, 13)),
        ("needed Tuesday", date(2026, 11, 17)),
        ("next Monday", date(2026, 11, 16)),
        ("nächste Woche Freitag", date(2026, 11, 20)),
        ("Friday next week", date(2026, 11, 20)),
        ("vendredi prochain", date(2026, 11, 13)),
        ("aanstaande vrijdag", date(2026, 11, 13)),
        ("entro venerdì", date(2026, 11, 13)),
        ("na sexta-feira", date(2026, 11, 13)),
        ("do piątku", date(2026, 11, 13)),
        ("in two weeks", date(2026, 11, 24)),
        ("in 10 Tagen", date(2026, 11, 20)),
        ("dans 3 semaines", date(2026, 12, 1)),
        ("bis Ende November", date(2026, 11, 30)),
        ("end of January", date(2027, 1, 31)),
        ("fin février 2028", date(2028, 2, 29)),
        ("a finales de noviembre", date(2026, 11, 30)),
        ("eind december", date(2026, 12, 31)),
        ("fine mese", date(2026, 11, 30)),
    ],
)
def test_a_relative_date_is_told_from_the_given_day(text: str, expected: date) -> None:
    assert [f.value for f in find_relative_dates(text, TUESDAY)] == [expected]


def test_next_friday_on_a_tuesday_is_a_question() -> None:
    (found,) = find_relative_dates("by next Friday", TUESDAY)
    assert found.value is None
    assert found.candidates == (date(2026, 11, 13), date(2026, 11, 20))


def test_a_calendar_week_is_a_period() -> None:
    (found,) = find_relative_dates("Lieferung in KW 48", TUESDAY)
    assert found.period == (date(2026, 11, 23), date(2026, 11, 29))
    assert found.value is None


def test_a_week_long_past_is_next_years() -> None:
    (found,) = find_relative_dates("KW 2", TUESDAY)
    assert found.period == (date(2027, 1, 11), date(2027, 1, 17))


@pytest.mark.parametrize("text", ["Guten Morgen Frau Kern", "Morgen Jan", "por la mañana", "KW 60", "within reason"])
def test_greetings_and_parts_of_the_day_are_no_dates(text: str) -> None:
    assert find_relative_dates(text, TUESDAY) == ()
