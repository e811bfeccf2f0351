"""Which line of an order somebody speaks of: by item number, text, position; never by guessing between two."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz

from procurement.stated import StatedLine
from procurement.units import same_unit

SAME_TEXT = 85  # of 100: descriptions this alike are the same line where only one is
_FINEST = Decimal("0.000001")


@dataclass(frozen=True)
class DueLine:
    """One order line and what became of it; quantities in its unit, the price per that unit, as agreed last.

    ``contents`` of ``content_unit`` are in one unit (a box of 100 pieces); None where that is not known.
    """

    id: int
    line_number: int
    description: str
    item_number: str | None
    supplier_item_number: str | None
    quantity: Decimal  # agreed
    unit: str
    unit_price: Decimal
    tax_rate: Decimal | None = None
    category: str | None = None
    contents: Decimal | None = None
    content_unit: str | None = None
    received: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    closed_short: bool = False


def line_meant(line: StatedLine, due: Sequence[DueLine]) -> DueLine | None:
    """Return the one line that ``line`` speaks of; None where none or more than one fits."""
    if line.item_number:
        number = _code(line.item_number)
        if found := _only(one for one in due if number in {_code(one.item_number), _code(one.supplier_item_number)}):
            return found
    if line.description:
        codes = {_code(word) for word in line.description.split()}
        if found := _only(
            one for one in due if codes & {_code(one.item_number), _code(one.supplier_item_number)} - {None}
        ):
            return found
        told = _plain(line.description)
        if found := _only(one for one in due if fuzz.token_set_ratio(told, _plain(one.description)) >= SAME_TEXT):
            return found
    if line.item_number or line.description:
        return None
    if line.line_number:
        place = line.line_number.strip(" .")
        return _only(one for one in due if place.isdecimal() and one.line_number == int(place))
    return _only(due)


def in_unit(quantity: Decimal, unit: str | None, line: DueLine) -> Decimal | None:
    """Return ``quantity`` in the line's unit; None where the units differ and nothing says how.

    >>> line = DueLine(1, 1, "Gloves", None, None, Decimal(10), "box", Decimal(8), contents=Decimal(100),
    ...     content_unit="pcs")
    >>> in_unit(Decimal(500), "pieces", line), in_unit(Decimal(2), "kg", line)
    (Decimal('5'), None)
    """
    if not unit or same_unit(unit, line.unit):
        return quantity
    if line.contents and same_unit(unit, line.content_unit):
        return quotient(quantity, line.contents)
    return None


def quotient(amount: Decimal, by: Decimal) -> Decimal:
    """Return ``amount`` / ``by`` to six places, without needless zeros."""
    exact = (amount / by).quantize(_FINEST)
    return exact.to_integral_value() if exact == exact.to_integral_value() else exact.normalize()


def _only(found: Iterable[DueLine]) -> DueLine | None:
    lines = list(found)
    return lines[0] if len(lines) == 1 else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _code(number: str | None) -> str | None:
    return "".join(char for char in number.casefold() if char.isalnum()) if number else None
