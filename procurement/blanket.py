"""Blanket orders: what is left of a frame, and whether a call-off keeps within it.

Quantities are in the blanket line's unit, amounts net in its currency. Exactly at the ceiling still passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from procurement.order_document import money
from records.problems import Code, Problem


@dataclass(frozen=True)
class FrameLine:
    """One line of a frame; ``ceiling`` is a quantity, None where only the amount is limited."""

    line_number: int
    unit_price: Decimal
    ceiling: Decimal | None = None


@dataclass(frozen=True)
class Frame:
    """A blanket order as call-offs need it; validity bounds are inclusive, None is open."""

    number: str
    lines: tuple[FrameLine, ...]
    ceiling: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    closed: bool = False


@dataclass(frozen=True)
class Drawn:
    """What is called off of a frame so far: by line number, and in money."""

    quantities: Mapping[int, Decimal]
    amount: Decimal = Decimal("0.00")


def left_of(frame: Frame, drawn: Drawn) -> tuple[Decimal | None, dict[int, Decimal | None]]:
    """Return what is left in money and of each line; None where there is no limit."""
    quantities = {
        line.line_number: None
        if line.ceiling is None
        else line.ceiling - drawn.quantities.get(line.line_number, Decimal(0))
        for line in frame.lines
    }
    return (None if frame.ceiling is None else frame.ceiling - drawn.amount), quantities


def call_off_problems(frame: Frame, drawn: Drawn, wanted: Mapping[int, Decimal], today: date) -> tuple[Problem, ...]:
    """Return every reason why ``wanted`` (quantities by line number) may not be called off today."""
    found = [*_state_problems(frame, today)]
    known = {line.line_number: line for line in frame.lines}
    if not wanted:
        found.append(_problem(f"Nothing is called off of {frame.number}."))
    for number, quantity in sorted(wanted.items()):
        if number not in known:
            found.append(_problem(f"{frame.number} has no line {number}."))
        elif not (quantity.is_finite() and quantity > 0):
            found.append(_problem(f"Line {number}: the quantity must be more than nothing."))
    if found:
        return tuple(found)
    amount = sum((money(quantity * known[number].unit_price) for number, quantity in wanted.items()), Decimal(0))
    return ceiling_problems(frame, drawn, wanted, amount)


def ceiling_problems(frame: Frame, drawn: Drawn, wanted: Mapping[int, Decimal], amount: Decimal) -> tuple[Problem, ...]:
    """Return a problem for each ceiling that ``wanted`` more, worth ``amount``, would pass."""
    left, quantities = left_of(frame, drawn)
    found = []
    for number, quantity in sorted(wanted.items()):
        most = quantities.get(number)
        if most is not None and quantity > most:
            found.append(_problem(f"Line {number}: {quantity:f} is wanted, {max(most, Decimal(0)):f} is left."))
    if left is not None and amount > left:
        found.append(_problem(f"{amount} is wanted, {max(left, Decimal(0))} is left of {frame.number}."))
    return tuple(found)


def _state_problems(frame: Frame, today: date) -> Sequence[Problem]:
    if frame.closed:
        return [_problem(f"{frame.number} is closed.")]
    if frame.valid_from and today < frame.valid_from:
        return [_problem(f"{frame.number} begins on {frame.valid_from.isoformat()}.")]
    if frame.valid_until and today > frame.valid_until:
        return [_problem(f"{frame.number} ended on {frame.valid_until.isoformat()}.")]
    return []


def _problem(detail: str) -> Problem:
    return Problem(Code.OFF_CONTRACT, detail)
