"""Rows of a list that end in their price and sum, as confirmations write them without a table.

``Cutting discs   20 pcs   1.15 EUR   23.00 EUR`` proves itself: quantity times price is the sum.
"""

import re
from decimal import Decimal

from parsers.numbers import Convention, read_number

_CURRENCY = r"(?:€|£|\$|EUR|GBP|USD|CHF|PLN|SEK|DKK|NOK|CZK|zł|kr\.?|Kč)"
_SUM = rf"(?:{_CURRENCY}\s*)?(?P<{{name}}>\d{{{{1,6}}}}(?:[.,]\d{{{{3}}}})*[.,]\d{{{{2,4}}}})(?:\s*{_CURRENCY})?"
_PRICE, _TOTAL = _SUM.format(name="price"), _SUM.format(name="total")
_SAID = re.compile(
    rf"\s*[,;]?\s*(?:@|à|a|at|zu|je|per)\s*{_PRICE}\s*(?:[:=]|->|→|\s-\s|,|\s{{2,}})\s*{_TOTAL}\s*$", re.IGNORECASE
)
_SET = re.compile(
    rf"(?:\s{{2,}}|\s*[|;=×@]\s*|\s[x–-]\s)\s*{_PRICE}(?:\s*/\s?\w+)?(?:\s{{2,}}|\s*[|;=]\s*|\s[–-]\s)\s*{_TOTAL}\s*$",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\w.,/-])\d{1,7}(?:[.,]\d{1,3})?(?![\w.,/-]*\d)")
_CENT = Decimal("0.01")


def ends_in_sums(text: str, convention: Convention | None) -> tuple[str, Decimal | None, Decimal | None]:
    """Return a row without its "at 95.00: 2,280.00" end, and the price and sum that stood there.

    Two sums that are only set apart count where some figure before them times the first makes the second.
    """
    if found := _SAID.search(text):
        return text[: found.start()], read_number(found["price"], convention), read_number(found["total"], convention)
    found = _SET.search(text)
    if not found:
        return text, None, None
    price, total = read_number(found["price"], convention), read_number(found["total"], convention)
    before = text[: found.start()]
    if price is None or total is None or not _makes(before, price, total, convention):
        return text, None, None
    return before, price, total


def _makes(before: str, price: Decimal, total: Decimal, convention: Convention | None) -> bool:
    figures = (read_number(found.group(), convention) for found in _FIGURE.finditer(before))
    return any(figure is not None and abs(figure * price - total) <= _CENT for figure in figures)
