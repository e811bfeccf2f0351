"""When an exception should be cleared: in working time, by what is promised for its reason."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from procurement.service_level import business_minutes_later, promised_by
from procurement.working_time import WorkingTime

WORK = WorkingTime(ZoneInfo("UTC"))  # Monday to Friday, 8 to 18


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)  # 2 March is a Monday


def test_minutes_within_a_day_are_counted_as_they_are_and_the_end_of_work_still_belongs_to_it() -> None:
    assert business_minutes_later(at(2, 9), 60, WORK) == at(2, 10)
    assert business_minutes_later(at(2, 17), 60, WORK) == at(2, 18)


def test_what_is_left_over_goes_on_when_work_begins_next() -> None:
    assert business_minutes_later(at(2, 17), 61, WORK) == at(3, 8, 1)
    assert business_minutes_later(at(6, 17), 120, WORK) == at(9, 9)  # over a weekend
    assert business_minutes_later(at(7, 12), 30, WORK) == at(9, 8, 30)


def test_urgent_reasons_are_promised_sooner_than_others() -> None:
    assert promised_by(at(2, 9), "BANK_MISMATCH", WORK) == at(2, 10)
    assert promised_by(at(2, 9), "STALE_REVISION", WORK) == at(2, 13)
    assert promised_by(at(2, 9), "UNKNOWN_ITEM", WORK) == at(2, 17)
