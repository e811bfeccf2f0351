"""What a report is made of: its period, its columns and rows, and the few sums that all reports need."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from records.tables import Organisation

Value = str | int | Decimal | date | None
LONGEST = 1100  # days of one report


class PeriodError(ValueError):
    """Raised for a period that no report is made of; the message is a full sentence."""


@dataclass(frozen=True)
class Period:
    """The days ``first`` to ``last``, both inclusive, as they are where the organisation is."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins or that nobody reads."""
        if self.last < self.first:
            raise PeriodError(f"The period ends on {self.last}, before it begins on {self.first}.")
        if (self.last - self.first).days > LONGEST:
            raise PeriodError(f"A report covers at most {LONGEST} days.")

    @property
    def begins(self) -> datetime:
        """Return the first moment of the period."""
        return datetime.combine(self.first, time(), self.zone).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """Return the first moment after the period."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone).astimezone(UTC)

    def day(self, moment: datetime) -> date:
        """Return the day of ``moment`` where the organisation is."""
        return moment.astimezone(self.zone).date()

    def bucket(self, moment: datetime) -> date:
        """Return the day, the Monday or the first of the month under which ``moment`` is counted."""
        day, length = self.day(moment), (self.last - self.first).days
        if length <= 31:
            return day
        return day - timedelta(days=day.weekday()) if length <= 190 else day.replace(day=1)

    def buckets(self) -> list[date]:
        """Return every bucket of the period in order, also those in which nothing happened."""
        days = (self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))
        noon = time(12)
        return list(dict.fromkeys(self.bucket(datetime.combine(day, noon, self.zone)) for day in days))


@dataclass(frozen=True)
class Column:
    """One column: its key in a file, its heading, and what its values are.

    ``kind`` is text, count, money (base currency), percent (0 to 100), hours, or day.
    """

    key: str
    heading: str
    kind: str = "text"


@dataclass(frozen=True)
class Report:
    """A table. ``chart`` names the columns that are drawn over the first one; ``notes`` are full sentences."""

    name: str
    title: str
    question: str  # that it answers, in the reader's words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    chart: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    currency: str | None = None  # of the money columns


Make = Callable[[Session, Organisation, Period], Report]


def period_of(organisation: Organisation, first: date | None, last: date | None, now: datetime) -> Period:
    """Return the asked period; what is left open is the last 30 days until today."""
    zone = ZoneInfo(organisation.time_zone)
    end = last or now.astimezone(zone).date()
    return Period(first or end - timedelta(days=29), end, zone)


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Return ``part`` of ``whole`` in percent with one decimal; None where there is nothing to share."""
    return None if not whole else (Decimal(100) * part / whole).quantize(Decimal("0.1"))


def hours(durations: Iterable[timedelta], quantile: float = 0.5) -> Decimal | None:
    """Return the quantile (nearest rank) of the durations in hours with one decimal; None without any."""
    ordered: Sequence[timedelta] = sorted(durations)
    if not ordered:
        return None
    rank = min(len(ordered) - 1, int(quantile * len(ordered)))
    return (Decimal(ordered[rank].total_seconds()) / 3600).quantize(Decimal("0.1"))
