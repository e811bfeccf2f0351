"""Dates of the demo, counted from the day on which it runs and written as people write them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The days of a demo that runs on ``today``."""

    today: date

    def workday(self, days: int) -> date:
        """Return the day ``days`` from today, or the Monday after it where that is a weekend.

        >>> Calendar(date(2026, 7, 1)).workday(3).isoformat()
        '2026-07-06'
        """
        day = self.today + timedelta(days=days)
        return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= SATURDAY else 0)

    def later(self, day: date) -> date:
        """Return the last workday within the three days after the workday ``day``: within the sample's tolerance."""
        found = day + timedelta(days=3)
        while found.weekday() >= SATURDAY:
            found -= timedelta(days=1)
        return found


def calendar_of(now: datetime) -> Calendar:
    """Return the calendar of the day that ``now`` is at the sample organisation."""
    return Calendar(now.astimezone(ZONE).date())


def english(day: date) -> str:
    """Return a day as "4 December 2026"."""
    return f"{day.day} {_ENGLISH[day.month - 1]} {day.year}"


def german(day: date) -> str:
    """Return a day as "04.12.2026"."""
    return f"{day:%d.%m.%Y}"


_ENGLISH = ("January February March April May June July August September October November December").split()
