"""Orders: how they are numbered, and when an unanswered one is chased."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

_PLACE = re.compile(r"\{(year|number)(?::0?(\d{1,2})d?)?\}")


def order_number(pattern: str, year: int, number: int) -> str:
    """Return the order number that ``pattern`` makes; only {year} and {number} stand for anything.

    >>> order_number("PO-{year}-{number:05d}", 2026, 17)
    'PO-2026-00017'
    """
    values = {"year": year, "number": number}
    return _PLACE.sub(lambda place: str(values[place[1]]).zfill(int(place[2] or 0)), pattern)


def normal_number(number: str) -> str:
    """Return a document number in the form in which two are compared: letters and digits, upper case.

    >>> normal_number("po-2026 / 00184")
    'PO202600184'
    """
    return "".join(c for c in number.upper() if c.isalnum())


def next_chase(issued_at: datetime, days: Sequence[int], overdue_days: int, sent: int) -> datetime:
    """Return when an unanswered order is looked at next, ``sent`` chasers having gone out."""
    day = days[sent] if sent < len(days) else overdue_days
    return issued_at + timedelta(days=day)
