"""What one revision of an order changes of the revision before it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from procurement.order_document import Change, DocumentLine, OrderDocument

Value = str | Decimal | date | None


def _text(value: Any) -> Value:
    return str(value) if value else None


def _number(value: Any) -> Value:
    return None if value is None else Decimal(str(value))


def _day(value: Any) -> Value:
    return date.fromisoformat(str(value)) if value else None


def _place(value: Any) -> Value:
    return ", ".join([value["name"], *value["address"]]) if value else None


_OF_LINE: dict[str, Callable[[Any], Value]] = {
    "description": _text,
    "quantity": _number,
    "unit": _text,
    "unit_price": _number,
    "needed_by": _day,
    "item_number": _text,
    "supplier_item_number": _text,
    "tax_rate": _number,
    "contract": _text,
    "note": _text,
}
_OF_ORDER: dict[str, Callable[[Any], Value]] = {
    "payment_terms": _text,
    "delivery_terms": _text,
    "note": _text,
    "ship_to": _place,
    "bill_to": _place,
}


def changes_since(before: Mapping[str, Any], after: OrderDocument) -> tuple[Change, ...]:
    """Return what ``after`` changes of ``before``, the values in which the earlier revision was frozen.

    Lines are the same where their numbers are. A line's delivery date is the order's where it has none.
    """
    head = [_change(None, name, read(before.get(name)), _now(after, name, read)) for name, read in _OF_ORDER.items()]
    return (*filter(None, head), *_lines(before, after))


def _lines(before: Mapping[str, Any], after: OrderDocument) -> Iterator[Change]:
    old = {int(line["line_number"]): {**line, "needed_by": _wanted(line, before)} for line in before["lines"]}
    new = {line.line_number: line for line in after.lines}
    for number in sorted(old.keys() | new.keys()):
        if number not in old:
            yield Change(number, "line", None, new[number].description)
        elif number not in new:
            yield Change(number, "line", str(old[number]["description"]), None)
        else:
            yield from _line(old[number], new[number], after)


def _line(old: Mapping[str, Any], new: DocumentLine, after: OrderDocument) -> Iterator[Change]:
    for name, read in _OF_LINE.items():
        now = (new.needed_by or after.needed_by) if name == "needed_by" else getattr(new, name)
        if change := _change(new.line_number, name, read(old.get(name)), now or None if read is _text else now):
            yield change


def _wanted(line: Mapping[str, Any], order: Mapping[str, Any]) -> Any:
    return line.get("needed_by") or order.get("needed_by")


def _now(after: OrderDocument, name: str, read: Callable[[Any], Value]) -> Value:
    value = getattr(after, name)
    return read({"name": value.name, "address": value.address}) if value and read is _place else value or None


def _change(line_number: int | None, name: str, before: Value, after: Value) -> Change | None:
    return None if before == after else Change(line_number, name, before, after)
