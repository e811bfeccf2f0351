"""When an organisation works, and when something is due that must not fall into its evening or holiday."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from procurement.public_holidays import public_holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_FREE_DAYS = 60  # in a row; a calendar with more is wrong, and then the days are counted as they are


@dataclass(frozen=True)
class WorkingTime:
    """The weekdays (0 is Monday) and hours of work, ``ends`` exclusive, and where holidays are looked up."""

    zone: ZoneInfo
    country: str | None = None
    region: str | None = None
    days: frozenset[int] = frozenset(range(5))
    starts: time = time(8)
    ends: time = time(18)
    closed: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Return whether the organisation works on ``day``."""
        if day.weekday() not in self.days or day in self.closed:
            return False
        return self.country is None or day not in public_holidays(self.country, self.region, day.year)


def working_time(values: Mapping[str, Any], country: str | None, zone: str) -> WorkingTime:
    """Return the working time of an organisation; ``values`` are its calendar as the folder says it."""
    stated = {name: time.fromisoformat(values[name]) for name in ("starts", "ends") if name in values}
    return WorkingTime(
        zone=ZoneInfo(zone),
        country=values.get("country", country),
        region=values.get("region"),
        days=frozenset(DAYS.index(day) for day in values.get("days", DAYS[:5])),
        closed=frozenset(map(date.fromisoformat, values.get("closed", ()))),
        **stated,
    )


def working_days_later(moment: datetime, days: int, working: WorkingTime) -> datetime:
    """Return the time ``days`` working days after ``moment``, at the same hour but within the hours of work.

    What comes in on a free day or after hours counts as if it had come when work begins next.
    """
    start = in_working_time(moment, working).astimezone(working.zone)
    day = start.date()
    for _ in range(days):
        day = _next_working(day + timedelta(days=1), working)
    return datetime.combine(day, start.timetz().replace(tzinfo=None), working.zone).astimezone(moment.tzinfo)


def in_working_time(moment: datetime, working: WorkingTime) -> datetime:
    """Return ``moment`` itself where the organisation works then, else when work begins next."""
    local = moment.astimezone(working.zone)
    day = local.date()
    if working.is_working(day) and working.starts <= local.time() < working.ends:
        return moment
    if working.is_working(day) and local.time() < working.starts:
        begins = day
    else:
        begins = _next_working(day + timedelta(days=1), working)
    return datetime.combine(begins, working.starts, working.zone).astimezone(moment.tzinfo)


def _next_working(day: date, working: WorkingTime) -> date:
    ahead = (day + timedelta(days=number) for number in range(MOST_FREE_DAYS))
    return next((one for one in ahead if working.is_working(one)), day)
