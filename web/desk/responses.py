"""What suppliers answered beyond tolerance, and what the buyer decides of it line by line.

A line is named by its number in the order; what the supplier added is ``+1``, ``+2`` ... in the order of his answer.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from procurement.order_response import PENDING
from procurement.response_decision import ACCEPTED, COUNTERED, REFUSED, Offer
from records.audit import record
from records.base import utc_now
from records.exceptions import open_item, release
from records.problems import Code
from records.tables import ExceptionItem, OrderResponse, OrderResponseLine, PurchaseOrder
from web.desk.refused import CommandError

Values = dict[str, Any]
MOST = Decimal(10) ** 12
LONGEST_WORD = 2000  # characters of what the supplier is told besides


def responses_of(
    session: Session, organisation_id: int, *, waiting: bool, count: int, order: PurchaseOrder | None = None
) -> list[Values]:
    """Return the newest answers of suppliers, newest first; ``waiting`` are those that the buyer must decide."""
    found = select(OrderResponse).where(OrderResponse.organisation_id == organisation_id)
    if order is not None:
        found = found.where(OrderResponse.order_id == order.id)
    if waiting:
        undecided = OrderResponseLine.order_response_id == OrderResponse.id, OrderResponseLine.disposition == PENDING
        found = found.where(OrderResponse.state == "received", select(OrderResponseLine.id).where(*undecided).exists())
    found = found.options(selectinload(OrderResponse.lines)).order_by(OrderResponse.id.desc()).limit(count)
    return [_head(one) for one in session.scalars(found)]


def response_numbered(session: Session, organisation_id: int, number: int) -> OrderResponse:
    """Return an answer of the organisation; raises CommandError where there is none."""
    row = session.get(OrderResponse, number)
    if row is None or row.organisation_id != organisation_id:
        raise CommandError(f"There is no answer {number}.")
    return row


def response_values(session: Session, response: OrderResponse) -> Values:
    """Return an answer whole: each line beside the order, what is asked about it, and what was decided."""
    item = open_item(session, response)
    asks = {problem["at"]: problem["detail"] for problem in (item.problems if item else [])}
    return _head(response) | {
        "message": response.message_id,
        "exception": item.id if item else None,
        "lines": [_line(response, line) | {"ask": asks.get(line.at)} for line in response.lines],
    }


def accept_lines(session: Session, response: OrderResponse, lines: Sequence[str], by: str, why: str) -> int:
    """Accept ``lines`` (none: all that wait) as answered and return how many; dearer ones go through approval."""
    item, chosen = _waiting(session, response, lines, why)
    if added := [line.at for line in chosen if line.order_line_id is None]:
        names = ", ".join(_labels(response)[at] for at in added)
        raise CommandError(f"{names} was not ordered: refuse it, or have it requested as an order of its own.")
    return _decide(session, response, item, chosen, {"what": ACCEPTED, "by": by, "why": why})


def refuse_lines(
    session: Session, response: OrderResponse, lines: Sequence[str], by: str, why: str, tell: str | None = None
) -> int:
    """Refuse ``lines`` (none: all that wait) and return how many: what stood before stands, and the supplier is told.

    ``tell`` are words for him; ``why`` stays in the house.
    """
    item, chosen = _waiting(session, response, lines, why)
    return _decide(session, response, item, chosen, {"what": REFUSED, "by": by, "why": why, **_told(tell)})


def counter_line(
    session: Session, response: OrderResponse, line: str, offer: Offer, by: str, why: str, tell: str | None = None
) -> int:
    """Answer one line with our ``offer``; the line is open until the supplier agrees to it or says something else."""
    item, chosen = _waiting(session, response, [line], why)
    if chosen[0].order_line_id is None:
        raise CommandError(f"{line} was not ordered: refuse it, or have it requested as an order of its own.")
    _refuse_offer(offer)
    decision = {"what": COUNTERED, "by": by, "why": why, "offer": offer.as_dict(), **_told(tell)}
    return _decide(session, response, item, chosen, decision)


def _refuse_offer(offer: Offer) -> None:
    if not offer.as_dict():
        raise CommandError("Say what we offer: a quantity, a price or a date.")
    if offer.quantity is not None and not (offer.quantity.is_finite() and 0 < offer.quantity < MOST):
        raise CommandError("The quantity that we offer must be a number above 0; refuse the line if it is not wanted.")
    if offer.unit_price is not None and not (offer.unit_price.is_finite() and 0 <= offer.unit_price < MOST):
        raise CommandError("The price that we offer must be a number from 0.")
    if offer.promised_on is not None and offer.promised_on < utc_now().date():
        raise CommandError(f"{offer.promised_on.isoformat()} is past.")


def _told(tell: str | None) -> dict[str, str]:
    words = (tell or "").strip()
    if len(words) > LONGEST_WORD:
        raise CommandError(f"Please keep what the supplier is told to {LONGEST_WORD} characters.")
    return {"tell": words} if words else {}


def _waiting(
    session: Session, response: OrderResponse, lines: Sequence[str], why: str
) -> tuple[ExceptionItem, list[OrderResponseLine]]:
    """Return the open exception of the answer, and the lines that are meant and wait for a decision."""
    if not why.strip():
        raise CommandError("A decision needs a reason: --why TEXT.")
    session.refresh(response, with_for_update=True)
    item = open_item(session, response)
    if response.state != "received" or item is None or not _asked(item):
        raise CommandError(f"Answer {response.id} is {response.state}; nothing of it waits for a decision.")
    labels = _labels(response)
    places = {problem["at"] for problem in _asked(item)}
    open_lines = [line for line in response.lines if line.disposition == PENDING and line.at in places]
    if unknown := set(lines) - {labels[line.at] for line in open_lines}:
        known = ", ".join(dict.fromkeys(labels[line.at] for line in open_lines))
        raise CommandError(f"Line {sorted(unknown)[0]} of answer {response.id} waits for nothing; {known} does.")
    if not open_lines:
        raise CommandError(f"No line of answer {response.id} waits for a decision.")
    return item, [line for line in open_lines if not lines or labels[line.at] in lines]


def _decide(
    session: Session,
    response: OrderResponse,
    item: ExceptionItem,
    lines: Sequence[OrderResponseLine],
    decision: dict[str, Any],
) -> int:
    asks = {problem["at"]: problem["detail"] for problem in _asked(item)}
    decided = {line.at: decision | {"about": asks[line.at]} for line in lines}
    response.decisions = {**response.decisions, **decided}
    labels = _labels(response)
    told = list(dict.fromkeys(labels[line.at] for line in lines))
    detail = {"what": decision["what"], "why": decision["why"], "offer": decision.get("offer")}
    record(session, response, "answer_decided", decision["by"], lines=told, **detail)
    if all(response.decisions.get(at, {}).get("about") == ask for at, ask in asks.items()):
        release(session, item, decision["by"], f"decided: {decision['why']}")
    return len(told)


def _asked(item: ExceptionItem) -> list[dict[str, Any]]:
    return [problem for problem in item.problems if problem["code"] == Code.RESPONSE_OUT_OF_TOLERANCE]


def _labels(response: OrderResponse) -> dict[str, str]:
    """Return by which name each line of the answer is called, by its place."""
    numbers = {line.id: str(line.line_number) for line in response.order.lines}
    added = [line.at for line in response.lines if line.order_line_id is None]
    own = {line.at: numbers.get(line.order_line_id or 0, "?") for line in response.lines}
    return own | {at: f"+{place}" for place, at in enumerate(added, 1)}


def _head(response: OrderResponse) -> Values:
    order = response.order
    return {
        "id": response.id,
        "order": order.number,
        "supplier": order.supplier.name,
        "number": response.number,
        "state": response.state,
        "revision": response.revision,
        "response": response.response,
        "received_at": response.created_at.isoformat(),
        "waiting": sum(1 for line in response.lines if line.disposition == PENDING),
    }


def _line(response: OrderResponse, line: OrderResponseLine) -> Values:
    decision = response.decisions.get(line.at, {})
    names = ("status", "disposition", "quantity", "unit_price", "promised_on", "substitute", "differences")
    return {"line": _labels(response)[line.at]} | {name: _plain(getattr(line, name)) for name in names} | {
        "decision": decision.get("what"), "offer": decision.get("offer"), "why": decision.get("why")
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
