"""Quantity, price and total of one line: what each may mean, and which meanings fit together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from parsers.numbers import Convention, readings

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Figures:
    """The values of one line; ``ambiguous`` names the roles that mean two things."""

    quantity: Decimal | None = None
    price: Decimal | None = None
    total: Decimal | None = None
    ambiguous: tuple[str, ...] = ()

    @property
    def agree(self) -> bool | None:
        """Return whether quantity times price is the total, None where one of them is absent."""
        if self.quantity is None or self.price is None or self.total is None:
            return None
        return agrees(self.quantity, self.price, self.total)


def settle_figures(texts: dict[str, str], convention: Convention | None) -> Figures:
    """Return the values of the ``texts`` of quantity, price and total.

    Under a settled convention each text has one value. Without one, the meanings whose product
    is right are taken if there are only such; what stays open is named in ``ambiguous``.
    """
    choices = {role: _meanings(text, convention) for role, text in texts.items()}
    open_roles = [role for role, values in choices.items() if len(values) > 1]
    if not open_roles:
        return _figures({role: values[0] for role, values in choices.items() if values})
    fitting = _fitting(choices)
    if len(fitting) == 1:
        return _figures(fitting[0])
    sure = {role: values[0] for role, values in choices.items() if len(values) == 1}
    return _figures(sure, tuple(open_roles))


def _figures(values: Mapping[str, Decimal], ambiguous: tuple[str, ...] = ()) -> Figures:
    return Figures(values.get("quantity"), values.get("price"), values.get("total"), ambiguous)


def _meanings(text: str, convention: Convention | None) -> tuple[Decimal, ...]:
    found = readings(text)
    if convention and convention in found:
        return (found[convention],)
    return tuple(dict.fromkeys(found.values()))


def _fitting(choices: dict[str, tuple[Decimal, ...]]) -> list[dict[str, Decimal]]:
    known = {role: values for role, values in choices.items() if values}
    if len(known) < 3:
        return []
    combined = (dict(zip(known, values, strict=True)) for values in product(*known.values()))
    return [c for c in combined if agrees(c["quantity"], c["price"], c["total"])]


def agrees(quantity: Decimal, price: Decimal, total: Decimal) -> bool:
    """Return whether quantity times price is the total, up to the rounding of price and total.

    >>> agrees(Decimal(3), Decimal("0.333"), Decimal("1.00")), agrees(Decimal(3), Decimal("2"), Decimal("7"))
    (True, False)
    """
    return abs(abs(quantity * price) - abs(total)) <= tolerance(quantity, price, total)


def tolerance(quantity: Decimal, price: Decimal, total: Decimal) -> Decimal:
    """Return by how much a rounded total may miss: half its last place, and what the price's rounding adds."""
    steps = _step(total) / 2 + abs(quantity) * _step(price) / 2 if _step(price) < _CENT else _step(total) / 2
    return max(steps, _CENT / 2)


def _step(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else Decimal(1).scaleb(-2)


def explains(
    figures: Figures, discount: Decimal | None = None, per: Decimal | None = None, allowance: Decimal | None = None
) -> bool:
    """Return whether a discount in per cent, a price for ``per`` pieces or a signed amount makes the product right."""
    if figures.quantity is None or figures.price is None or figures.total is None:
        return False
    quantity, price = abs(figures.quantity), abs(figures.price) / (per or 1)
    totals = [*_reduced(quantity, price, discount), quantity * price + (allowance or 0)]
    return any(abs(total - abs(figures.total)) <= _CENT for total in totals)


def signed(figures: Figures) -> Figures:
    """Return ``figures`` with the sign of the total on the quantity: a price is never negative.

    A credit note may print how many pieces come back without a sign and what they cost with one.
    """
    quantity, price, total = figures.quantity, figures.price, figures.total
    if quantity is None or total is None or quantity <= 0 or total >= 0 or price is None or price < 0:
        return figures
    return replace(figures, quantity=-quantity)


def _reduced(quantity: Decimal, price: Decimal, discount: Decimal | None) -> Iterator[Decimal]:
    """Yield the total without a discount, and with one in per cent, per piece or on the line."""
    yield quantity * price
    if discount is not None:
        yield quantity * price * (_HUNDRED - abs(discount)) / _HUNDRED
        yield quantity * (price - abs(discount))
        yield quantity * price - abs(discount)


def sums_to(values: Sequence[Decimal], total: Decimal) -> bool:
    """Return whether ``values`` add up to ``total`` within half a cent a line."""
    return bool(values) and abs(sum(values, Decimal(0)) - total) <= max(_CENT, _CENT / 2 * len(values))
