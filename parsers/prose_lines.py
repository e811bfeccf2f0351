"""Line items told in running text: lists, one item a line, and enumerations inside sentences."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from parsers.dates import find_dates
from parsers.numbers import Convention, find_numbers, settle
from parsers.phrases import any_of, load
from parsers.prose_described import Found, described, priced
from parsers.prose_enumerated import counts_nothing, enumerated, without_of
from parsers.prose_quantity import Quantity, counted, number_words, unit_pattern, value_of
from parsers.prose_rows import ends_in_sums

_BULLET = re.compile(r"^\s*(?:[-*•–·>+]|o(?=\s{2}))\s*(?=\S)")
_POSITION = re.compile(
    r"^\s*(?:(?:pos\.?|line|item|zeile|nr\.?)\s*(\d{1,4})(?:\s*(?:[.)]|[:|]|\s-)\s+|\s{2,})|"
    r"(\d{1,4})\s*(?:[.)]|\s?[:|]|\s-)\s+)(?=\S)",
    re.IGNORECASE,
)
_OPENS_WITH_MONEY = re.compile(r"@|€|£|\$|\b(?:EUR|GBP|USD|CHF|PLN)\b", re.IGNORECASE)


def convention_of(text: str) -> Convention | None:
    """Return the number convention that all numbers of ``text`` together settle, None if they do not."""
    return settle(found.text for found in find_numbers(text))


def find_lines(text: str, in_sentences: bool = True, taken_spans: Sequence[tuple[int, int]] = ()) -> tuple[Found, ...]:
    """Return the items that ``text`` lists or enumerates, in order; ``in_sentences`` reads prose as well.

    What stands in ``taken_spans`` (cost centres, dates, addresses) counts nothing and is blanked first.
    """
    convention = convention_of(text)
    for start, end in taken_spans:
        text = text[:start] + re.sub(r"[^\n]", "\x01", text[start:end]) + text[end:]
    rows = _rows(text)
    listed = _listed(rows, convention)
    found: list[Found] = [item for item in listed if item]
    if in_sentences:
        taken = {index for index, item in enumerate(listed) if item}
        for paragraph, start in _paragraphs(rows, taken):
            found += enumerated(paragraph, start, convention)
    return tuple(sorted(found, key=lambda item: item.span))


def _rows(text: str) -> list[tuple[str, int]]:
    rows, at = [], 0
    for row in text.split("\n"):
        rows.append((row, at))
        at += len(row) + 1
    return rows


def _listed(rows: Sequence[tuple[str, int]], convention: Convention | None) -> list[Found | None]:
    """Return the item of each row that is one, None for the others; weak rows count only among others."""
    tried = [_item(row, start, convention) for row, start in rows]
    result: list[Found | None] = []
    for index, found in enumerate(tried):
        if found and not found[1] and not _in_company(tried, rows, index):
            found = None
        result.append(found[0] if found else None)
    return result


def _in_company(tried: Sequence[tuple[Found, bool] | None], rows: Sequence[tuple[str, int]], index: int) -> bool:
    neighbours = [i for i in (index - 2, index - 1, index + 1, index + 2) if 0 <= i < len(tried)]
    if any(tried[i] for i in neighbours):
        return True
    before = [rows[i][0].strip() for i in range(max(0, index - 2), index)]
    return any(text.endswith(":") for text in before if text)


def _item(row: str, start: int, convention: Convention | None) -> tuple[Found, bool] | None:
    """Return (item, whether the row alone is proof) of one row of a list."""
    text = row.strip()
    if not _may_list(text):
        return None
    bullet = _BULLET.match(row)
    rest = row[bullet.end() :] if bullet else text
    number = None
    if position := _POSITION.match(rest):
        number, rest = position.group(1) or position.group(2), rest[position.end() :]
    rest, price, total = ends_in_sums(rest, convention)
    head = _head(rest, convention) or (_bulleted(rest, convention) if bullet else None)
    if head is None or _is_date(rest) or (not bullet and _tells_more(head[1], convention)):
        return None
    quantity, told, proof = head
    alone = bool(bullet) and _head(rest, convention) is None  # an article or a last number needs company
    line, problems = described(told, quantity, convention, number, price)
    if price is None and line.unit_price is None:
        line = replace(line, unit_price=priced(rest, convention).price)
    line = replace(line, line_total=total)
    if line.description is None or len(line.description) < 3:
        return None
    sure = proof or (bool(bullet) and not alone) or line.item_number is not None or line.unit_price is not None
    return Found(line, (start, start + len(row)), problems), sure and not _is_prose(told)


def _may_list(text: str) -> bool:
    if not 4 <= len(text) <= 160 or "\t" in text or text.count("|") > 1:
        return False
    return not text.endswith(("?", ":")) and not _OPENS_WITH_MONEY.match(text)


def _head(text: str, convention: Convention | None) -> tuple[Quantity, str, bool] | None:
    """Return the quantity of a row, what it counts, and whether it is sure to count; a price may stand behind both."""
    if found := _quantity_first(text, convention) or _quantity_last(text, convention):
        return found
    told = priced(text, convention)
    return None if told.price is None else _quantity_last(told.text.rstrip(" -–,;|("), convention)


@cache
def _one_thing() -> re.Pattern[str]:
    count = load("items")["count"]
    return re.compile(
        rf"^(?P<word>{any_of(count['one'])})\s+(?!(?:\w+\s+)?(?:{any_of(count['no_things'])})(?!\w))"
        r"(?P<rest>[^\W\d_]{2}.{1,60})$",
        re.IGNORECASE,
    )


@cache
def _number_last() -> re.Pattern[str]:
    return re.compile(rf"^(?P<rest>[^\W\d_].{{2,80}}?)(?:\s*[:|–]\s*|\s+-\s+|\s*,\s+){_QTY}$")


def _bulleted(text: str, convention: Convention | None) -> tuple[Quantity, str, bool] | None:
    """Return what a row with a bullet counts by its article or its last number alone: "a ladder", "ladders - 2"."""
    if one := _one_thing().match(text):
        return Quantity(value_of("one", convention), None, one.span("word"), one["word"]), one["rest"], False
    if last := _number_last().match(text):
        return Quantity(value_of(last["number"], convention), None, last.span(), last["number"]), last["rest"], False
    return None


@cache
def _joined() -> re.Pattern[str]:
    return re.compile(rf"\s(?:{any_of(load('items')['item']['joins'])})\s+$", re.IGNORECASE)


def _tells_more(told: str, convention: Convention | None) -> bool:
    """Whether a row goes on to count other things, as a sentence does: "two packs of pens and 1 box of clips"."""
    return any(_joined().search(told[: q.span[0]]) for q in counted(told, convention))


def _is_prose(text: str) -> bool:
    return len(text.split()) > 14 or bool(re.search(r"[.!?]\s+[A-ZÄÖÜÉ]", text))


def _is_date(text: str) -> bool:
    """A row that opens with a date, a time or a street number counts nothing."""
    head = text[:24]
    dated = any(found.span[0] == 0 for found in find_dates(head)) or bool(
        re.match(r"\d{1,2}[:.h]\d{2}\b(?!\s*x)", head)
    )
    street = re.match(
        r"\d+[a-z]?,?\s+\w+(?:\s\w+)?\s(?:street|road|lane|avenue|walk|way|close|drive|rue|avenue|"
        r"place)\b",
        text,
        re.I,
    )
    month = re.match(r"\d{1,2}\.?\s+(?:\w{3,9})\s+20\d\d\b", text)
    return dated or bool(street) or bool(month)


_QTY = r"(?P<number>\d{1,3}(?:[.,'’\u00a0]\d{3})+|\d{1,7}(?:[.,]\d{1,3})?)"


@cache
def _first() -> re.Pattern[str]:
    words = any_of(map(re.escape, number_words()))
    adjective = r"(?:(?:bulk|big|large|small|full|whole|new|große|kleine) )?"
    return re.compile(
        rf"^(?:{_QTY}|(?P<word>{words})(?=\s))\s*(?P<times>[x×*](?=\s|[A-Z\d])|-?fach\b)?\s*"
        rf"(?:(?P<unit>{adjective}{unit_pattern()})(?=[\s.,:(]|$)\.?)?\s*[|:]?\s*(?P<rest>\S.*)$",
        re.IGNORECASE,
    )


def _quantity_first(text: str, convention: Convention | None) -> tuple[Quantity, str, bool] | None:
    found = _first().match(text)
    if not found:
        return None
    number = found["number"] or found["word"]
    rest = found["rest"]
    unit = found["unit"]
    if re.match(r"^(?:%|°|:|/|-\d|mm\b|cm\b|am\b|pm\b|uhr\b|th\b|st\b(?! )|nd\b|rd\b)", rest) or counts_nothing(rest):
        return None
    if unit is None and found["word"] and not found["times"] and value_of(number, convention) == 1:
        return None
    proof = bool(unit or found["times"]) and not counts_nothing(f"{unit or ''} {rest}")
    quantity = Quantity(
        value_of(number, convention), unit.casefold().rstrip(".") if unit else None, found.span(), number
    )
    return quantity, without_of(rest), proof


@cache
def _last() -> re.Pattern[str]:
    label = any_of(load("items")["item"]["quantity_label"])
    return re.compile(
        rf"^(?P<rest>[^\W\d_].{{2,100}}?)(?:\s*[:|–]\s*|\s+-\s+|\s*,\s*|\s{{2,}}|\s+(?={label})|"
        rf"\s+(?P<times>[x×])\s*)(?:(?P<label>{label})(?!\w)\.?\s*[:=]?\s*)?{_QTY}\s*(?:[x×]\s*)?"
        rf"(?P<unit>{unit_pattern()})?\.?$",
        re.IGNORECASE,
    )


def _quantity_last(text: str, convention: Convention | None) -> tuple[Quantity, str, bool] | None:
    found = _last().match(_TIMES_IN_BRACKETS.sub(r" x \1", text.strip()))
    if not found or not (found["unit"] or found["times"] or found["label"]) or re.search(r"\d:\d|@|https?:", text):
        return None
    if re.match(r"(?:tel|fax|phone|mobil|date|total|summe|netto|po|order|nr)\b", found["rest"], re.IGNORECASE):
        return None
    unit = found["unit"].casefold().rstrip(".") if found["unit"] else None
    if unit in _SIZES and not found["label"] and not re.search(r"[:|–]|\s-\s", text):
        return None  # "emulsion paint, 5 l" is a size
    return Quantity(value_of(found["number"], convention), unit, found.span(), found["number"]), found["rest"], True


_TIMES_IN_BRACKETS = re.compile(r"\s*\(\s*[x×]\s*(\d{1,6})\s*\)$", re.IGNORECASE)
_SIZES = frozenset("l ml m g kg mm cm ft lb t".split())


def _paragraphs(rows: Sequence[tuple[str, int]], taken: set[int]) -> Iterable[tuple[str, int]]:
    """Yield paragraphs of running text, their lines joined by blanks so that positions stay."""
    open_rows: list[str] = []
    start = 0
    for index, (row, at) in enumerate(rows):
        if row.strip() and index not in taken:
            if not open_rows:
                start = at
            open_rows.append(row)
        elif open_rows:
            yield " ".join(open_rows), start
            open_rows = []
    if open_rows:
        yield " ".join(open_rows), start
