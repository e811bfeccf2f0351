"""When something is due: at weekends, on holidays, at night, and when the clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from procurement.public_holidays import is_known, public_holidays
from procurement.working_time import WorkingTime, in_working_time, working_days_later, working_time

BERLIN = ZoneInfo("Europe/Berlin")
GERMANY = WorkingTime(BERLIN, "DE", "BY")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        ("2026-07-14 09:30", "2026-07-14 09:30"),
        ("2026-07-14 08:00", "2026-07-14 08:00"),
        ("2026-07-14 07:59", "2026-07-14 08:00"),
        ("2026-07-14 17:59", "2026-07-14 17:59"),
        ("2026-07-14 18:00", "2026-07-15 08:00"),
        ("2026-07-17 19:00", "2026-07-20 08:00"),  # Friday evening
        ("2026-07-18 12:00", "2026-07-20 08:00"),  # Saturday
        ("2026-01-06 10:00", "2026-01-07 08:00"),  # Epiphany, free in Bavaria
        ("2026-12-24 20:00", "2026-12-28 08:00"),  # Christmas and a weekend
    ],
)
def test_work_begins_when_the_organisation_works_next(moment: str, begins: str) -> None:
    assert in_working_time(at(moment), GERMANY) == at(begins)


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        ("2026-07-13 10:00", 2, "2026-07-15 10:00"),
        ("2026-07-16 10:00", 2, "2026-07-20 10:00"),  # Thursday, over a weekend
        ("2026-07-18 10:00", 1, "2026-07-21 08:00"),  # Saturday counts as Monday morning
        ("2026-04-02 11:00", 1, "2026-04-07 11:00"),  # over Easter
        ("2026-03-27 12:00", 1, "2026-03-30 12:00"),  # the clocks go forward on Sunday
        ("2026-07-14 10:00", 0, "2026-07-14 10:00"),
    ],
)
def test_days_are_counted_that_are_worked_on(asked: str, days: int, due: str) -> None:
    assert working_days_later(at(asked), days, GERMANY) == at(due)


def test_the_answer_is_in_the_zone_of_the_question() -> None:
    asked = datetime(2026, 7, 13, 8, 0, tzinfo=UTC)
    assert working_days_later(asked, 1, GERMANY) == datetime(2026, 7, 14, 8, 0, tzinfo=UTC)


def test_another_region_has_other_holidays() -> None:
    epiphany = date(2026, 1, 6)
    assert epiphany in public_holidays("DE", "BY", 2026)
    assert epiphany not in public_holidays("DE", "HH", 2026)
    assert is_known("FR", None) and not is_known("DE", "XX")
    assert public_holidays("ZZ", None, 2026) == frozenset()


def test_a_calendar_is_read_as_the_folder_says_it() -> None:
    values = {"days": ["sun", "mon"], "starts": "09:00", "ends": "12:00", "closed": ["2026-07-20"], "country": "DE"}
    working = working_time(values, "FR", "Europe/Berlin")
    assert working_days_later(at("2026-07-19 10:00"), 1, working) == at("2026-07-26 10:00")
    assert working_time({}, "FR", "Europe/Paris").country == "FR"


def test_a_calendar_without_a_working_day_still_ends() -> None:
    never = WorkingTime(BERLIN, days=frozenset())
    assert working_days_later(at("2026-07-13 10:00"), 1, never) > at("2026-07-13 10:00")
