"""What each email is told: rows of the database as the values that its template names (templates.letters)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.order_units import with_known_units
from procurement.order_document import Change, OrderDocument
from procurement.stated import StatedLine, stated
from records.tables import (
    Alarm,
    Approval,
    ChangeOrder,
    Message,
    OrderResponse,
    Organisation,
    Person,
    PurchaseOrder,
    Requisition,
    RequisitionLine,
    Waiver,
)

Values = dict[str, Any]
LONGEST_QUOTE = 600  # characters of somebody's own words that are told back to them


def request_values(session: Session, approval: Approval, token: str) -> Values:
    """Return what an approver is shown: the whole request, and the token that their answer must carry."""
    requisition = approval.requisition
    organisation = session.get_one(Organisation, approval.organisation_id)
    limit, total = organisation.email_approval_limit, requisition.base_total
    return {
        "organisation": organisation.name,
        "person": approval.approver.name,
        "number": requisition.number,
        "requester": requisition.requester.name,
        "lines": [requisition_line(line) for line in requisition.lines],
        "currency": requisition.currency or organisation.currency,
        "total": requisition.net_total,
        "token": f"[#{token}]",
        "by_email": limit is None or (total is not None and total <= limit),
        "supplier": ", ".join(dict.fromkeys(line.supplier.name for line in requisition.lines)),
        "reason": requisition.justification,
        "needed_by": requisition.needed_by,
        "cost_center": requisition.cost_center,
        "account_code": requisition.account,
        "project": requisition.project,
        "waived": _waived(session, requisition),
    }


def asked_values(session: Session, approval: Approval, token: str) -> Values:
    """Return what an approver is shown who is asked for the first time: the request, and in whose place."""
    asked = request_values(session, approval, token)
    return asked | {"in_place_of": _principal_name(session, approval)}


def delegated_values(session: Session, requisition: Requisition, approval: Approval) -> Values:
    """Return what an approver is told in whose place ``approval`` was asked of somebody else."""
    organisation = session.get_one(Organisation, requisition.organisation_id)
    return {
        "organisation": organisation.name,
        "person": _principal_name(session, approval),
        "number": requisition.number,
        "requester": requisition.requester.name,
        "deputy": approval.approver.name,
        "currency": requisition.currency or organisation.currency,
        "total": requisition.net_total,
    }


def asks_values(session: Session, requisition: Requisition, approval: Approval) -> Values:
    """Return what a requester is told whose approver asks something or sets a condition: his own words."""
    organisation = session.get_one(Organisation, requisition.organisation_id)
    said = approval.words or ""
    words = f"{said[:LONGEST_QUOTE]}…" if len(said) > LONGEST_QUOTE else said
    head = _head(organisation, requisition.requester)
    return head | {"number": requisition.number, "approver": approval.approver.name, "words": words}


def again_values(session: Session, approval: Approval, token: str, answer: str | None) -> Values:
    """Return what an approver is told whose answer was not understood."""
    request = request_values(session, approval, token)
    kept = ("organisation", "person", "number", "token", "by_email")
    return {name: request[name] for name in kept} | {"why": "unclear", "answer": answer}


def received_values(session: Session, requisition: Requisition) -> Values:
    """Return what a requester is told on arrival: what was read, before any check."""
    said = stated(requisition.reading, requisition.corrections)
    organisation = session.get_one(Organisation, requisition.organisation_id)
    return _head(organisation, requisition.requester) | {
        "number": requisition.number,
        "lines": [_stated_line(line, said.needed_by) for line in said.lines],
        "currency": said.currency or organisation.currency,
        "supplier": said.supplier_name,
        "needed_by": said.needed_by,
        "cost_center": said.cost_center,
    }


def rejected_values(session: Session, requisition: Requisition) -> Values:
    """Return what a requester is told when an approver said no: who, and in which words."""
    organisation = session.get_one(Organisation, requisition.organisation_id)
    refusal = session.scalars(
        select(Approval).where(Approval.requisition_id == requisition.id, Approval.state == "rejected").limit(1)
    ).first()
    return _head(organisation, requisition.requester) | {
        "number": requisition.number,
        "reason": refusal.words if refusal else None,
        "decided_by": refusal.approver.name if refusal else None,
    }


def alarm_values(session: Session, alarm: Alarm) -> Values:
    """Return what an operator is told about a mail server."""
    organisation = session.get_one(Organisation, alarm.organisation_id)
    return _head(organisation, None) | {"kind": alarm.kind, "about": alarm.about, "detail": alarm.detail}


def refused_values(session: Session, message: Message) -> Values:
    """Return what somebody is told who may not request."""
    organisation = session.get_one(Organisation, message.organisation_id)
    person = session.get(Person, message.person_id) if message.person_id else None
    return _head(organisation, person) | {"about": message.subject}


def question_values(session: Session, requisition: Requisition, questions: Sequence[Values]) -> Values:
    """Return what a requester is asked about a request: all that is missing, and what was read."""
    received = received_values(session, requisition)
    return received | {"questions": questions}


def unclear_values(session: Session, message: Message, understood: str) -> Values:
    """Return what somebody is told whose mail waits for a person: what was read of it."""
    organisation = session.get_one(Organisation, message.organisation_id)
    person = session.get(Person, message.person_id) if message.person_id else None
    said = str((message.reading or {}).get("reply_text") or "")
    told = f"{said[:LONGEST_QUOTE]}…" if len(said) > LONGEST_QUOTE else said
    return _head(organisation, person) | {"about": message.subject, "understood": understood, "said": told or None}


def desk_question_values(session: Session, row: Message | Requisition | OrderResponse, words: str) -> Values:
    """Return what somebody is told whom the desk asks about what he wrote."""
    organisation = session.get_one(Organisation, row.organisation_id)
    if isinstance(row, Requisition):
        return _head(organisation, row.requester) | {"about": row.number, "words": words}
    message = session.get_one(Message, row.message_id) if isinstance(row, OrderResponse) else row
    person = session.get(Person, message.person_id) if message.person_id else None
    return _head(organisation, person) | {"about": message.subject, "words": words}


def order_values(document: OrderDocument) -> Values:
    """Return what a supplier is told with a new order."""
    return {
        "organisation": document.buyer.name,
        "person": document.supplier.contact_name,
        "order": with_known_units(document),
        "number": document.number,
    }


def reminder_values(order: PurchaseOrder, document: OrderDocument) -> Values:
    """Return what a supplier is told who has not answered: the lines that still wait."""
    waiting = {line.line_number for line in order.lines if line.acknowledgement == "awaiting"}
    told = order_values(document)
    return told | {"open_lines": [line for line in told["order"].lines if line.line_number in waiting]}


def ordered_values(order: PurchaseOrder, document: OrderDocument) -> Values:
    """Return what a requester is told once the order is out."""
    requester = order.requisition.requester
    return {
        "organisation": document.buyer.name,
        "person": requester.name,
        "number": order.requisition.number,
        "order": with_known_units(document),
        "expected_on": document.needed_by,
    }


def response_values(session: Session, order: PurchaseOrder, response: OrderResponse) -> Values:
    """Return what a requester is told of the supplier's answer."""
    organisation = session.get_one(Organisation, order.organisation_id)
    dates = [line.promised_on for line in order.lines if line.promised_on]
    return _head(organisation, order.requisition.requester) | {
        "number": order.requisition.number,
        "order_number": order.number,
        "supplier": order.supplier.name,
        "answer": order.acknowledgement if order.acknowledgement in ("accepted", "rejected") else "changed",
        "changes": response_changes(order, response),
        "expected_on": max(dates, default=None),
    }


def cancellation_values(document: OrderDocument, change: ChangeOrder) -> Values:
    """Return what a supplier is told who is asked to cancel an order."""
    return order_values(document) | {"reason": change.reason}


def changed_values(session: Session, change: ChangeOrder, outcome: str, changes: Sequence[Change]) -> Values:
    """Return what a requester is told of a change of his order; ``outcome`` is a key of the letter's words."""
    order = change.order
    organisation = session.get_one(Organisation, order.organisation_id)
    return _head(organisation, order.requisition.requester) | {
        "number": order.number,
        "supplier": order.supplier.name,
        "answer": outcome,
        "revision": change.revision,
        "changes": changes if change.kind == "change" else (),
        "comment": change.answer,
        "reason": change.reason,
    }


def requisition_line(line: RequisitionLine) -> Values:
    """Return a checked line as an email shows it."""
    names = ("line_number", "description", "quantity", "unit", "unit_price", "needed_by", "item_number")
    return {name: getattr(line, name) for name in (*names, "supplier_item_number", "contract")} | {
        "line_total": _total(line.quantity, line.unit_price)
    }


def _principal_name(session: Session, approval: Approval) -> str | None:
    if approval.principal_email is None:
        return None
    mine = Person.organisation_id == approval.organisation_id, Person.email == approval.principal_email
    return session.scalars(select(Person.name).where(*mine)).first() or approval.principal_email


def _head(organisation: Organisation, person: Person | None) -> Values:
    return {"organisation": organisation.name, "person": person.name if person else None}


def _stated_line(line: StatedLine, needed_by: date | None) -> Values:
    return {
        "line_number": line.index + 1,
        "description": line.description or line.item_number or "?",
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "needed_by": line.needed_by if line.needed_by != needed_by else None,
        "item_number": line.item_number,
    }


def _total(quantity: Decimal, price: Decimal) -> Decimal:
    return quantity * price


def _waived(session: Session, requisition: Requisition) -> Sequence[str]:
    rows = session.scalars(
        select(Waiver).where(Waiver.subject_table == "requisition", Waiver.subject_id == requisition.id)
    )
    return [f"{row.code} {row.at}: {row.why} ({row.by})" for row in rows]


def response_changes(order: PurchaseOrder, response: OrderResponse, disposition: str | None = None) -> list[Change]:
    """Return what an answer changes, line by line; with ``disposition`` only of lines that were decided so."""
    numbers = {line.id: line.line_number for line in order.lines}
    found: list[Change] = []
    for line in response.lines:
        if disposition in (None, line.disposition):
            number = numbers.get(line.order_line_id or 0)
            found += [
                Change(number, _field(name), _typed(name, old), _typed(name, new))
                for name, (old, new) in line.differences.items()
            ]
            if line.substitute and disposition is not None:
                found.append(Change(number, "supplier_item_number", None, line.substitute))
    return found


def _field(name: str) -> str:
    return "needed_by" if name == "promised_on" else name


def _typed(name: str, value: str) -> Decimal | date:
    return date.fromisoformat(value) if name == "promised_on" else Decimal(value)
