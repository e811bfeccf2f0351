"""Orders as plain values: what was ordered, what stands of it, and what the supplier answered.

Orders are read in pages by their row number, so that what one page costs does not grow with their number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from dispatch.ubl_response import ResponseDocument, ResponseLine
from procurement.order import normal_number
from procurement.order_document import Party, money
from records.tables import (
    DespatchAdvice,
    Message,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    OrderRevision,
    Outbound,
    PurchaseOrder,
    Requisition,
    Supplier,
)
from web.desk.changes import changes

PAGE = 500
Values = dict[str, Any]
# What the latest revision's mail has come to, by the state of its row in the outbox.
_DISPATCH = {"sending": "queued", "deferred": "queued", "handing_over": "queued", "superseded": "not_sent"}
_OF_LINE = (
    *("line_number", "item_number", "supplier_item_number", "description", "quantity", "unit", "unit_price"),
    *("tax_rate", "needed_by", "contract", "acknowledgement", "agreed_quantity", "agreed_price", "promised_on"),
    "closed_short",
)
_OF_ORDER = (
    *("number", "revision", "state", "on_hold", "dispatch", "acknowledgement", "receipt", "billing"),
    *("issued_on", "supplier", "supplier_name", "requisition", "cost_center", "currency", "net_total"),
)
CSV_COLUMNS = (*(f"order_{name}" if name in _OF_LINE else name for name in _OF_ORDER), *_OF_LINE, "line_total")


@dataclass(frozen=True)
class Wanted:
    """Which orders are meant; None is all."""

    state: str | None = None
    acknowledgement: str | None = None
    supplier: str | None = None  # its code


def orders_of(session: Session, organisation_id: int, wanted: Wanted = Wanted()) -> Iterator[Values]:
    """Yield every order with its lines, oldest first, read page by page."""
    after = 0
    found = _found(organisation_id, wanted).order_by(PurchaseOrder.id).limit(PAGE)
    while rows := session.scalars(found.where(PurchaseOrder.id > after)).all():
        after = rows[-1].id
        yield from _values(session, rows)
        session.expunge_all()


def latest_orders(session: Session, organisation_id: int, wanted: Wanted, count: int) -> list[Values]:
    """Return the newest ``count`` orders with their lines, newest first."""
    found = _found(organisation_id, wanted).order_by(PurchaseOrder.id.desc()).limit(count)
    return list(_values(session, session.scalars(found).all()))


def csv_rows(order: Values) -> Iterator[list[Any]]:
    """Yield a row of CSV_COLUMNS for each line of an order."""
    head = [order[name] for name in _OF_ORDER]
    for line in order["lines"]:
        yield [*head, *(line[name] for name in (*_OF_LINE, "line_total"))]


def order_numbered(session: Session, organisation_id: int, number: str) -> PurchaseOrder | None:
    """Return the order of that number, however it is spelled; None if there is none."""
    mine = PurchaseOrder.organisation_id == organisation_id
    return session.scalars(
        select(PurchaseOrder).where(mine, PurchaseOrder.normal_number == normal_number(number))
    ).first()


def order_of_request(session: Session, organisation_id: int, number: str) -> PurchaseOrder | None:
    """Return the one order of the requisition of that number, which may not be numbered itself yet."""
    mine = Requisition.organisation_id == organisation_id, Requisition.number == number.upper()
    found = session.scalars(select(PurchaseOrder).join(PurchaseOrder.requisition).where(*mine).limit(2)).all()
    return found[0] if len(found) == 1 else None


def order_values(session: Session, order: PurchaseOrder) -> Values:
    """Return one order whole: its lines, its revisions, and what the supplier answered."""
    (values,) = _values(session, [order])
    return values | {
        "changes": changes(session, order),
        "despatches": despatches(session, order),
        "revisions": [_revision(one) for one in revisions(session, order)],
        "responses": [_response(one, _numbers(session, order)) for one in responses(session, order)],
    }


def revisions(session: Session, order: PurchaseOrder) -> Sequence[OrderRevision]:
    """Return the revisions that were issued, oldest first."""
    found = select(OrderRevision).where(OrderRevision.order_id == order.id)
    return session.scalars(found.order_by(OrderRevision.revision)).all()


def responses(session: Session, order: PurchaseOrder) -> Sequence[OrderResponse]:
    """Return the answers to the order, oldest first."""
    found = select(OrderResponse).where(OrderResponse.order_id == order.id).options(selectinload(OrderResponse.lines))
    return session.scalars(found.order_by(OrderResponse.id)).all()


def despatches(session: Session, order: PurchaseOrder) -> list[Values]:
    """Return what the supplier said that he sent, oldest first."""
    names = ("number", "despatched_on", "carrier", "tracking_number", "lines", "message_id")
    found = select(DespatchAdvice).where(DespatchAdvice.order_id == order.id).order_by(DespatchAdvice.id)
    return [{name: getattr(one, name) for name in names} for one in session.scalars(found)]


def response_document(session: Session, response: OrderResponse) -> ResponseDocument:
    """Return an answer as it is written for other systems; without a number of the supplier's it gets one of ours."""
    order = response.order
    frozen = session.scalars(
        select(OrderRevision.document)
        .where(OrderRevision.order_id == order.id, OrderRevision.revision <= response.revision)
        .order_by(OrderRevision.revision.desc())
        .limit(1)
    ).one()
    arrived = session.get_one(Message, response.message_id).received_at
    ordered = {line.id: line for line in _lines_ever(session, order)}
    return ResponseDocument(
        number=response.number or f"{order.number}/{response.id}",
        issued_on=arrived.date(),
        order_number=order.number or "",
        currency=order.currency,
        buyer=_party(frozen["buyer"]),
        supplier=_party(frozen["supplier"]),
        response=response.response,
        lines=tuple(_response_line(line, ordered.get(line.order_line_id or 0)) for line in response.lines),
    )


def _found(organisation_id: int, wanted: Wanted) -> Select[PurchaseOrder]:
    found = (
        select(PurchaseOrder)
        .where(PurchaseOrder.organisation_id == organisation_id)
        .options(
            selectinload(PurchaseOrder.lines),
            joinedload(PurchaseOrder.supplier),
            joinedload(PurchaseOrder.requisition),
        )
    )
    if wanted.state:
        found = found.where(PurchaseOrder.state == wanted.state)
    if wanted.acknowledgement:
        found = found.where(PurchaseOrder.acknowledgement == wanted.acknowledgement)
    if wanted.supplier:
        found = found.join(PurchaseOrder.supplier).where(Supplier.code == wanted.supplier)
    return found


def _values(session: Session, orders: Sequence[PurchaseOrder]) -> Iterator[Values]:
    sent = _outbox(session, orders)
    for order in orders:
        lines = [_line(line) for line in order.lines]
        state = sent.get((order.id, order.revision), "not_sent")
        yield {
            "number": order.number,
            "revision": order.revision,
            "state": order.state,
            "on_hold": order.on_hold,
            "hold_reason": order.hold_reason,
            "dispatch": _DISPATCH.get(state, state),
            "acknowledgement": order.acknowledgement,
            "receipt": order.receipt,
            "billing": order.billing,
            "issued_on": order.issued_on,
            "supplier": order.supplier.code,
            "supplier_name": order.supplier.name,
            "requisition": order.requisition.number,
            "cost_center": order.requisition.cost_center,
            "currency": order.currency,
            "net_total": sum((line["line_total"] for line in lines), Decimal("0.00")),
            "lines": lines,
        }


def _outbox(session: Session, orders: Sequence[PurchaseOrder]) -> Mapping[tuple[int, int], str]:
    """Return the state of the mail of each order's revision, the latest where there are several."""
    rows = session.execute(
        select(Outbound.subject_id, Outbound.revision, Outbound.state)
        .where(
            Outbound.subject_table == PurchaseOrder.__tablename__,
            Outbound.subject_id.in_([order.id for order in orders]),
            Outbound.kind == "order",
        )
        .order_by(Outbound.id)
    )
    return {(order_id, revision): state for order_id, revision, state in rows}


def _line(line: OrderLine) -> Values:
    return {name: getattr(line, name) for name in _OF_LINE} | {"line_total": money(line.quantity * line.unit_price)}


def _revision(one: OrderRevision) -> Values:
    names = ("revision", "issued_at", "net_total", "pdf_sha256", "ubl_sha256")
    return {name: getattr(one, name) for name in names}


def _lines_ever(session: Session, order: PurchaseOrder) -> Sequence[OrderLine]:
    """Return the order's lines with those that a revision took away."""
    return session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()


def _numbers(session: Session, order: PurchaseOrder) -> dict[int, int]:
    return {line.id: line.line_number for line in _lines_ever(session, order)}


def _response(one: OrderResponse, numbers: Mapping[int, int]) -> Values:
    names = ("status", "disposition", "quantity", "unit_price", "promised_on", "substitute", "differences")
    lines = [
        {"line_number": numbers.get(line.order_line_id or 0)} | {name: getattr(line, name) for name in names}
        for line in one.lines
    ]
    head = ("id", "number", "state", "revision", "response")
    return {name: getattr(one, name) for name in head} | {"lines": lines}


def _response_line(line: OrderResponseLine, ordered: OrderLine | None) -> ResponseLine:
    told = {name: getattr(line, name) for name in ("status", "quantity", "unit_price", "promised_on", "substitute")}
    if ordered is None:
        return ResponseLine(None, **told)
    return ResponseLine(
        ordered.line_number,
        description=ordered.description,
        item_number=ordered.item_number,
        supplier_item_number=ordered.supplier_item_number,
        unit=ordered.unit,
        ordered=ordered.quantity,
        later=Decimal(line.differences["backordered"][1]) if "backordered" in line.differences else None,
        **told,
    )


def _party(frozen: Mapping[str, Any]) -> Party:
    return Party(**{**frozen, "address": tuple(frozen["address"])})
