"""Dates told from a given day: tomorrow, next Friday, in two weeks, end of November, week 48.

A weekday alone is its next occurrence after the given day. "Next Friday" said early in a week may mean
this week's or the following one's: it stays a question with both named. A calendar week is a
period: ``value`` is None and ``period`` runs from its Monday to its Sunday.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

from parsers.dates import FoundDate, alternatives, day, lexicon, month_number, months, nearest_year

_DAY = timedelta(days=1)
_START, _END = r"(?<![\w/-])", r"(?!\w)"
_LONGEST_WAIT = 366


def find_relative_dates(text: str, today: date) -> tuple[FoundDate, ...]:
    """Return the dates in ``text`` that are told from ``today``, in order, the longest reading first."""
    taken: list[FoundDate] = []
    for found in _all(text, today):
        if all(found.span[1] <= t.span[0] or t.span[1] <= found.span[0] for t in taken):
            taken.append(found)
    return tuple(sorted(taken, key=lambda found: found.span))


def _all(text: str, today: date) -> Iterator[FoundDate]:
    yield from _ends(text, today)
    yield from _weekdays(text, today)
    yield from _weeks(text, today)
    yield from _spans(text, today)
    yield from _near_days(text, today)


def _sure(match: re.Match[str], found: date | None) -> Iterator[FoundDate]:
    if found is not None:
        yield FoundDate(match.group(), match.span(), found, (found,))


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(_START + pattern + _END, re.IGNORECASE)


@lru_cache(maxsize=1)
def _words() -> Mapping[str, str]:
    """Return each list of relative words as a pattern."""
    return {name: alternatives(words) for name, words in lexicon()["relative"].items()}


@lru_cache(maxsize=1)
def _weekday_numbers() -> Mapping[str, int]:
    table: dict[str, int] = {}
    for section in ("weekdays", "more_weekdays"):
        for rows in lexicon()[section].values():
            table |= {form: number for number, forms in enumerate(rows) for form in forms.split()}
    return table


@lru_cache(maxsize=1)
def _count_numbers() -> Mapping[str, int]:
    rows = lexicon()["relative"]["counts"]
    return {form: number for number, forms in enumerate(rows) for form in forms.split()}


@lru_cache(maxsize=1)
def _end_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = _words()
    year = r"(?:\s+(?:de\s+)?(?P<year>20\d\d))?"
    of_named = rf"(?:{words['end_of']})\s*(?P<month>{alternatives(months())})(?!\w)\.?{year}"
    return _pattern(of_named), _pattern(words["end_of_month"]), _pattern(words["end_of_year"])


def _ends(text: str, today: date) -> Iterator[FoundDate]:
    named, month_end, year_end = _end_patterns()
    for match in named.finditer(text):
        month = month_number(match["month"])
        if month is not None:
            yield from _period_end(match, _last_of(month, match["year"], today))
    for match in month_end.finditer(text):
        yield from _period_end(match, _month_end(today.year, today.month))
    for match in year_end.finditer(text):
        yield from _period_end(match, date(today.year, 12, 31))


def _period_end(match: re.Match[str], last: date | None) -> Iterator[FoundDate]:
    if last is not None:
        yield FoundDate(match.group(), match.span(), last, (last,), (last.replace(day=21), last))


def _last_of(month: int, year: str | None, today: date) -> date | None:
    if year:
        return _month_end(int(year), month)
    first = nearest_year(month, 28, today)
    return _month_end(first.year, month) if first else None


def _month_end(year: int, month: int) -> date | None:
    following = day(year + month // 12, month % 12 + 1, 1)
    return following - _DAY if following else None


@lru_cache(maxsize=1)
def _weekday_pattern() -> re.Pattern[str]:
    words = _words()
    name = alternatives(form for form in _weekday_numbers() if len(form) > 3)
    return _pattern(
        rf"(?:(?P<week_before>{words['next_week']})\s+|(?P<following>{words['following']})\s+|(?P<coming>{words['coming']})\s+)?"
        rf"(?P<name>{name})(?:,?\s+(?P<week_after>{words['next_week']})|\s+(?P<next_after>{words['next_after']}))?"
    )


def _weekdays(text: str, today: date) -> Iterator[FoundDate]:
    for match in _weekday_pattern().finditer(text):
        number = _weekday_numbers()[match["name"].casefold()]
        ahead = today + _DAY * ((number - today.weekday() - 1) % 7 + 1)
        of_next_week = today + _DAY * (7 - today.weekday() + number)
        if match["week_before"] or match["week_after"]:
            yield from _sure(match, of_next_week)
        elif match["following"] and ahead != of_next_week:
            yield FoundDate(match.group(), match.span(), None, (ahead, of_next_week))
        else:
            yield from _sure(match, ahead)


@lru_cache(maxsize=1)
def _week_pattern() -> re.Pattern[str]:
    return _pattern(
        rf"(?:{_words()['week']})\s*(?:nr\.?\s*)?(?P<week>[1-9]|[1-4]\d|5[0-3])(?:\s*[/.]\s*(?P<year>20\d\d|\d\d))?"
    )


def _weeks(text: str, today: date) -> Iterator[FoundDate]:
    for match in _week_pattern().finditer(text):
        monday = _monday(int(match["week"]), match["year"], today)
        if monday is not None:
            yield FoundDate(match.group(), match.span(), None, (), (monday, monday + 6 * _DAY))


def _monday(week: int, year: str | None, today: date) -> date | None:
    """Return the Monday of an ISO week; without a year the first such week that is not long past."""
    try:
        if year:
            return date.fromisocalendar(int(year) if len(year) == 4 else 2000 + int(year), week, 1)
        monday = date.fromisocalendar(today.year, week, 1)
        return monday if monday >= today - 92 * _DAY else date.fromisocalendar(today.year + 1, week, 1)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _span_pattern() -> re.Pattern[str]:
    words = _words()
    count = alternatives(_count_numbers())
    return _pattern(
        rf"(?:{words['in_prefix']})\s+(?P<count>\d{{1,3}}|{count})\s+(?:(?P<weeks>{words['weeks']})|(?P<days>{words['days']}))"
    )


def _spans(text: str, today: date) -> Iterator[FoundDate]:
    for match in _span_pattern().finditer(text):
        written = match["count"].casefold()
        count = int(written) if written.isdecimal() else _count_numbers()[written]
        days = count * (7 if match["weeks"] else 1)
        if 0 < days <= _LONGEST_WAIT:
            yield from _sure(match, today + days * _DAY)


@lru_cache(maxsize=1)
def _near_pattern() -> re.Pattern[str]:
    words = _words()
    return _pattern(
        rf"(?:(?P<two>{words['day_after_tomorrow']})|(?P<one>{words['tomorrow']})|(?P<zero>{words['today']}))"
    )


def _near_days(text: str, today: date) -> Iterator[FoundDate]:
    """Yield today and tomorrow; ``Morgen`` as a greeting and Spanish ``la mañana`` are no dates."""
    for match in _near_pattern().finditer(text):
        if _is_part_of_day(text, match):
            continue
        yield from _sure(match, today + _DAY * (2 if match["two"] else 1 if match["one"] else 0))


_PART_OF_DAY_BEFORE = re.compile(r"(?:guten|goede|god|de la|por la|la|am|den|'s|cada|jeden|dobré)\s+$", re.IGNORECASE)


def _is_part_of_day(text: str, match: re.Match[str]) -> bool:
    if match.group().casefold() not in ("morgen", "mañana"):
        return False
    greeting = match.group() == "Morgen" and (match.start() == 0 or text[match.start() - 1] == "\n")
    return greeting or bool(_PART_OF_DAY_BEFORE.search(text[: match.start()]))
