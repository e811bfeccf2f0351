"""Change orders: what an issued order becomes, what that changes, and when the earlier approvals cover it.

Quantities are in the order line's unit, prices net per unit in the order's currency. A change that cannot
be is refused with every problem at once; what is ordered is never reduced below what was received.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from procurement.approvers import ApprovalStep
from procurement.order_document import Change, money
from records.problems import Code, Problem

MOST = Decimal(10) ** 12  # of a quantity and of a price; what is above is misread
_OF_LINE = ("description", "quantity", "unit_price", "needed_by", "item_number", "supplier_item_number")
_WISHED = ("description", "quantity", "unit_price", "needed_by")
OPEN = frozenset({"draft", "pending_approval", "approved"})  # states in which nothing was issued yet


@dataclass(frozen=True)
class ContentLine:
    """One line of an order as it is or shall be."""

    line_number: int
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    item_number: str | None = None
    supplier_item_number: str | None = None
    needed_by: date | None = None
    tax_rate: Decimal | None = None
    category: str | None = None
    contract: str | None = None

    @property
    def line_total(self) -> Decimal:
        """Return quantity times price, rounded to cents."""
        return money(self.quantity * self.unit_price)


@dataclass(frozen=True)
class Content:
    """All of an order that a change order may change."""

    lines: tuple[ContentLine, ...]
    ship_to: str | None = None
    cost_center: str | None = None

    @property
    def net_total(self) -> Decimal:
        """Return the sum of the lines."""
        return sum((line.line_total for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True)
class LineWish:
    """What is wanted of one line; None leaves a value as it is, ``drop`` takes the line away."""

    line_number: int
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    needed_by: date | None = None
    substitute: str | None = None  # the supplier's number of what comes instead
    description: str | None = None
    drop: bool = False


@dataclass(frozen=True)
class Wish:
    """What is wanted of an order; ``needed_by`` is for every line that names no date of its own."""

    lines: tuple[LineWish, ...] = ()
    ship_to: str | None = None
    cost_center: str | None = None
    needed_by: date | None = None


@dataclass(frozen=True)
class Demand:
    """What the policy demands of a request: its rule, who signs, and for what."""

    rule: str
    steps: tuple[ApprovalStep, ...]
    base_total: Decimal
    cost_center: str
    suppliers: frozenset[str]


def changed(before: Content, wish: Wish) -> Content:
    """Return ``before`` as ``wish`` wants it; what is wrong with that, ``faults`` says."""
    wishes = {one.line_number: one for one in wish.lines}
    lines = [
        _line(line, wishes.get(line.line_number), wish.needed_by)
        for line in before.lines
        if not (line.line_number in wishes and wishes[line.line_number].drop)
    ]
    return Content(tuple(lines), wish.ship_to or before.ship_to, wish.cost_center or before.cost_center)


def faults(before: Content, wish: Wish, received: Mapping[int, Decimal]) -> tuple[Problem, ...]:
    """Return every reason why ``wish`` cannot be; ``received`` is by line number, in the line's unit."""
    found = [*_line_faults(before, wish, received)]
    after = changed(before, wish)
    if not after.lines:
        found.append(_fault("No line would be left. Cancel the order instead."))
    elif not found and after == before:
        found.append(_fault("The order says all this already; nothing would change."))
    return tuple(found)


def differences(before: Content, after: Content) -> tuple[Change, ...]:
    """Return what ``after`` changes of ``before``, the order's head first, then line by line."""
    head = [
        Change(None, name, getattr(before, name), getattr(after, name))
        for name in ("ship_to", "cost_center")
        if getattr(before, name) != getattr(after, name)
    ]
    return (*head, *_line_changes(before, after))


def told(changes: Iterable[Change]) -> str:
    """Return changes as one sentence for approvers and agents.

    >>> told([Change(1, "quantity", Decimal(10), Decimal(12)), Change(2, "line", "Toner", None)])
    'Line 1: quantity 10 → 12; line 2: removed (Toner).'
    """
    sentence = "; ".join(map(_told, changes))
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def covers(signed: Demand, wanted: Demand) -> bool:
    """Return whether the signatures given for ``signed`` stand for ``wanted`` too: nobody need be asked again.

    The same rule must hold, for the same suppliers and coding; nobody else may have to sign, and the value
    must not be above what was signed. Exactly that value still passes.
    """
    same = (signed.rule, signed.cost_center, signed.suppliers) == (wanted.rule, wanted.cost_center, wanted.suppliers)
    return same and _signers(wanted) <= _signers(signed) and wanted.base_total <= signed.base_total


def touched_lines(before: Content, after: Content) -> frozenset[int]:
    """Return the lines of ``after`` that the supplier has to confirm anew.

    A change of the head, or a line that goes, is about the whole order.
    """
    kept = {line.line_number: line for line in after.lines}
    whole = before.ship_to != after.ship_to or any(line.line_number not in kept for line in before.lines)
    if whole:
        return frozenset(kept)
    old = {line.line_number: line for line in before.lines}
    return frozenset(number for number, line in kept.items() if old.get(number) != line)


def content_as_json(content: Content) -> dict[str, Any]:
    """Return ``content`` as values that JSON holds exactly."""
    lines = [
        {name: value if value is None or isinstance(value, int) else str(value) for name, value in asdict(line).items()}
        for line in content.lines
    ]
    return {"lines": lines, "ship_to": content.ship_to, "cost_center": content.cost_center}


def content_from_json(values: Mapping[str, Any]) -> Content:
    """Return the content that ``content_as_json`` described."""
    return Content(tuple(_revived(line) for line in values["lines"]), values.get("ship_to"), values.get("cost_center"))


def _line(line: ContentLine, wish: LineWish | None, needed_by: date | None) -> ContentLine:
    if wish is None:
        return replace(line, needed_by=needed_by or line.needed_by)
    values = {name: getattr(wish, name) for name in _WISHED if getattr(wish, name) is not None}
    if "needed_by" not in values and needed_by:
        values["needed_by"] = needed_by
    if wish.substitute and wish.substitute != line.supplier_item_number:
        values |= {"supplier_item_number": wish.substitute, "item_number": None}
    return replace(line, **values)


def _line_faults(before: Content, wish: Wish, received: Mapping[int, Decimal]) -> Iterator[Problem]:
    known = {line.line_number: line for line in before.lines}
    if len({one.line_number for one in wish.lines}) < len(wish.lines):
        yield _fault("A line is named twice.")
    for one in wish.lines:
        at = f"/lines/{one.line_number - 1}"
        if one.line_number not in known:
            yield _fault(f"There is no line {one.line_number}.", at)
            continue
        came = received.get(one.line_number, Decimal(0))
        if one.drop and came:
            yield _fault(f"Line {one.line_number}: {came:f} came already; close it short instead.", at)
        yield from _figure_faults(one, came, at)


def _figure_faults(one: LineWish, came: Decimal, at: str) -> Iterator[Problem]:
    told = f"Line {one.line_number}:"
    if one.quantity is not None and not (one.quantity.is_finite() and 0 < one.quantity < MOST):
        yield _fault(f"{told} the quantity must be more than nothing; drop the line if it is not wanted.", at)
    elif one.quantity is not None and one.quantity < came:
        yield _fault(f"{told} {came:f} came already, so {one.quantity:f} cannot be ordered.", at)
    if one.unit_price is not None and not (one.unit_price.is_finite() and 0 <= one.unit_price < MOST):
        yield _fault(f"{told} the price must be a number from 0.", at)


def _line_changes(before: Content, after: Content) -> Iterator[Change]:
    new = {line.line_number: line for line in after.lines}
    for old in before.lines:
        line = new.get(old.line_number)
        if line is None:
            yield Change(old.line_number, "line", old.description, None)
            continue
        for name in _OF_LINE:
            if getattr(old, name) != getattr(line, name):
                yield Change(old.line_number, name, getattr(old, name), getattr(line, name))


def _told(change: Change) -> str:
    where = "" if change.line_number is None else f"line {change.line_number}: "
    if change.field == "line":
        return f"{where}removed ({change.before})"
    return f"{where}{change.field.replace('_', ' ')} {_shown(change.before)} → {_shown(change.after)}"


def _shown(value: str | Decimal | date | None) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "none" if value is None else str(value)


def _signers(demand: Demand) -> set[tuple[int, str, str]]:
    return {(step.number, step.need, one.email) for step in demand.steps for one in step.approvers}


def _fault(detail: str, at: str = "") -> Problem:
    return Problem(Code.UNCLASSIFIED, detail, at)


def _revived(line: Mapping[str, Any]) -> ContentLine:
    numbers = {name: _decimal(line.get(name)) for name in ("quantity", "unit_price", "tax_rate")}
    day = line.get("needed_by")
    return ContentLine(**{**line, **numbers, "needed_by": date.fromisoformat(day) if day else None})


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
