"""The step ``answer``: an order response is compared with its order and applied, or waits for the buyer."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.aliases import with_items
from procurement.order_response import (
    PENDING,
    AnsweredLine,
    Comparison,
    OrderedLine,
    Tolerance,
    acknowledgement,
    compare,
    tolerance_of,
)
from procurement.stated import stated
from procurement.steps.aliases import aliases_of
from procurement.steps.change import wake_changes
from procurement.steps.notices import notify
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.lessons import count_use
from records.problems import Code, Problem
from records.tables import Message, OrderLine, OrderResponse, OrderResponseLine, Organisation, PurchaseOrder


def answer(session: Session, response: OrderResponse) -> Outcome:
    """Apply what the supplier agreed to; what is beyond tolerance is held for the buyer.

    A waiver of RESPONSE_OUT_OF_TOLERANCE accepts that line as answered. The same step then runs again.
    """
    order = session.get_one(PurchaseOrder, response.order_id, with_for_update=True, populate_existing=True)
    if barring := not_waived(session, response, _overtaken(session, response)):
        return Hold(barring, owner="buyer")
    if response.revision != order.revision:
        detail = f"This answers revision {response.revision}; revision {order.revision} was sent since."
        if barring := not_waived(session, response, [Problem(Code.STALE_REVISION, detail)]):
            return Hold(barring, owner="buyer")
    said = stated(response.reading, response.corrections)
    renamed = with_items(said, aliases_of(session, response.message_id), response.corrections)
    compared = compare(renamed.said, _ordered(order), _tolerance(session, order))
    barring = not_waived(session, response, compared.problems)
    pending = {problem.at for problem in barring if problem.code is Code.RESPONSE_OUT_OF_TOLERANCE}
    response.response = compared.response
    _write(session, response, compared, decided=not pending)
    if barring:
        return Hold(barring, owner="buyer")
    _apply(order, compared)
    _supersede(session, response)
    order.acknowledgement = _standing(order, compared)
    order.due_at = utc_now()
    wake_changes(session, order, utc_now())
    stands = {"response": response.id, "stands": order.acknowledgement}
    record(session, order, "acknowledged", "step:answer", **stands, lessons=list(renamed.told))
    count_use(session, renamed.lessons, utc_now())
    if compared.response != "received_only":
        recipient = order.requisition.requester.email
        notify(session, order, "response_applied", recipient, key=f"answered:{response.id}", response=response.id)
    return Done("applied")


def _overtaken(session: Session, response: OrderResponse) -> list[Problem]:
    """Return a problem where what the supplier wrote later was applied before."""
    written = select(Message.received_at).where(Message.id == response.message_id).scalar_subquery()
    later = session.scalars(
        select(Message.received_at)
        .join(OrderResponse, OrderResponse.message_id == Message.id)
        .where(
            OrderResponse.order_id == response.order_id,
            OrderResponse.id != response.id,
            OrderResponse.state.in_(["applied", "superseded"]),
            Message.received_at > written,
        )
        .limit(1)
    ).first()
    if later is None:
        return []
    detail = f"The supplier wrote again at {later:%Y-%m-%d %H:%M} UTC, and that was applied. Waive this to apply "
    return [Problem(Code.STALE_REVISION, detail + "the older answer over it, or close it with /handled.", "/issued_on")]


def _ordered(order: PurchaseOrder) -> list[OrderedLine]:
    return [
        OrderedLine(
            id=line.id,
            line_number=line.line_number,
            description=line.description,
            item_number=line.item_number,
            supplier_item_number=line.supplier_item_number,
            quantity=line.quantity,
            unit_price=line.unit_price,
            needed_by=line.needed_by,
        )
        for line in order.lines
    ]


def _tolerance(session: Session, order: PurchaseOrder) -> Tolerance:
    organisation = session.get_one(Organisation, order.organisation_id)
    return tolerance_of({**organisation.tolerance, **order.supplier.tolerance})


def _write(session: Session, response: OrderResponse, compared: Comparison, *, decided: bool) -> None:
    response.lines.clear()
    session.flush()
    response.lines = [
        OrderResponseLine(
            organisation_id=response.organisation_id,
            order_line_id=line.order_line_id,
            status=line.status,
            disposition="accepted" if decided and line.disposition == PENDING else line.disposition,
            quantity=line.quantity,
            unit_price=line.unit_price,
            promised_on=line.promised_on,
            substitute=line.substitute,
            differences={name: [old, new] for name, old, new in line.differences},
        )
        for line in compared.lines
    ]


def _apply(order: PurchaseOrder, compared: Comparison) -> None:
    rows = {line.id: line for line in order.lines}
    by_line: dict[int, list[AnsweredLine]] = {}
    for answered in compared.lines:
        if answered.order_line_id is not None:
            by_line.setdefault(answered.order_line_id, []).append(answered)
    for line_id, answers in by_line.items():
        _agree(rows[line_id], answers)


def _agree(line: OrderLine, answers: list[AnsweredLine]) -> None:
    """Write on the order line what was agreed; a split schedule counts with its sum and latest date."""
    states = {answered.status for answered in answers}
    line.acknowledgement = next(iter(states)) if len(states) == 1 else "changed"
    quantities = [answered.quantity for answered in answers if answered.quantity is not None]
    line.agreed_quantity = sum(quantities[1:], quantities[0]) if quantities else None
    line.agreed_price = next((a.unit_price for a in answers if a.unit_price is not None), None)
    line.promised_on = max((a.promised_on for a in answers if a.promised_on), default=line.promised_on)


def _standing(order: PurchaseOrder, compared: Comparison) -> str:
    stands = acknowledgement([line.acknowledgement for line in order.lines])
    if stands != "awaiting":
        return stands
    return "received" if compared.response == "received_only" else "awaiting"


def _supersede(session: Session, response: OrderResponse) -> None:
    """The latest answer counts; earlier ones keep their lines as history."""
    earlier = session.scalars(
        select(OrderResponse).where(
            OrderResponse.order_id == response.order_id,
            OrderResponse.id != response.id,
            OrderResponse.state == "applied",
        )
    )
    for one in earlier:
        one.state, one.due_at = "superseded", None
