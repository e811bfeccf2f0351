"""What the buyer accepts of an answer beyond the order's value goes through a change order and its approvals."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from procurement.change_order import OPEN
from procurement.order_response import PENDING, AnsweredLine, Comparison
from procurement.response_decision import ACCEPTED
from procurement.steps.change_from_response import change_from_response
from records.audit import record
from records.flow import Hold, Outcome, Wait
from records.problems import Code, Problem
from records.tables import ChangeOrder, OrderLine, OrderResponse, Waiver

LOOK_AGAIN = timedelta(minutes=10)
REFUSED = frozenset({"rejected", "withdrawn"})


def change_of(session: Session, response: OrderResponse) -> ChangeOrder | None:
    """Return the change order that ``response`` led to."""
    found = select(ChangeOrder).where(ChangeOrder.order_id == response.order_id, ChangeOrder.response_id == response.id)
    return session.scalars(found.order_by(ChangeOrder.id.desc()).limit(1)).first()


def change_stands(session: Session, response: OrderResponse) -> bool:
    """Return whether the order became what the buyer accepted of ``response``: a change of its own was issued."""
    change = change_of(session, response)
    return change is not None and change.state not in (*OPEN, *REFUSED)


def change_outcome(session: Session, response: OrderResponse, compared: Comparison, now: datetime) -> Outcome | None:
    """Return what the answer waits for because of its change order; None where it may be applied.

    A change that the approvers refused puts the answer before the buyer again.
    """
    change = change_of(session, response)
    if change is None:
        return _begin(session, response, compared, now)
    if change.state in OPEN:
        return Wait(now + LOOK_AGAIN)
    if change.state not in REFUSED:
        return None
    return _decide_again(session, response, change, compared)


def _begin(session: Session, response: OrderResponse, compared: Comparison, now: datetime) -> Outcome | None:
    rows = {line.id: line for line in response.order.lines}
    if not any(_goes_beyond(line, rows[line.order_line_id]) for line in compared.lines if line.order_line_id in rows):
        return None
    by, why = _decider(response)
    made = change_from_response(session, response, by=by, reason=why)
    if made is None:
        return None
    return Wait(now + LOOK_AGAIN) if isinstance(made, ChangeOrder) else Hold(made, owner="buyer")


def _goes_beyond(line: AnsweredLine, ordered: OrderLine) -> bool:
    """Return whether a line that a person agreed to costs more than ordered, or is another item."""
    if line.disposition != ACCEPTED and not ordered.offer:
        return False
    if line.disposition not in (ACCEPTED, "auto_accepted") or line.status == "rejected":
        return False
    quantity = line.total if line.total is not None else ordered.quantity
    price = ordered.unit_price if line.unit_price is None else line.unit_price
    return bool(line.substitute) or quantity * price > ordered.quantity * ordered.unit_price


def _decider(response: OrderResponse) -> tuple[str, str]:
    decisions = [one for one in response.decisions.values() if one["what"] == ACCEPTED]
    if decisions:
        return decisions[-1]["by"], decisions[-1]["why"]
    return "step:answer", f"{response.order.supplier.name} answered the order so"


def _decide_again(session: Session, response: OrderResponse, change: ChangeOrder, compared: Comparison) -> Hold:
    change.response_id = None
    response.decisions = {}
    about = Waiver.subject_table == response.__tablename__, Waiver.subject_id == response.id
    session.execute(delete(Waiver).where(*about, Waiver.code == Code.RESPONSE_OUT_OF_TOLERANCE.value))
    record(session, response, "decided_again", "step:answer", change=change.id, state=change.state)
    places = {line.at: line.ask for line in compared.lines if line.ask}
    for row in response.lines:
        row.disposition = PENDING if row.at in places else row.disposition
    told = f" The change that accepting it needs was {change.state}: counter or refuse it."
    problems = [Problem(Code.RESPONSE_OUT_OF_TOLERANCE, ask + told, at) for at, ask in places.items()]
    return Hold(tuple(problems), owner="buyer")
