"""One mail, request or supplier whole: its values, where they were read, and everything that happened to it."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.policy import rules_from_json
from procurement.policy_explain import explain
from procurement.steps.directory import directory_of
from procurement.steps.signing import facts_of
from records.base import Owned
from records.exceptions import OPEN_STATES
from records.tables import (
    Approval,
    ExceptionItem,
    Message,
    Organisation,
    Policy,
    PurchaseOrder,
    Requisition,
    Supplier,
    SupplierContact,
)
from web.access import READS_ALL, Here, Role, allowed, proven
from web.desk.bank import accounts_shown, changes_of, confirm_accounts, propose_accounts, refuse_accounts
from web.desk.refused import CommandError
from web.desk.timeline import message_story, requisition_story
from web.pages import at, go, page

router = APIRouter(prefix="/o/{organisation}")
Reader = Annotated[Here, Depends(allowed(*READS_ALL))]
Row = TypeVar("Row", bound=Owned)
BANK = (Role.ADMINISTRATOR, Role.BUYER)
MOST_VALUES = 400  # of one reading on a page


def own_row(session: Session, here: Here, table: type[Row], number: int) -> Row:
    """Return a row of the organisation; 404 for what is another's or nobody's."""
    row = session.get(table, number)
    if row is None or row.organisation_id != here.organisation_id:
        raise HTTPException(404)
    return row


@router.get("/messages/{number}")
def message(request: Request, here: Reader, number: int) -> Response:
    """Show one mail: who wrote it, what was read where, what became of it."""
    with here.place.database.read() as session:
        row = own_row(session, here, Message, number)
        values: dict[str, Any] = {
            "mail": row,
            "read": list(read_values(row.reading or {}))[:MOST_VALUES],
            "documents": list(row.documents),
            "exception": open_exception(session, here, row),
            "order": session.get(PurchaseOrder, row.order_id) if row.order_id else None,
            "requisition": session.get(Requisition, row.requisition_id) if row.requisition_id else None,
            "events": message_story(session, row),
        }
        return page(request, "message.html", **values)


@router.get("/requisitions/{number}")
def requisition(request: Request, here: Reader, number: int) -> Response:
    """Show one request: its lines, its approvals and why they are asked for, its orders, its story."""
    with here.place.database.read() as session:
        row = own_row(session, here, Requisition, number)
        asked = select(Approval).where(Approval.requisition_id == row.id).order_by(Approval.step_number, Approval.id)
        orders = select(PurchaseOrder).where(PurchaseOrder.requisition_id == row.id)
        values: dict[str, Any] = {
            "row": row,
            "approvals": session.scalars(asked).all(),
            "orders": session.scalars(orders).all(),
            "why": _why(session, row),
            "exception": open_exception(session, here, row),
            "events": requisition_story(session, row),
        }
        return page(request, "requisition.html", **values)


@router.get("/suppliers/{number}")
def supplier(request: Request, here: Reader, number: int) -> Response:
    """Show one supplier: who he is, whom to write to, where he is paid (masked), what he was last sent."""
    with here.place.database.read() as session:
        row = own_row(session, here, Supplier, number)
        organisation = session.get_one(Organisation, here.organisation_id)
        contacts = select(SupplierContact).where(SupplierContact.supplier_id == row.id)
        orders = select(PurchaseOrder).where(PurchaseOrder.supplier_id == row.id)
        values: dict[str, Any] = {
            "row": row,
            "contacts": session.scalars(contacts.order_by(SupplierContact.purpose)).all(),
            "accounts": accounts_shown(session, organisation, row.code),
            "bank_changes": changes_of(session, organisation, row.code),
            "orders": session.scalars(orders.order_by(PurchaseOrder.id.desc()).limit(20)).all(),
            "may_change_bank": here.may(*BANK),
            "by": here.by,
        }
        return page(request, "supplier.html", **values)


@router.post("/suppliers/{number}/bank")
def propose_bank(
    number: int,
    here: Annotated[Here, Depends(proven(*BANK))],
    accounts: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Propose the accounts that a supplier is paid on; somebody else has to confirm it."""
    with here.place.database.session() as session:
        row = own_row(session, here, Supplier, number)
        organisation = session.get_one(Organisation, here.organisation_id)
        told = [line for line in accounts.splitlines() if line.strip()]
        propose_accounts(session, organisation, row.code, told, here.by, reason)
    return go(at(here, f"suppliers/{number}"))


@router.post("/suppliers/{number}/bank/{change}")
def decide_bank(
    number: int,
    change: int,
    here: Annotated[Here, Depends(proven(*BANK))],
    act: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Confirm or refuse a proposed change of bank details."""
    decide = {"confirm": confirm_accounts, "refuse": refuse_accounts}.get(act)
    if decide is None:
        raise CommandError("Say whether to confirm or to refuse.")
    with here.place.database.session() as session:
        own_row(session, here, Supplier, number)
        organisation = session.get_one(Organisation, here.organisation_id)
        decide(session, organisation, change, here.by, reason)
    return go(at(here, f"suppliers/{number}"))


def open_exception(session: Session, here: Here, row: Owned) -> ExceptionItem | None:
    """Return what holds ``row`` up; None where nothing does."""
    return session.scalars(
        select(ExceptionItem).where(
            ExceptionItem.organisation_id == here.organisation_id,
            ExceptionItem.subject_table == row.__tablename__,
            ExceptionItem.subject_id == row.id,
            ExceptionItem.state.in_(OPEN_STATES),
        )
    ).one_or_none()


def read_values(reading: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return every value of a reading: its pointer, the value, and the words in which it stands."""
    evidence = reading.get("evidence", {})
    found = [
        (f"/{name}", str(value))
        for name, value in reading.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    for index, line in enumerate(reading.get("lines", ())):
        found += [(f"/lines/{index}/{name}", str(value)) for name, value in line.items()]
    return [(pointer, value, evidence.get(pointer, {}).get("text", "")) for pointer, value in found]


def _why(session: Session, row: Requisition) -> tuple[str, ...]:
    if row.policy_id is None:
        return ()
    rules = rules_from_json(session.get_one(Policy, row.policy_id).rules)
    return explain(rules, facts_of(row), directory_of(session, row.organisation_id))
