"""A supplier's proposal that the buyer accepts becomes a change order: nothing else alters an issued order."""

from decimal import Decimal

from sqlalchemy.orm import Session

from procurement.change_wish import Answered, wish_of_answers
from procurement.steps.change import draft_change
from procurement.steps.change_request import content_of
from records.problems import Problem
from records.tables import ChangeOrder, OrderResponse, OrderResponseLine


def change_from_response(
    session: Session, response: OrderResponse, *, by: str, reason: str
) -> ChangeOrder | tuple[Problem, ...] | None:
    """Draft the change by which the order becomes what ``response`` proposes; None where it differs in nothing.

    Every line of the answer counts that the buyer did not refuse or counter. The approvals that the policy
    demands of the new value are asked for as with any change; its revision needs no answer any more. Returns
    the reasons where it cannot be (all lines rejected: cancel the order instead).
    """
    order = response.order
    numbers = {line.id: line.line_number for line in order.lines}
    answers = [
        Answered(
            numbers[line.order_line_id or 0],
            line.status,
            _quantity(line),
            line.unit_price,
            line.promised_on,
            line.substitute,
        )
        for line in response.lines
        if line.order_line_id in numbers and line.disposition not in ("refused", "countered")
    ]
    wish = wish_of_answers(answers, content_of(order))
    if not wish.lines:
        return None
    return draft_change(session, order, wish, by=by, reason=reason, source="supplier", response=response)


def _quantity(line: OrderResponseLine) -> Decimal | None:
    """Return what comes in all; of a backorder whose rest is not told, nothing is known to be missing."""
    if line.status != "backordered":
        return line.quantity
    told = line.differences.get("quantity")
    return Decimal(told[1]) if told else None
