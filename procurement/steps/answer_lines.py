"""The lines of an answer as rows, and what an order's line becomes by them."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from procurement.order_response import AnsweredLine, Comparison
from procurement.response_decision import Offer
from records.tables import OrderLine, OrderResponse, OrderResponseLine


def write_lines(session: Session, response: OrderResponse, compared: Comparison) -> None:
    """Put the lines of ``compared`` in the place of those that were written before."""
    response.lines.clear()
    session.flush()
    response.lines = [
        OrderResponseLine(
            organisation_id=response.organisation_id,
            order_line_id=line.order_line_id,
            status=line.status,
            disposition=line.disposition,
            at=line.at,
            quantity=line.quantity,
            unit_price=line.unit_price,
            promised_on=line.promised_on,
            substitute=line.substitute,
            differences={name: [old, new] for name, old, new in line.differences},
        )
        for line in compared.lines
    ]
    session.flush()


def agree(line: OrderLine, answers: Sequence[AnsweredLine]) -> None:
    """Write on the order line what was agreed; a split schedule counts with its sum and latest date.

    Where it is not known how much of a backorder follows, nothing is taken away from what was ordered.
    """
    states = {answered.status for answered in answers}
    line.acknowledgement = next(iter(states)) if len(states) == 1 else "changed"
    totals = [answered.total for answered in answers]
    known = [total for total in totals if total is not None]
    line.agreed_quantity = sum(known, Decimal(0)) if known and len(known) == len(totals) else line.quantity
    line.agreed_price = next((a.unit_price for a in answers if a.unit_price is not None), None)
    offered = Offer.from_dict(line.offer).promised_on
    line.promised_on = max((a.promised_on for a in answers if a.promised_on), default=offered or line.promised_on)
    line.offer = {}
