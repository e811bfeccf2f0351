"""Recording what came or went back: one by one, or as a CSV file of a goods-in system."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from procurement.order import normal_number
from procurement.steps.receive import RECEIVABLE, book
from records.base import utc_now
from records.exceptions import hold, waive
from records.flow import Hold
from records.tables import GoodsReceipt, PurchaseOrder
from web.desk.orders import order_numbered
from web.desk.refused import CommandError

COLUMNS = ("order", "line", "quantity", "unit", "received_on", "delivery_note", "received_by", "reason")
NEEDED = ("order", "line", "quantity", "delivery_note")
MOST_ROWS = 100_000
Values = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """What came of one order line; ``quantity`` below nothing went back, ``amount`` confirms a service instead."""

    line: int
    quantity: Decimal | None = None
    unit: str | None = None
    amount: Decimal | None = None

    def as_read(self) -> Values:
        """Return it in the form of a reading's line."""
        values = {"line_number": str(self.line), "unit": self.unit}
        values |= {"quantity": None if self.quantity is None else f"{self.quantity:f}"}
        values |= {"line_total": None if self.amount is None else f"{self.amount:f}"}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Loaded:
    """What a file came to: receipts that were booked, that had been before, and sentences about what was refused."""

    booked: int
    known: int
    refused: tuple[str, ...]


def record_receipt(
    session: Session,
    order: PurchaseOrder,
    items: Sequence[Item],
    *,
    by: str,
    delivery_note: str | None = None,
    received_on: date | None = None,
    reason: str | None = None,
    accept: str | None = None,
    source: str = "desk",
) -> GoodsReceipt | None:
    """Book what came of ``order`` and return the receipt; None where this delivery note was booked before.

    ``accept`` says why more than was ordered is kept. What is refused leaves no trace.
    """
    if any((item.quantity or 0) < 0 for item in items) and not (reason or "").strip():
        raise CommandError("Goods that go back need a reason: --reason TEXT.")
    session.refresh(order, with_for_update=True)
    if order.state not in RECEIVABLE:
        raise CommandError(
            f"{order.number or 'The order'} is {order.state.replace('_', ' ')}: nothing is received of it."
        )
    reading = {"kind": "receipt_advice", "lines": [item.as_read() for item in items]}
    if delivery_note and (before := _booked_before(session, order, delivery_note)):
        if before.reading["lines"] != reading["lines"]:
            raise CommandError(
                f"Delivery note {delivery_note} of {order.number} was booked before, with other figures."
            )
        return None
    return _booked(
        session,
        GoodsReceipt(
            organisation_id=order.organisation_id,
            state="received",
            due_at=None,
            order_id=order.id,
            key=_key(order, delivery_note) if delivery_note else f"desk:{order.id}:{_next(session, order)}",
            source=source,
            reported_by=by,
            received_on=received_on or utc_now().date(),
            delivery_note=delivery_note,
            reason=reason,
            reading=reading,
        ),
        accept,
    )


def load_receipts(session: Session, organisation_id: int, lines: Iterable[str], *, by: str) -> Loaded:
    """Book the rows of a CSV file (COLUMNS), those of one order and delivery note together.

    What was loaded before is known by order and delivery note, and counts once. A row that cannot be booked is
    told and leaves the others alone.
    """
    booked = known = 0
    refused: list[str] = []
    for (number, note), rows in _grouped(lines).items():
        order = order_numbered(session, organisation_id, number)
        try:
            if order is None:
                raise CommandError(f"There is no order {number}.")
            if _load(session, order, note, rows, by) is None:
                known += 1
            else:
                booked += 1
        except CommandError as error:
            refused.append(f"{number}, delivery note {note}: {error}")
    return Loaded(booked, known, tuple(refused))


def receipts(session: Session, order: PurchaseOrder) -> list[Values]:
    """Return what came of ``order`` and went back, oldest first."""
    found = select(GoodsReceipt).where(GoodsReceipt.order_id == order.id).options(selectinload(GoodsReceipt.lines))
    numbers = {line.id: line.line_number for line in order.lines}
    return [
        {
            "id": one.id,
            "state": one.state,
            "received_on": one.received_on,
            "delivery_note": one.delivery_note,
            "reported_by": one.reported_by,
            "source": one.source,
            "reason": one.reason,
            "lines": [{"line_number": numbers.get(x.order_line_id), "quantity": x.quantity} for x in one.lines],
        }
        for one in session.scalars(found.order_by(GoodsReceipt.id))
    ]


def _booked(session: Session, receipt: GoodsReceipt, accept: str | None) -> GoodsReceipt:
    """Book at once; what a mail would be held for is refused, or accepted with ``accept`` as its reason."""
    savepoint = session.begin_nested()
    session.add(receipt)
    session.flush()
    outcome = book(session, receipt)
    if isinstance(outcome, Hold) and accept and all(problem.code == "OVER_RECEIPT" for problem in outcome.problems):
        item = hold(session, receipt, "book", outcome.problems, outcome.owner)
        for problem in outcome.problems:
            waive(session, item, problem.code.value, problem.at, receipt.reported_by, accept)
        item.state, item.resolved_by, item.resolution = "resolved", receipt.reported_by, accept
        item.resolved_at = utc_now()
        outcome = book(session, receipt)
    if isinstance(outcome, Hold):
        savepoint.rollback()
        raise CommandError(" ".join(problem.detail for problem in outcome.problems))
    savepoint.commit()
    return receipt


def _load(
    session: Session, order: PurchaseOrder, note: str, rows: Sequence[Mapping[str, str]], by: str
) -> GoodsReceipt | None:
    first = rows[0]
    return record_receipt(
        session,
        order,
        [_item(row) for row in rows],
        by=first.get("received_by") or by,
        delivery_note=note,
        received_on=_day(first.get("received_on") or ""),
        reason=first.get("reason") or None,
        source="file",
    )


def _grouped(lines: Iterable[str]) -> dict[tuple[str, str], list[Mapping[str, str]]]:
    groups: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for row in _rows(lines):
        groups.setdefault((row["order"], row["delivery_note"]), []).append(row)
    return groups


def _rows(lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
    reader = csv.DictReader(lines)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if missing := [name for name in NEEDED if name not in names]:
        raise CommandError(f"The file has no column {', '.join(missing)}; it needs {', '.join(NEEDED)}.")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise CommandError(f"Column {unknown[0]!r} is not known; known are {', '.join(COLUMNS)}.")
    for number, row in enumerate(reader, 2):
        if number > MOST_ROWS:
            raise CommandError(f"The file has more than {MOST_ROWS} rows; split it.")
        values = {name: (value or "").strip() for name, value in zip(names, row.values(), strict=False)}
        if empty := [name for name in NEEDED if not values.get(name)]:
            raise CommandError(f"Row {number} says no {empty[0]}.")
        yield values


def _item(row: Mapping[str, str]) -> Item:
    if not row["line"].isdecimal():
        raise CommandError(f"Line {row['line']!r} is no number.")
    return Item(int(row["line"]), amount_of(row["quantity"]), row.get("unit") or None)


def amount_of(text: str) -> Decimal:
    """Return a number with a decimal point; raises CommandError where it is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{text!r} is no number with a decimal point.") from None
    if not number.is_finite() or number.adjusted() > 12 or number == 0:
        raise CommandError(f"{text!r} is no quantity.")
    return number


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"{text!r} is no date as YYYY-MM-DD.") from None


def _booked_before(session: Session, order: PurchaseOrder, note: str) -> GoodsReceipt | None:
    found = select(GoodsReceipt).where(
        GoodsReceipt.organisation_id == order.organisation_id, GoodsReceipt.key == _key(order, note)
    )
    return session.scalars(found).one_or_none()


def _key(order: PurchaseOrder, note: str) -> str:
    return f"note:{order.id}:{normal_number(note)}"[:200]


def _next(session: Session, order: PurchaseOrder) -> int:
    return len(session.scalars(select(GoodsReceipt.id).where(GoodsReceipt.order_id == order.id)).all()) + 1
