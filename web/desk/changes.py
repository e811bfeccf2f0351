"""What a buyer does with an order: change or cancel it, hold it, close what will not come, open it again."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.steps.take_back import mails_to_supplier, take_back
from procurement.change_order import OPEN, LineWish, Wish, content_from_json, differences, told
from procurement.states import ORDER
from procurement.steps.billing import settle_order, wake_invoices
from procurement.steps.change import (
    answer_cancellation,
    cancel_at_once,
    draft_cancellation,
    draft_change,
    open_change,
    received_of,
    standing_cancellation,
    withdraw,
)
from procurement.steps.change_request import content_of
from records.audit import record
from records.base import utc_now
from records.flow import check_move
from records.problems import Problem
from records.tables import ChangeOrder, OrderLine, PurchaseOrder
from web.desk.refused import CommandError

WAITING = ("queued", "deferred")


def change_order(session: Session, order: PurchaseOrder, wish: Wish, *, by: str, reason: str) -> ChangeOrder:
    """Draft a change of ``order`` and return it; approvers are asked where the policy wants it."""
    return _drafted(draft_change(session, order, wish, by=by, reason=_reason(reason), source="buyer"))


def wish(
    line: int | None,
    *,
    quantity: Decimal | None = None,
    unit_price: Decimal | None = None,
    needed_by: date | None = None,
    substitute: str | None = None,
    description: str | None = None,
    drop: bool = False,
    ship_to: str | None = None,
    cost_center: str | None = None,
) -> Wish:
    """Return what is wanted of one line and of the order's head; without a line only a date, place or coding is."""
    of_line = (quantity, unit_price, substitute, description)
    if line is None:
        if drop or any(value is not None for value in of_line):
            raise CommandError("Say which line: --line NUMBER.")
        return Wish((), ship_to, cost_center, needed_by)
    one = LineWish(line, quantity, unit_price, needed_by, substitute, description, drop)
    return Wish((one,) if one != LineWish(line) else (), ship_to, cost_center)


def cancel_order(session: Session, order: PurchaseOrder, *, by: str, reason: str) -> ChangeOrder | None:
    """Cancel what nobody was sent at once (None); ask the supplier to accept it for what is out."""
    reason = _reason(reason)
    session.refresh(order, with_for_update=True)
    if order.state == "approved" or (order.state == "issued" and take_back(session, order, by)):
        _open_to_cancel(session, order)
        cancel_at_once(session, order, by, reason)
        return None
    return _drafted(draft_cancellation(session, order, by=by, reason=reason, source="buyer"))


def force_cancellation(session: Session, order: PurchaseOrder, *, by: str, reason: str) -> ChangeOrder | None:
    """Cancel ``order`` without waiting for the supplier, who is told all the same; never what came already."""
    reason = _reason(reason)
    session.refresh(order, with_for_update=True)
    _open_to_cancel(session, order)
    change = standing_cancellation(session, order) or _drafted_cancellation(session, order)
    if change is None:
        change = cancel_order(session, order, by=by, reason=reason)
    if change is None:
        return None
    if change.state == "draft":  # the order will not be issued any more, so nobody need be asked
        record(session, change, "moved", by, old=change.state, new="approved", why=reason)
        change.state = "approved"
    cancel_at_once(session, order, by, reason)
    change.due_at = utc_now()
    record(session, change, "cancellation_forced", by, order=order.number, why=reason)
    return change


def record_cancellation_answer(session: Session, order: PurchaseOrder, *, accepted: bool, by: str, words: str) -> None:
    """Record what the supplier answered to a cancellation outside of mail, as ``by`` reports it."""
    change = standing_cancellation(session, order)
    if change is None:
        raise CommandError(f"No cancellation of {order.number} waits for an answer.")
    answer_cancellation(session, change, accepted=accepted, words=_reason(words), by=by, message=None)


def withdraw_change(session: Session, order: PurchaseOrder, number: int, *, by: str, reason: str) -> None:
    """Take a change back that did not go out yet."""
    change = session.get(ChangeOrder, number)
    if change is None or change.order_id != order.id:
        raise CommandError(f"{order.number} has no change {number}.")
    session.refresh(change, with_for_update=True)
    if change.state not in OPEN:
        raise CommandError(f"Change {number} is {change.state}: it cannot be taken back; change the order again.")
    withdraw(session, change, by, _reason(reason))


def hold_order(session: Session, order: PurchaseOrder, *, by: str, reason: str) -> None:
    """Put ``order`` on hold: nothing about it is sent or chased, and what waits in the outbox stays there."""
    session.refresh(order, with_for_update=True)
    if order.state not in ("approved", "issued"):
        raise CommandError(f"{_name(order)} is {order.state}; there is nothing to hold.")
    if order.on_hold:
        raise CommandError(f"{_name(order)} is on hold already: {order.hold_reason}.")
    order.on_hold, order.hold_reason = True, _reason(reason)
    for mail in mails_to_supplier(session, order, WAITING):
        mail.due_at = None
    record(session, order, "put_on_hold", by, why=reason)


def release_order(session: Session, order: PurchaseOrder, *, by: str, reason: str) -> None:
    """Let an order on hold go on: what waited is sent, changes go out, chasing begins again."""
    session.refresh(order, with_for_update=True)
    if not order.on_hold:
        raise CommandError(f"{_name(order)} is not on hold.")
    order.on_hold, order.hold_reason = False, None
    now = utc_now()
    order.due_at = now
    for mail in mails_to_supplier(session, order, WAITING):
        mail.due_at = now
    waiting = ChangeOrder.order_id == order.id, ChangeOrder.state == "approved"
    for change in session.scalars(select(ChangeOrder).where(*waiting)):
        change.due_at = now
    record(session, order, "released", by, why=_reason(reason))


def close_short(session: Session, order: PurchaseOrder, lines: Sequence[int], *, by: str, reason: str) -> None:
    """Note that what is missing of ``lines`` (none: of all) will not come; with no line left the order closes."""
    reason = _reason(reason)
    session.refresh(order, with_for_update=True)
    if order.state != "issued":
        raise CommandError(f"{_name(order)} is {order.state}; only an issued order is closed short.")
    chosen = _lines(order, lines)
    for line in chosen:
        line.closed_short = True
    record(session, order, "closed_short", by, lines=[line.line_number for line in chosen], why=reason)
    settle_order(session, order, by, utc_now())
    wake_invoices(session, order, by, utc_now())
    if order.state == "issued" and all(line.closed_short for line in order.lines):
        _move(session, order, "closed", by, reason)


def reopen(session: Session, order: PurchaseOrder, lines: Sequence[int], *, by: str, reason: str) -> None:
    """Expect ``lines`` (none: all) again that were closed short; a closed order is issued again."""
    reason = _reason(reason)
    session.refresh(order, with_for_update=True)
    closed = [line for line in _lines(order, lines) if line.closed_short]
    if not closed and order.state != "closed":
        raise CommandError(f"Nothing of {_name(order)} is closed.")
    for line in closed:
        line.closed_short = False
    record(session, order, "reopened", by, lines=[line.line_number for line in closed], why=reason)
    if closed:
        settle_order(session, order, by, utc_now())
    if order.state == "closed":
        _move(session, order, "issued", by, reason)
        order.due_at = utc_now()


def changes(session: Session, order: PurchaseOrder) -> list[dict[str, Any]]:
    """Return the changes and cancellations of ``order``, oldest first, as values."""
    found = select(ChangeOrder).where(ChangeOrder.order_id == order.id).order_by(ChangeOrder.id)
    return [_values(change, order) for change in session.scalars(found)]


def _values(change: ChangeOrder, order: PurchaseOrder) -> dict[str, Any]:
    names = ("id", "kind", "state", "source", "requested_by", "reason", "base_revision", "revision", "answer")
    wanted = ""
    if change.kind == "change" and change.state in OPEN:
        wanted = told(differences(content_of(order), content_from_json(change.content)))
    request = change.requisition.number if change.requisition else None
    return {name: getattr(change, name) for name in names} | {"changes": wanted, "requisition": request}


def _drafted_cancellation(session: Session, order: PurchaseOrder) -> ChangeOrder | None:
    change = open_change(session, order)
    return change if change is not None and change.kind == "cancellation" else None


def _open_to_cancel(session: Session, order: PurchaseOrder) -> None:
    if order.state not in ("approved", "issued"):
        raise CommandError(f"{_name(order)} is {order.state}; it cannot be cancelled.")
    if any(amount > 0 for amount in received_of(session, order).values()):
        raise CommandError(f"Something of {_name(order)} came already: close the rest short instead.")


def _lines(order: PurchaseOrder, numbers: Sequence[int]) -> list[OrderLine]:
    known = {line.line_number: line for line in order.lines}
    if unknown := [number for number in numbers if number not in known]:
        raise CommandError(f"{_name(order)} has no line {unknown[0]}.")
    return [known[number] for number in numbers] if numbers else list(order.lines)


def _move(session: Session, order: PurchaseOrder, state: str, by: str, why: str) -> None:
    check_move(ORDER, order.state, state)
    record(session, order, "moved", by, old=order.state, new=state, why=why)
    order.state, order.due_at = state, None
    session.flush()


def _drafted(drafted: ChangeOrder | tuple[Problem, ...]) -> ChangeOrder:
    if isinstance(drafted, tuple):
        raise CommandError(" ".join(problem.detail for problem in drafted))
    return drafted


def _reason(reason: str) -> str:
    if not reason.strip():
        raise CommandError("Say why: --reason TEXT.")
    return reason.strip()


def _name(order: PurchaseOrder) -> str:
    return order.number or "The order"
