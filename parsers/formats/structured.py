"""Readings of structured data: what the document states, its evidence, and the sums that must hold."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from parsers.lines_figures import agrees, sums_to
from parsers.reading import Check, Evidence, Kind, Reading, ReadLine, plain
from records.problems import Code, Problem

_CENT = Decimal("0.01")
_PRICED = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})
# Messages that may tell their story without any line.
_LINELESS = frozenset({Kind.ORDER_RESPONSE, Kind.ORDER_CANCELLATION})
_NUMBERLESS = frozenset({Kind.OTHER})


@dataclass(frozen=True)
class StructuredLine:
    """A line and what its arithmetic needs: pieces the price is for, charges and allowances of the line."""

    line: ReadLine
    price: Decimal | None = None
    per: Decimal = Decimal(1)
    adjustment: Decimal = Decimal(0)

    @property
    def computed(self) -> bool | None:
        """Return whether quantity times price is the total, None where one is absent."""
        line = self.line
        if line.quantity is None or self.price is None or line.line_total is None or not self.per:
            return None
        total = line.line_total - self.adjustment
        return agrees(line.quantity, self.price / self.per, total) or abs(
            abs(line.quantity * self.price / self.per) - abs(total)
        ) <= max(_CENT, self._rounding)

    @property
    def _rounding(self) -> Decimal:
        """Return by how much a price rounded to its last place may make the total miss."""
        exponent = self.price.as_tuple().exponent if self.price is not None else 0
        step = Decimal(1).scaleb(min(exponent, -2)) if isinstance(exponent, int) else _CENT
        return abs(self.line.quantity or Decimal(0)) * step / (2 * self.per)


def price_of_one(price: Decimal | None, per: Decimal) -> Decimal | None:
    """Return the price of one unit, None where ``per`` units cost what no price of one states exactly.

    >>> price_of_one(Decimal("12.40"), Decimal(100)), price_of_one(Decimal(10), Decimal(3))
    (Decimal('0.124'), None)
    """
    if price is None or per <= 0:
        return None
    one = price / per
    return one if one * per == price else None


def structured_reading(
    kind: Kind,
    values: Mapping[str, Any],
    lines: Sequence[StructuredLine],
    adjustment: Decimal = Decimal(0),
    problems: Sequence[Problem] = (),
) -> Reading:
    """Return the Reading; ``adjustment`` is what document charges and allowances add to the sum of lines."""
    lines = [item for item in lines if not _is_note(item.line)]
    present = {name: value for name, value in values.items() if value not in (None, "", ())}
    found = tuple(item.line for item in lines)
    checks = tuple(_checks(present, lines, adjustment))
    told = [*problems, *_problems(kind, present, found, checks)]
    return Reading(
        kind=kind,
        lines=found,
        evidence=dict(_evidence(present, found)),
        checks=checks,
        problems=tuple(told),
        accepted=not told,
        **present,
    )


def _is_note(line: ReadLine) -> bool:
    """Return whether a line only carries a text: nothing counted, nothing charged."""
    return line.quantity == 0 and line.line_total == 0 and not line.item_number


def _checks(values: Mapping[str, Any], lines: Sequence[StructuredLine], adjustment: Decimal) -> Iterator[Check]:
    computed = [item.computed for item in lines if item.computed is not None]
    if computed:
        yield Check("lines_are_quantity_times_price", all(computed))
    totals = [item.line.line_total for item in lines if item.line.line_total is not None]
    net, tax, gross = (values.get(name) for name in ("net_total", "tax_total", "gross_total"))
    if net is not None and totals and len(totals) == len(lines):
        yield Check("lines_sum_to_total", sums_to([*totals, adjustment], net))
    if net is not None and tax is not None and gross is not None:
        yield Check("net_and_tax_make_gross", abs(net + tax - gross) <= _CENT)


def _problems(
    kind: Kind, values: Mapping[str, Any], lines: Sequence[ReadLine], checks: Sequence[Check]
) -> Iterator[Problem]:
    failed = [c.check.replace("_", " ") for c in checks if not c.holds]
    if failed:
        yield Problem(Code.TOTALS_DISAGREE, f"The figures of the document do not agree: {', '.join(failed)}.")
    if not lines and kind not in _LINELESS:
        yield Problem(Code.LOW_CONFIDENCE, "The document holds no lines.", "/lines")
    if "number" not in values and kind not in _NUMBERLESS:
        yield Problem(Code.LOW_CONFIDENCE, "The document does not state its number.", "/number")
    if kind in _PRICED and "gross_total" not in values:
        yield Problem(Code.LOW_CONFIDENCE, "The document states no total.", "/gross_total")


def _evidence(values: Mapping[str, Any], lines: Sequence[ReadLine]) -> Iterator[tuple[str, Evidence]]:
    for name, value in values.items():
        yield f"/{name}", Evidence(_text(value))
    for index, line in enumerate(lines):
        for field in dataclasses.fields(line):
            value = getattr(line, field.name)
            if value is not None:
                yield f"/lines/{index}/{field.name}", Evidence(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return ", ".join(value) if isinstance(value, tuple) else str(value)
