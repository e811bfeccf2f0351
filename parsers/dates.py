"""Dates as people write them in many languages, numeric and worded.

``05/11/2026`` is the fifth of November in most of the world and May 11 in the United States: without
an order of day and month that something in the document proves it stays a question, and ``value`` is None
with both candidates named. Dates relative to a day ("next Friday") are in ``parsers.dates_relative``.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

OLDEST_YEAR, LATEST_YEAR = 1970, 2099
_PAST_REACH = timedelta(days=92)  # a date without a year that lies further back means the next one


class Order(StrEnum):
    """Which of day and month comes first in a numeric date."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True)
class FoundDate:
    """A date in a text: ``span`` is [start, end), ``text`` what stands there.

    ``value`` is None where it is ambiguous; then ``candidates`` are the days it may mean, earliest
    first. ``period`` is (first day, last day) of a stated week or month end, None for a single day.
    """

    text: str
    span: tuple[int, int]
    value: date | None
    candidates: tuple[date, ...]
    period: tuple[date, date] | None = None


@lru_cache(maxsize=1)
def lexicon() -> Mapping[str, Any]:
    """Return the words of ``lexicon/dates.toml``."""
    return tomllib.loads(resources.files("parsers").joinpath("lexicon/dates.toml").read_text("utf-8"))


def find_dates(text: str, order: Order | None = None, today: date | None = None) -> tuple[FoundDate, ...]:
    """Return the dates in ``text`` in order of place, overlapping ones left out.

    ``order`` settles numeric dates that it makes possible. Dates without a year are found only with
    ``today``, and mean the nearest one that is not long past.
    """
    taken: list[FoundDate] = []
    for found in [
        *_iso(text),
        *_worded(text, today),
        *_numeric(text, order),
        *_short(text, order, today),
    ]:
        if all(found.span[1] <= t.span[0] or t.span[1] <= found.span[0] for t in taken):
            taken.append(found)
    return tuple(sorted(taken, key=lambda found: found.span))


def read_date(text: str, order: Order | None = None, today: date | None = None) -> date | None:
    """Return the one date that ``text`` states; None if it states none, several or an ambiguous one.

    >>> read_date("30. November 2026"), read_date("05/11/2026"), read_date("05/11/2026", Order.DAY_FIRST)
    (datetime.date(2026, 11, 30), None, datetime.date(2026, 11, 5))
    """
    found = find_dates(text, order, today)
    return found[0].value if len({f.candidates for f in found}) == 1 else None


def settle_order(texts: Iterable[str], language: str | None = None) -> Order | None:
    """Return the order that the numeric dates in ``texts``, their places or ``language`` prove.

    A date such as 25/11/2026 proves its order for all; two that contradict each other prove
    nothing. English alone proves nothing; a United States ZIP code, or a sign of another
    English-speaking country, does.
    """
    joined = "\n".join(texts)
    proofs = {_proof(match) for match in _NUMERIC.finditer(joined)} - {None}
    if proofs:
        return proofs.pop() if len(proofs) == 1 else None
    if language and language != "en":
        return Order.DAY_FIRST
    american, elsewhere = bool(_AMERICAN.search(joined)), bool(_ELSEWHERE.search(joined))
    if american != elsewhere:
        return Order.MONTH_FIRST if american else Order.DAY_FIRST
    return None


def day(year: int, month: int, day_of_month: int) -> date | None:
    """Return the day, None where the calendar has none or the year is out of all reason."""
    if not OLDEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


def nearest_year(month: int, day_of_month: int, today: date) -> date | None:
    """Return the day of this year, or of the next where this year's is more than three months past."""
    this_year = day(today.year, month, day_of_month)
    if this_year is not None and this_year >= today - _PAST_REACH:
        return this_year
    return day(today.year + 1, month, day_of_month)


def alternatives(words: Iterable[str]) -> str:
    """Return a pattern that matches any of ``words``, the longest first, blank space as it comes."""
    ordered = sorted({w for w in words if w}, key=lambda w: (-len(w), w))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered)


@lru_cache(maxsize=1)
def months() -> Mapping[str, int]:
    """Return month form in any language -> number of the month."""
    rows = ((n, forms) for table in lexicon()["months"].values() for n, forms in enumerate(table, 1))
    return {form: number for number, forms in rows for form in forms.split()}


def month_number(form: str) -> int | None:
    """Return the number of the month called ``form`` in any language."""
    return months().get(form.casefold().rstrip("."))


_ISO = re.compile(
    r"(?<![\d.,/-])(\d{4})"
    r"(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.\s?(\d{1,2})\.\s?(\d{1,2})|年(\d{1,2})月(\d{1,2}))(?![\d/-])"
)
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(\d{1,2})(?P<sep>\s?[./-]\s?)(\d{1,2})(?P=sep)((?:19|20)\d{2}|\d{2})(?![\d/-]|[.,]\d)"
)
_SHORT = re.compile(r"(?<![\d.,/-])(\d{1,2})(?:\.\s?(\d{1,2})\.(?!\s?\d)|/(\d{2})(?![\d/-]|[.,]\d))")
_AMERICAN = re.compile(r"\b[A-Z]{2},?\s+\d{5}(?:-\d{4})?\b|\bUnited States\b|\bU\.?S\.?A\b\.?|\bMM/DD/YY")
_ELSEWHERE = re.compile(
    r"£|€|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b(?:GBP|EUR|CHF|AUD|NZD|VAT|ABN|GST)\b|\bA\$"
    r"|\bUnited Kingdom\b|\bDD/MM/YY"
)
_DAY_WORDS = r"(?:st|nd|rd|th|er|re|º|ª|°|\.|:a|:e)?[\s-]*(?:of\s+|de\s+|d['’]|del\s+|do\s+)?"


@lru_cache(maxsize=1)
def _worded_patterns() -> tuple[re.Pattern[str], ...]:
    """Return patterns for day month year, year month day and month day year."""
    name = rf"(?P<month>{alternatives(months())})(?!\w)\.?"
    year = (
        r"(?:(?:\s*,?\s*|-)(?:de\s+|del\s+|do\s+)?(?P<year>(?:19|20)\d{2})(?!\d)"
        r"|[-./](?P<year2>\d{2})(?!\d)|\s*['’](?P<year3>\d{2})(?!\d))?"
    )
    start = r"(?<![\w.,/-])"
    patterns = (
        start + r"(?P<day>\d{1,2})" + _DAY_WORDS + name + year,
        start + r"(?P<year>(?:19|20)\d{2})[.\s-]+" + name + r"[\s-]+(?P<day>\d{1,2})(?!\d)",
        start + name + r"[\s-]*(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d:]|[.,]\d)" + year,
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _iso(text: str) -> Iterator[FoundDate]:
    for match in _ISO.finditer(text):
        year, month, day_of_month = (int(group) for group in match.groups() if group)
        yield from _sure(match, day(year, month, day_of_month))


def _sure(match: re.Match[str], found: date | None) -> Iterator[FoundDate]:
    if found is not None:
        yield FoundDate(match.group(), match.span(), found, (found,))


def _worded(text: str, today: date | None) -> Iterator[FoundDate]:
    for pattern in _worded_patterns():
        for match in pattern.finditer(text):
            yield from _sure(match, _worded_day(match.groupdict(), today))


def _worded_day(groups: Mapping[str, str | None], today: date | None) -> date | None:
    name, day_of_month = groups["month"] or "", int(groups["day"] or 0)
    month = month_number(name)
    if month is None:
        return None
    short = groups.get("year2") or groups.get("year3")
    if groups["year"] or short:
        return day(int(groups["year"] or f"20{short}"), month, day_of_month)
    weak = name.casefold().rstrip(".") in lexicon()["weak"]["months"].split()
    if today is None or (weak and name.islower() and len(name) < 4):
        return None
    return nearest_year(month, day_of_month, today)


def _numeric(text: str, order: Order | None) -> Iterator[FoundDate]:
    for match in _NUMERIC.finditer(text):
        yield from _ordered(match, _numeric_days(match), order)


def _numeric_days(match: re.Match[str]) -> dict[Order, date]:
    """Return the day under each order that makes one; dots always mean the day first."""
    first, second = int(match[1]), int(match[3])
    year = int(match[4]) if len(match[4]) == 4 else 2000 + int(match[4])
    days = {Order.DAY_FIRST: day(year, second, first), Order.MONTH_FIRST: day(year, first, second)}
    if match["sep"].strip() == "." and days[Order.DAY_FIRST] is not None:
        days[Order.MONTH_FIRST] = None
    return {order: found for order, found in days.items() if found is not None}


def _proof(match: re.Match[str]) -> Order | None:
    days = _numeric_days(match)
    return next(iter(days)) if len(days) == 1 and match["sep"].strip() != "." else None


def _ordered(match: re.Match[str], days: Mapping[Order, date], order: Order | None) -> Iterator[FoundDate]:
    candidates = tuple(sorted(set(days.values())))
    if not candidates:
        return
    settled = candidates[0] if len(candidates) == 1 else days.get(order) if order else None
    yield FoundDate(match.group(), match.span(), settled, (settled,) if settled else candidates)


def _short(text: str, order: Order | None, today: date | None) -> Iterator[FoundDate]:
    """Yield dates without a year: ``30.11.`` always, ``30/11`` only where the order is settled."""
    if today is None:
        return
    for match in _SHORT.finditer(text):
        first, second = int(match[1]), int(match[2] or match[3])
        if match[2] or order is Order.DAY_FIRST:
            yield from _sure(match, nearest_year(second, first, today))
        elif order is Order.MONTH_FIRST:
            yield from _sure(match, nearest_year(first, second, today))
