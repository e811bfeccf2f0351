"""What a supplier is told about his answer and his delivery: rows as the values that the templates name."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from dispatch.facts import order_values, response_changes
from procurement.order_document import Change, OrderDocument
from procurement.response_decision import ACCEPTED, COUNTERED, REFUSED, Offer
from records.tables import OrderLine, OrderResponse, Organisation, PurchaseOrder

Values = dict[str, Any]


def decided_values(session: Session, order: PurchaseOrder, response: OrderResponse) -> Values:
    """Return what a supplier is told whose answer was decided on: what is agreed, offered anew, and refused."""
    organisation = session.get_one(Organisation, order.organisation_id)
    rows = {line.id: line for line in order.lines}
    by_disposition = {
        what: [line for line in response.lines if line.disposition == what] for what in (ACCEPTED, COUNTERED, REFUSED)
    }
    refused = by_disposition[REFUSED]
    countered = _rows(by_disposition[COUNTERED], rows)
    kept = _rows([line for line in refused if line.order_line_id is not None], rows)
    return {
        "organisation": organisation.name,
        "person": None,
        "order_number": order.number,
        "answer_number": response.number,
        "currency": order.currency,
        "agreed": [*response_changes(order, response, ACCEPTED), *_dropped(response, rows)],
        "offered": [_offered(line, Offer.from_dict(line.offer)) for line in countered],
        "refused": [_as_ordered(line) for line in kept],
        "not_ordered": sum(1 for line in refused if line.order_line_id is None),
        "words": [one["tell"] for one in response.decisions.values() if one.get("tell")][:1],
    }


def delivery_values(order: PurchaseOrder, document: OrderDocument, lines: Iterable[int], sender: str) -> Values:
    """Return what a supplier is asked about the delivery of ``lines`` (numbers); ``sender`` is the organisation."""
    wanted = set(lines)
    rows = [_as_promised(line) for line in order.lines if line.line_number in wanted]
    return order_values(document) | {"lines": rows, "organisation": sender, "currency": order.currency}


def _rows(answered: Iterable[Any], rows: dict[int, OrderLine]) -> list[OrderLine]:
    found = {line.order_line_id: rows[line.order_line_id] for line in answered if line.order_line_id in rows}
    return list(found.values())


def _dropped(response: OrderResponse, rows: dict[int, OrderLine]) -> list[Change]:
    """Return the lines that will not come, as the supplier said and the buyer accepted."""
    gone = [rows[one.order_line_id] for one in response.lines
            if one.disposition == ACCEPTED and one.status == "rejected" and one.order_line_id in rows]  # fmt: skip
    return [Change(line.line_number, "line", line.description, None) for line in gone]


def _as_ordered(line: OrderLine) -> Values:
    names = ("line_number", "description", "quantity", "unit", "unit_price", "needed_by", "supplier_item_number")
    return {name: getattr(line, name) for name in names}


def _offered(line: OrderLine, offer: Offer) -> Values:
    quantity = line.quantity if offer.quantity is None else offer.quantity
    price = line.unit_price if offer.unit_price is None else offer.unit_price
    told = {"quantity": quantity, "unit_price": price, "line_total": quantity * price}
    return _as_ordered(line) | told | {"needed_by": offer.promised_on or line.needed_by}


def _as_promised(line: OrderLine) -> Values:
    return _as_ordered(line) | {
        "quantity": line.quantity if line.agreed_quantity is None else line.agreed_quantity,
        "unit_price": line.unit_price if line.agreed_price is None else line.agreed_price,
        "needed_by": line.promised_on or line.needed_by,
    }
