"""The lines of an order of ours as an answer quotes them: a numbered head, and its details beneath.

``3. Copy paper`` stands above ``20 boxes × EUR 4.50 = EUR 90.00`` and ``Item P-200``, in any language.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from parsers.numbers import Convention, read_number
from parsers.prose_lines import convention_of
from parsers.reading import ReadLine

_HEAD = re.compile(r"^\W{0,4}(?P<number>\d{1,4})\. (?P<description>\S.{1,300})$")
_FIGURE = r"\d[\d.,'’\u00a0\u202f ]*"
_PRICED = re.compile(
    rf"^\W{{0,4}}(?P<quantity>{_FIGURE}?)\s+(?:(?P<unit>[^\W\d][^×]{{0,30}}?)\s+)?×\s*(?:[A-Z]{{3}}\s)?(?P<price>{_FIGURE})"
)
_ITEM = re.compile(r"^\W{0,4}[^\W\d][^·:]{1,30}? (?P<item>[^\s·]*\d[^\s·]*)(?: · .*)?$")
_MOST_DETAILS = 6


def ordered_lines(text: str) -> tuple[ReadLine, ...]:
    """Return the order lines that a quoted order of ours lists, empty where ``text`` holds none."""
    convention = convention_of(text)
    rows = [row.strip() for row in text.split("\n")]
    heads = [index for index, row in enumerate(rows) if _HEAD.match(row)]
    if not heads:
        return ()
    ends = [*heads[1:], len(rows)]
    found = (_line(rows[a : min(b, a + _MOST_DETAILS)], convention) for a, b in zip(heads, ends, strict=True))
    return tuple(line for line in found if line is not None)


def _line(rows: Sequence[str], convention: Convention | None) -> ReadLine | None:
    head = _HEAD.match(rows[0])
    priced = next(_priced(rows[1:4]), None)
    if head is None or priced is None:
        return None
    return ReadLine(
        line_number=head["number"],
        description=head["description"].strip(),
        item_number=next(_items(rows[1:]), None),
        quantity=_number(priced["quantity"], convention),
        unit=priced["unit"].casefold() if priced["unit"] else None,
        unit_price=_number(priced["price"], convention),
    )


def _number(text: str, convention: Convention | None) -> Decimal | None:
    return read_number(text.strip(" ,."), convention)


def _priced(rows: Sequence[str]) -> Iterator[re.Match[str]]:
    return (found for row in rows if (found := _PRICED.match(row)))


def _items(rows: Sequence[str]) -> Iterator[str]:
    return (found["item"] for row in rows if "×" not in row and (found := _ITEM.match(row)))
