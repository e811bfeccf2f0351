"""The step ``answer``: an order response is compared with its order and applied, or waits for the buyer."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.aliases import with_items
from procurement.order_response import (
    PENDING,
    Comparison,
    OrderedLine,
    Tolerance,
    acknowledgement,
    compare,
    tolerance_for,
)
from procurement.response_decision import ACCEPTED, COUNTERED, REFUSED, Offer, decided
from procurement.stated import stated
from procurement.steps.aliases import aliases_of
from procurement.steps.answer_change import change_of, change_outcome, change_stands
from procurement.steps.answer_lines import agree, write_lines
from procurement.steps.change import wake_changes
from procurement.steps.events import announce_order
from procurement.steps.notices import notify
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome
from records.lessons import count_use
from records.problems import Code, Problem
from records.tables import Message, OrderLine, OrderResponse, Organisation, PurchaseOrder

BY_PERSON = frozenset({ACCEPTED, COUNTERED, REFUSED})


def answer(session: Session, response: OrderResponse, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Apply what was agreed with the supplier; what is beyond tolerance is held for the buyer.

    He accepts, counters or refuses each line (a waiver accepts it as answered), and the same step runs again. What
    he accepts beyond the order's value becomes a change order first, with the approvals that it needs.
    """
    order = session.get_one(PurchaseOrder, response.order_id, with_for_update=True, populate_existing=True)
    if barring := _stale(session, response, order):
        return Hold(barring, owner="buyer")
    said = stated(response.reading, response.corrections)
    renamed = with_items(said, aliases_of(session, response.message_id), response.corrections)
    compared = compare(renamed.said, _ordered(session, order), Tolerance())
    unwaived = not_waived(session, response, compared.problems)
    waived = {problem.at for problem in compared.problems if problem not in unwaived}
    if change_stands(session, response):
        waived |= {line.at for line in compared.lines}
    compared = decided(compared, response.decisions, waived)
    response.response = compared.response
    write_lines(session, response, compared)
    if barring := tuple(one for one in compared.problems if one in unwaived):
        return Hold(barring, owner="buyer")
    if (outcome := change_outcome(session, response, compared, clock())) is not None:
        return outcome
    count_use(session, renamed.lessons, utc_now())
    return _settle(session, response, order, compared, list(renamed.told), clock())


def _settle(
    session: Session,
    response: OrderResponse,
    order: PurchaseOrder,
    compared: Comparison,
    told: list[str],
    now: datetime,
) -> Outcome:
    """Write down what stands between us and the supplier, and tell who has to know."""
    _apply(order, response, compared, revised=change_stands(session, response))
    dispositions = {line.disposition for line in compared.lines}
    nothing = bool(dispositions) and dispositions <= {REFUSED, COUNTERED}
    if not nothing:
        _supersede(session, response)
    order.acknowledgement = _standing(order, compared)
    if dispositions & {REFUSED, COUNTERED} and order.acknowledgement == "awaiting":
        order.asked_at, order.chasers = now, 0
    order.due_at = utc_now()
    record(
        session, order, "acknowledged", "step:answer", response=response.id, stands=order.acknowledgement, lessons=told
    )
    wake_changes(session, order, now)
    announce_order(session, order, "order.acknowledged", str(response.id))
    if dispositions & BY_PERSON:
        recipient = _answerer(session, response, order)
        key, language = f"decided:{response.id}", order.supplier.language
        notify(session, order, "response_decided", recipient, key=key, response=response.id, language=language)
    if nothing:
        return Done("refused")
    if compared.response != "received_only":
        recipient = order.requisition.requester.email
        notify(session, order, "response_applied", recipient, key=f"answered:{response.id}", response=response.id)
    return Done("applied")


def _answerer(session: Session, response: OrderResponse, order: PurchaseOrder) -> str:
    """Return who hears the decision: whoever answered, if it is proven that he did, else the address for orders."""
    message = session.get_one(Message, response.message_id)
    proven = message.authenticated and message.supplier_id == order.supplier_id
    return message.sender_address if proven and message.sender_address else order.supplier.order_email


def _stale(session: Session, response: OrderResponse, order: PurchaseOrder) -> tuple[Problem, ...]:
    """Return why the answer may be overtaken, unless that is waived or its own change made the new revision."""
    problems = _overtaken(session, response)
    if response.revision != order.revision and not problems and change_of(session, response) is None:
        detail = f"This answers revision {response.revision}; revision {order.revision} was sent since."
        problems = [Problem(Code.STALE_REVISION, detail)]
    return not_waived(session, response, problems)


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


def _ordered(session: Session, order: PurchaseOrder) -> list[OrderedLine]:
    """Return the lines as they stand between us and the supplier: as ordered, or as we offered since."""
    organisation = session.get_one(Organisation, order.organisation_id)
    return [_ordered_line(line, organisation, order) for line in order.lines]


def _ordered_line(line: OrderLine, organisation: Organisation, order: PurchaseOrder) -> OrderedLine:
    tolerance = tolerance_for(organisation.tolerance, line.category, order.supplier.tolerance)
    offer = Offer.from_dict(line.offer)
    return OrderedLine(
        id=line.id,
        line_number=line.line_number,
        description=line.description,
        item_number=line.item_number,
        supplier_item_number=line.supplier_item_number,
        quantity=line.quantity if offer.quantity is None else offer.quantity,
        unit_price=line.unit_price if offer.unit_price is None else offer.unit_price,
        needed_by=offer.promised_on or line.needed_by,
        tolerance=Tolerance(days_early=tolerance.days_early) if line.offer else tolerance,
    )


def _apply(order: PurchaseOrder, response: OrderResponse, compared: Comparison, *, revised: bool) -> None:
    """Let the order's lines follow the answer: agreed, offered anew, or (refused) as they stood before it.

    ``revised``: the order was changed to what he said.
    """
    for row in order.lines:
        answers = [one for one in compared.lines if one.order_line_id == row.id]
        dispositions = {one.disposition for one in answers}
        if COUNTERED in dispositions:
            places = [one.at for one in answers if one.disposition == COUNTERED]
            row.acknowledgement, row.offer = "awaiting", response.decisions[places[0]]["offer"]
        elif answers and REFUSED not in dispositions and PENDING not in dispositions:
            agree(row, answers)
            if revised and row.acknowledgement == "changed":
                row.acknowledgement = "accepted"  # the order says now what he said


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
