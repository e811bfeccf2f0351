"""What is on the desk, as lists: mails, requisitions, approvals, orders; each scoped to one organisation.

A search is a number or its beginning, else (part of) the name or address of who is concerned: the requester,
the approver, the supplier, the sender.
"""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from procurement.order import normal_number
from procurement.states import APPROVAL, MESSAGE, ORDER, REQUISITION
from records.tables import Approval, Message, OrderRevision, Person, PurchaseOrder, Requisition, Supplier
from web.desk.paging import Asked, Page, begins_with, in_state, newest_first

MOST_NAMES = 200  # people or suppliers that one search may stand for


def requisitions(session: Session, organisation_id: int, asked: Asked) -> Page:
    """Return requisitions: number, state, requester, needed_by, cost_center, currency, net_total, submitted_at."""
    query = (
        select(
            Requisition.id,
            Requisition.number,
            Requisition.state,
            Person.name.label("requester"),
            Requisition.needed_by,
            Requisition.cost_center,
            Requisition.currency,
            Requisition.net_total,
            Requisition.submitted_at,
            Requisition.created_at,
        )
        .join(Person, Person.id == Requisition.requester_id)
        .where(Requisition.organisation_id == organisation_id)
        .where(in_state(Requisition.state, asked.state, _states(REQUISITION)))
    )
    if text := asked.search.strip():
        number = begins_with(Requisition.number, text.upper())
        query = query.where(
            number if _is_number(text) else Requisition.requester_id.in_(_people(organisation_id, text))
        )
    return newest_first(session, query, Requisition.id, asked)


def orders(session: Session, organisation_id: int, asked: Asked) -> Page:
    """Return orders: number, revision, state, acknowledgement, supplier, requisition, issued_at, net_total."""
    query = (
        select(
            PurchaseOrder.id,
            PurchaseOrder.number,
            PurchaseOrder.revision,
            PurchaseOrder.state,
            PurchaseOrder.on_hold,
            PurchaseOrder.acknowledgement,
            Supplier.name.label("supplier"),
            Requisition.number.label("requisition"),
            PurchaseOrder.issued_at,
            PurchaseOrder.currency,
            OrderRevision.net_total,
        )
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .join(Requisition, Requisition.id == PurchaseOrder.requisition_id)
        .outerjoin(
            OrderRevision,
            (OrderRevision.order_id == PurchaseOrder.id) & (OrderRevision.revision == PurchaseOrder.revision),
        )
        .where(PurchaseOrder.organisation_id == organisation_id)
        .where(in_state(PurchaseOrder.state, asked.state, _states(ORDER)))
    )
    if text := asked.search.strip():
        number = begins_with(PurchaseOrder.normal_number, normal_number(text) or "")
        query = query.where(
            number if _is_number(text) else PurchaseOrder.supplier_id.in_(_suppliers(organisation_id, text))
        )
    return newest_first(session, query, PurchaseOrder.id, asked)


def approvals(session: Session, organisation_id: int, asked: Asked, approver_id: int | None = None) -> Page:
    """Return approvals: state, approver, requisition with its total, reason, asked_at, decided_at; of one or all."""
    query = (
        select(
            Approval.id,
            Approval.state,
            Person.name.label("approver"),
            Approval.principal_email,
            Requisition.number.label("requisition"),
            Requisition.net_total,
            Requisition.currency,
            Approval.reason,
            Approval.step_number,
            Approval.asked_at,
            Approval.decided_at,
        )
        .join(Person, Person.id == Approval.approver_id)
        .join(Requisition, Requisition.id == Approval.requisition_id)
        .where(Approval.organisation_id == organisation_id)
        .where(in_state(Approval.state, asked.state, _states(APPROVAL)))
    )
    if approver_id is not None:
        query = query.where(Approval.approver_id == approver_id)
    if text := asked.search.strip():
        number = begins_with(Requisition.number, text.upper())
        query = query.where(number if _is_number(text) else Approval.approver_id.in_(_people(organisation_id, text)))
    return newest_first(session, query, Approval.id, asked)


def messages(session: Session, organisation_id: int, asked: Asked) -> Page:
    """Return mails: subject, sender, kind, state, received_at, and whether the sender was proven."""
    query = (
        select(
            Message.id,
            Message.subject,
            Message.sender_address,
            Message.sender_name,
            Message.authenticated,
            Message.kind,
            Message.state,
            Message.received_at,
            Message.requisition_id,
            Message.order_id,
        )
        .where(Message.organisation_id == organisation_id)
        .where(in_state(Message.state, asked.state, _states(MESSAGE)))
    )
    if text := asked.search.strip().lower():
        people = Message.person_id.in_(_people(organisation_id, text))
        suppliers = Message.supplier_id.in_(_suppliers(organisation_id, text))
        query = query.where(Message.sender_address == text if "@" in text else or_(people, suppliers))
    return newest_first(session, query, Message.id, asked)


def _states(moves: Any) -> set[str]:
    return {*moves, *(state for reached in moves.values() for state in reached)}


def _is_number(text: str) -> bool:
    return any(one.isdigit() for one in text) and "@" not in text and " " not in text


def _people(organisation_id: int, text: str) -> Select[int]:
    named = or_(Person.name.icontains(text, autoescape=True), Person.email.icontains(text, autoescape=True))
    return select(Person.id).where(Person.organisation_id == organisation_id, named).limit(MOST_NAMES)


def _suppliers(organisation_id: int, text: str) -> Select[int]:
    named = or_(
        Supplier.name.icontains(text, autoescape=True),
        Supplier.code.icontains(text, autoescape=True),
        Supplier.order_email.icontains(text, autoescape=True),
    )
    return select(Supplier.id).where(Supplier.organisation_id == organisation_id, named).limit(MOST_NAMES)
