"""What suppliers say that they sent: noted on the order with carrier and tracking number; it is no receipt."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.order_response import OrderedLine, line_meant
from procurement.stated import Stated, StatedLine
from procurement.units import same_unit
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.problems import Code, Problem
from records.tables import DespatchAdvice, Message, OrderLine, PurchaseOrder

DESPATCHES = frozenset({"despatch_advice", "delivery_note"})


def file_despatch(session: Session, message: Message, said: Stated, order: PurchaseOrder) -> Outcome:
    """Note what ``message`` says was sent of ``order``, once; a line that is not clearly the order's is asked about.

    An advice without lines is about all of the order (and of further orders that it names).
    """
    sent, problems = _sent(said, order)
    if barring := not_waived(session, message, (*said.problems, *problems)):
        return Hold(barring)
    for order_id in (order.id, *message.more_order_ids):
        _note(session, message, said, session.get_one(PurchaseOrder, order_id), sent)
    return Done("filed")


def despatched_of(session: Session, order: PurchaseOrder) -> Mapping[int, Decimal]:
    """Return how much of each line of ``order`` is said to be on its way, by line number."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for lines in session.scalars(select(DespatchAdvice.lines).where(DespatchAdvice.order_id == order.id)):
        for number, quantity in lines:
            found[number] += Decimal(quantity)
    return found


def _note(
    session: Session, message: Message, said: Stated, order: PurchaseOrder, sent: list[tuple[OrderLine, Decimal]]
) -> None:
    reading = message.reading or {}
    told = sent if said.lines else [(line, line.quantity) for line in order.lines]
    day = reading.get("issued_on")
    advice = DespatchAdvice(
        organisation_id=message.organisation_id,
        order_id=order.id,
        message_id=message.id,
        number=said.number,
        despatched_on=date.fromisoformat(day) if day else None,
        carrier=reading.get("carrier"),
        tracking_number=reading.get("tracking_number"),
        lines=[[line.line_number, str(quantity)] for line, quantity in told],
    )
    session.add(advice)
    order.due_at = utc_now()
    lines = [line.line_number for line, _ in told]
    how = {"carrier": advice.carrier, "tracking_number": advice.tracking_number}
    record(session, order, "despatched", message.sender_address or "", message=message.id, lines=lines, **how)


def _sent(said: Stated, order: PurchaseOrder) -> tuple[list[tuple[OrderLine, Decimal]], list[Problem]]:
    rows = {line.id: line for line in order.lines}
    ordered = [_plain(line) for line in order.lines]
    sent: list[tuple[OrderLine, Decimal]] = []
    problems: list[Problem] = []
    for stated in said.lines:
        meant = line_meant(stated, ordered)
        if meant is None or same_unit(stated.unit, rows[meant.id].unit) is False:
            problems.append(_doubt(stated))
        else:
            row = rows[meant.id]
            sent.append((row, row.quantity if stated.quantity is None else stated.quantity))
    return sent, problems


def _plain(line: OrderLine) -> OrderedLine:
    return OrderedLine(
        line.id,
        line.line_number,
        line.description,
        line.item_number,
        line.supplier_item_number,
        line.quantity,
        line.unit_price,
        line.needed_by,
    )


def _doubt(stated: StatedLine) -> Problem:
    told = stated.description or stated.item_number or f"line {stated.line_number or stated.index + 1}"
    detail = f"“{told}” was sent, but is not clearly a line of the order. Correct it, or waive this to leave it out."
    return Problem(Code.LOW_CONFIDENCE, detail, stated.at)
