"""The prices, quantities and dates that a statement of an answer states: which hold, and which are replaced.

Each value is found once and with its place; what cannot be told to be a new value of a line stays a
value all the same, so that whoever reads knows that something was said.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from parsers.dates import Order
from parsers.numbers import Convention, read_number
from parsers.phrases import any_of, load
from parsers.prose_fields import dates_in
from parsers.prose_quantity import counted, number_words, unit_pattern, value_of

_FIGURE = r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,4})?|\d{1,7}(?:[.,]\d{1,4})?"
_SIGN = r"€|£|\$|zł|\b(?:EUR|GBP|USD|CHF|PLN|SEK|DKK|NOK|CZK|euros?|kroner|kronor|kr\.?|pounds?|zloty)(?!\w)"
_MONEY = re.compile(
    rf"(?:{_SIGN})\s?(?P<behind>{_FIGURE})(?![\d%])|(?<![\w.,/-])(?P<before>{_FIGURE})\s?(?:{_SIGN})", re.IGNORECASE
)
_DECIMAL = re.compile(r"(?<![\w.,/-])\d{1,6}(?:[.,]\d{3})*[.,]\d{2}(?![\w.,%/-]*\d|\s?%)")
_PERCENT = re.compile(r"(?<![\w.,])\d{1,3}(?:[.,]\d+)?\s?(?:%|percent\b|per cent\b|prozent\b|pour cent\b|procent\b)")
_PER_MANY = re.compile(r"^\s*(?:per|pro|je|/|par|por|a|za|%)\s*\d{2,4}\b", re.IGNORECASE)


class What(StrEnum):
    """What a value says of a line; OTHER is money, a percentage or a time that is no value of a line."""

    PRICE = "price"
    QUANTITY = "quantity"
    DATE = "date"
    OTHER = "figure"


@dataclass(frozen=True)
class Said:
    """One value: ``value`` is None where it means two things; ``replaced`` is what no longer holds."""

    what: What
    value: Decimal | date | None
    unit: str | None
    span: tuple[int, int]
    text: str
    replaced: bool = False


@dataclass(frozen=True)
class Settings:
    """How this mail writes numbers and dates, and the day it was written."""

    convention: Convention | None = None
    today: date | None = None
    order: Order | None = None


@cache
def _words(section: str, name: str) -> str:
    return any_of(load("stated")[section][name])


@cache
def replaced() -> re.Pattern[str]:
    """Return the pattern of words right before a value that no longer holds."""
    return re.compile(rf"(?<!\w){_words('replaced', 'before')}\W*(?:{_words('replaced', 'filler')}\W+){{0,3}}$", re.I)


def values_in(text: str, settings: Settings, taken: Sequence[tuple[int, int]] = ()) -> list[Said]:
    """Return every price, quantity and date of ``text`` outside the spans ``taken``, in order.

    >>> [(s.what.value, str(s.value), s.replaced) for s in values_in("10 boxes at EUR 9.50, not 8", Settings())]
    [('quantity', '10', False), ('price', '9.50', False)]
    """
    found: list[Said] = []
    spans = list(taken)
    for reader in (_dates, _percentages, _prices, _quantities):
        for said in reader(text, settings, tuple(spans)):
            if all(said.span[1] <= a or b <= said.span[0] for a, b in spans):
                spans.append(said.span)
                found.append(said)
    return sorted(found, key=lambda said: said.span)


def _is_replaced(text: str, start: int, end: int | None = None) -> bool:
    before = text[max(0, start - 45) : start]
    if replaced().search(before):
        return True
    return end is not None and bool(_ends_from().search(before) and _opens_to().search(text[end : end + 25]))


@cache
def _no_delivery() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_words('date', 'not_delivery')}\W*(?:{_words('date', 'article')} )?$", re.IGNORECASE)


@cache
def _ordered_on() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_words('date', 'ordered_on')}\W*(?:{_words('date', 'article')} )?$", re.IGNORECASE)


def _dates(text: str, settings: Settings, taken: Sequence[tuple[int, int]]) -> Iterator[Said]:
    for found in dates_in(text, settings.today, settings.order):
        day = found.value or (found.candidates[-1] if found.candidates else None)
        if found.period:
            day = found.period[1]
        if day and settings.today and day < settings.today:
            yield Said(What.DATE, found.value, None, found.span, found.text, replaced=True)
            continue
        is_old = _is_replaced(text, *found.span)
        before = text[max(0, found.span[0] - 40) : found.span[0]]
        if not is_old and _no_delivery().search(before):
            yield Said(What.OTHER, None, None, found.span, found.text, replaced=bool(_ordered_on().search(before)))
        else:
            value = None if found.period and found.period[0] != found.period[1] and not found.value else found.value
            yield Said(What.DATE, value, None, found.span, found.text, is_old)


def _percentages(text: str, settings: Settings, taken: Sequence[tuple[int, int]]) -> Iterator[Said]:
    for found in _PERCENT.finditer(text):
        yield Said(What.OTHER, None, None, found.span(), found.group())


@cache
def _price_words() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_words('price', 'words')}(?!\w)", re.IGNORECASE)


@cache
def _per() -> re.Pattern[str]:
    return re.compile(rf"^\s*{_words('price', 'per')}(?!\w)", re.IGNORECASE)


@cache
def _no_line_price() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_words('price', 'other')}(?!\w)", re.IGNORECASE)


@cache
def _rises() -> re.Pattern[str]:
    return re.compile(rf"{_words('price', 'rises')}\s*$", re.IGNORECASE)


def _prices(text: str, settings: Settings, taken: Sequence[tuple[int, int]]) -> Iterator[Said]:
    for found in _MONEY.finditer(text):
        yield _money(text, found.span(), found["behind"] or found["before"], settings)
    for found in _DECIMAL.finditer(text):
        if any(found.start() < b and a < found.end() for a, b in taken):
            continue
        behind = text[found.end() : found.end() + 30]
        if _price_words().search(text) or _per().search(behind):
            yield _money(text, found.span(), found.group(), settings)


def _money(text: str, span: tuple[int, int], figure: str, settings: Settings) -> Said:
    before, behind = text[max(0, span[0] - 60) : span[0]], text[span[1] : span[1] + 40]
    value = read_number(figure, settings.convention)
    clause = re.split(r"[,;]\s", before)[-1]
    tail = re.split(r"[,;.]\s|\s(?:and|und|et|y|e|en|i|och|og|instead|statt)\s", behind)[0]
    is_old = _is_replaced(text, *span)
    is_other = bool(_no_line_price().search(clause) or _no_line_price().search(tail[:24]))
    if not is_old and (is_other or _PER_MANY.search(behind) or _rises().search(before)):
        return Said(What.OTHER, value, None, span, text[slice(*span)])
    per = _per().search(behind)
    end = span[1] + (per.end() if per else 0)
    return Said(What.PRICE, value, None, (span[0], end), text[slice(*span)], is_old)


@cache
def _labelled_quantity() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){_words('quantity', 'words')}\W*(?:\w+\W+){{0,3}}?(?P<number>\d{{1,6}})(?![\w%]|[.,/]\d)",
        re.IGNORECASE,
    )


@cache
def _only() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){_words('quantity', 'only')}\s+(?:{_words('quantity', 'only_filler')}\s+)?"
        rf"(?P<number>\d{{1,6}}|{any_of(re.escape(w) for w, n in number_words().items() if n > 1)})(?![\w%]|[.,/:-]\d)"
        rf"(?:\s+(?P<unit>{unit_pattern()})(?![\w-]))?",
        re.IGNORECASE,
    )


@cache
def _from_to() -> re.Pattern[str]:
    old, new = _words("replaced", "from"), _words("replaced", "to")
    return re.compile(
        rf"(?<!\w){old}\s+(?P<old>\d{{1,6}})(?:\s+\w+)?\s+{new}\s+(?P<new>\d{{1,6}})(?![\w%]|[.,/:-]\d)", re.IGNORECASE
    )


@cache
def _ends_from() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_words('replaced', 'from')}\s+(?:the |den |le |el |il )?$", re.IGNORECASE)


@cache
def _opens_to() -> re.Pattern[str]:
    return re.compile(
        rf"^\s*(?:[^\W\d]+\s+)?{_words('replaced', 'to')}\s+(?:the |den |le |el |il )?(?:\D{{0,4}})\d", re.IGNORECASE
    )


@cache
def _before_instead() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.,/-])(?P<number>\d{{1,6}})(?P<between>(?:\s+[^\W\d_]+\.?){{0,2}})\s*,?\s*"
        rf"(?={_words('replaced', 'instead')}(?!\w))",
        re.IGNORECASE,
    )


@cache
def _pack() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_words('quantity', 'packs')} (?:{_words('quantity', 'of')} )?$", re.IGNORECASE)


def _quantities(text: str, settings: Settings, taken: Sequence[tuple[int, int]]) -> Iterator[Said]:
    for found in _from_to().finditer(text):
        yield Said(What.QUANTITY, Decimal(found["old"]), None, found.span("old"), found["old"], replaced=True)
        yield _bare(found, "new")
    for found in _only().finditer(text):
        if not _is_kind("durations", found["unit"]) and not _is_replaced(text, found.start()):
            value = value_of(found["number"], settings.convention)
            end = found.end()
            unit = found["unit"].casefold().rstrip(".") if found["unit"] else None
            yield Said(What.QUANTITY, value, unit, (found.start("number"), end), text[found.start("number") : end])
    yield from _counted(text, settings, taken)
    for found in _before_instead().finditer(text):
        unit = found["between"].split()[:1]
        if not unit or not (_is_kind("measures", unit[0]) or _is_kind("durations", unit[0])):
            yield _bare(found, "number")
    yield from (_bare(found, "number") for found in _labelled_quantity().finditer(text))


def _bare(found: re.Match[str], group: str) -> Said:
    return Said(What.QUANTITY, Decimal(found[group]), None, found.span(group), found[group])


def _counted(text: str, settings: Settings, taken: Sequence[tuple[int, int]]) -> Iterator[Said]:
    for quantity in counted(text, settings.convention):
        start, end = quantity.span
        before = text[max(0, start - 30) : start]
        if _pack().search(before) or (quantity.unit and not quantity.text.strip()[0].isdigit()):
            continue
        if _is_kind("durations", quantity.unit):
            yield Said(What.OTHER, quantity.value, quantity.unit, quantity.span, quantity.text)
        elif not _is_kind("measures", quantity.unit):
            old = _is_replaced(text, start, end)
            said = Said(What.QUANTITY, quantity.value, quantity.unit, quantity.span, quantity.text, old)
            yield _with_thousands(text, said, settings, taken)


def _with_thousands(text: str, said: Said, settings: Settings, taken: Sequence[tuple[int, int]]) -> Said:
    """Return "1 200 pcs" for "200 pcs", unless the figure before is another number."""
    start, end = said.span
    group = re.search(r"(?<![\w.,])\d{1,3} $", text[max(0, start - 4) : start])
    if not group or not re.match(r"\d{3}(?!\d)", text[start:end]):
        return said
    begin = start - len(group.group())
    if any(begin < b and a < start for a, b in taken):
        return said
    figure = re.match(r"[\d ]+", text[begin:end])
    value = read_number(figure.group().replace(" ", ""), settings.convention) if figure else None
    return replace(said, value=value, span=(begin, end), text=text[begin:end])


def _is_kind(name: str, unit: str | None) -> bool:
    return bool(unit and re.fullmatch(_words("quantity", name), unit, re.IGNORECASE))


def new_of(values: Sequence[Said], what: What) -> Said | None:
    """Return the one new value of its kind, None where there is none, several, or one that is unsure."""
    new = [said for said in values if said.what is what and not said.replaced]
    return new[0] if len({said.value for said in new}) == 1 and new[0].value is not None else None
