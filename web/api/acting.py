"""What programs may do; each through the function that the command line and the pages use, once per key."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from intake.steps.imports import enter_mail
from records.exceptions import OPEN_STATES
from records.tables import ExceptionItem, Invoice, OrderResponse, PurchaseOrder
from web.api.access import Program, Scope, scoped
from web.api.once import once
from web.api.problem import ApiError
from web.api.reading import exception_values, own
from web.desk import changes, responses
from web.desk.invoices import accept_invoice, confirm_package, dispute_invoice, invoice_values, reject_invoice
from web.desk.orders import order_values
from web.desk.receipts import Item, record_receipt
from web.desk.resolution import correct, release_mended, waive_all

router = APIRouter(tags=["acting"])
Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Why; the audit chain keeps it.")]
LARGEST_MAIL = 25 << 20


class Body(BaseModel):
    """A body whose unknown keys are refused rather than overlooked."""

    model_config = ConfigDict(extra="forbid")


class OrderAct(Body):
    """What is to be done with an order; ``lines`` are for closing and reopening (none: all)."""

    act: Literal["hold", "release", "cancel", "force_cancellation", "close_short", "reopen"]
    reason: Reason
    lines: list[int] = []


class OrderChange(Body):
    """What is wanted of one line; what is left out stays."""

    line: int
    reason: Reason
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    needed_by: date | None = None
    drop: bool = False


class ReceiptLine(Body):
    """What came of one line; below zero it went back."""

    line: int
    quantity: Decimal


class Receipt(Body):
    """What came; the same delivery note counts once."""

    lines: list[ReceiptLine] = Field(min_length=1, max_length=1000)
    delivery_note: str | None = Field(default=None, max_length=100)
    received_on: date | None = None
    reason: str | None = Field(default=None, max_length=2000)
    accept: str | None = Field(default=None, max_length=2000, description="Why more than ordered is kept.")


class Correction(Body):
    """What is laid over what was read: JSON pointers and values."""

    values: dict[str, str] = Field(min_length=1, max_length=200)


class Waiver(Body):
    """Going on in spite of a problem."""

    code: str = Field(max_length=40)
    at: str | None = Field(default=None, max_length=200)
    reason: Reason


class Why(Body):
    """A reason."""

    reason: Reason


class Decision(Body):
    """What the buyer makes of a supplier's answer; no lines: all that wait."""

    decision: Literal["accept", "refuse"]
    reason: Reason
    lines: list[str] = []
    tell: str | None = Field(default=None, max_length=2000)


def _may(scope: Scope) -> Any:
    return Depends(scoped(scope))


Orders = Annotated[Program, _may(Scope.ORDERS)]
Receipts = Annotated[Program, _may(Scope.RECEIPTS)]
Exceptions = Annotated[Program, _may(Scope.EXCEPTIONS)]
Invoices = Annotated[Program, _may(Scope.INVOICES)]
Messages = Annotated[Program, _may(Scope.MESSAGES)]


@router.post("/orders/{number}/act")
def act(request: Request, program: Orders, number: int, body: OrderAct) -> Response:
    """Hold, release, cancel, close short or reopen an order."""

    def done(session: Session) -> Any:
        row = own(session, program, PurchaseOrder, number)
        told = {"by": program.by, "reason": body.reason}
        match body.act:
            case "hold":
                changes.hold_order(session, row, **told)
            case "release":
                changes.release_order(session, row, **told)
            case "cancel":
                changes.cancel_order(session, row, **told)
            case "force_cancellation":
                changes.force_cancellation(session, row, **told)
            case "close_short":
                changes.close_short(session, row, body.lines, **told)
            case "reopen":
                changes.reopen(session, row, body.lines, **told)
        return order_values(session, row)

    return once(request, program, body.model_dump(), done)


@router.post("/orders/{number}/changes")
def change(request: Request, program: Orders, number: int, body: OrderChange) -> Response:
    """Draft a change of one line; approvers are asked where the policy wants it."""

    def done(session: Session) -> Any:
        row = own(session, program, PurchaseOrder, number)
        wanted = changes.wish(
            body.line, quantity=body.quantity, unit_price=body.unit_price, needed_by=body.needed_by, drop=body.drop
        )
        changes.change_order(session, row, wanted, by=program.by, reason=body.reason)
        return order_values(session, row)

    return once(request, program, body.model_dump(), done)


@router.post("/orders/{number}/receipts")
def receive(request: Request, program: Receipts, number: int, body: Receipt) -> Response:
    """Book what came of an order."""

    def done(session: Session) -> Any:
        row = own(session, program, PurchaseOrder, number)
        receipt = record_receipt(
            session,
            row,
            [Item(line=one.line, quantity=one.quantity) for one in body.lines],
            by=program.by,
            delivery_note=body.delivery_note,
            received_on=body.received_on,
            reason=body.reason,
            accept=body.accept,
            source="api",
        )
        return {"booked": receipt is not None, "receipt": receipt.id if receipt is not None else None}

    return once(request, program, body.model_dump(), done)


@router.post("/responses/{number}/decide")
def decide(request: Request, program: Orders, number: int, body: Decision) -> Response:
    """Accept or refuse what a supplier answered beyond tolerance."""

    def done(session: Session) -> Any:
        row = own(session, program, OrderResponse, number)
        if body.decision == "accept":
            count = responses.accept_lines(session, row, body.lines, program.by, body.reason)
        else:
            count = responses.refuse_lines(session, row, body.lines, program.by, body.reason, body.tell)
        return {"decided": count}

    return once(request, program, body.model_dump(), done)


@router.post("/exceptions/{number}/correct")
def correct_exception(request: Request, program: Exceptions, number: int, body: Correction) -> Response:
    """Lay corrections over what was read; the same step runs again."""

    def done(session: Session) -> Any:
        item = _open(session, program, number)
        correct(session, item, [f"{at}={value}" for at, value in body.values.items()], program.by)
        return exception_values(item)

    return once(request, program, body.model_dump(), done)


@router.post("/exceptions/{number}/waive")
def waive_exception(request: Request, program: Exceptions, number: int, body: Waiver) -> Response:
    """Go on in spite of one problem."""

    def done(session: Session) -> Any:
        item = _open(session, program, number)
        waive_all(session, item, body.code, body.at, program.by, body.reason)
        return exception_values(item)

    return once(request, program, body.model_dump(), done)


@router.post("/exceptions/{number}/release")
def release_exception(request: Request, program: Exceptions, number: int, body: Why) -> Response:
    """Let the same step run again as it is, because something outside was mended."""

    def done(session: Session) -> Any:
        item = _open(session, program, number)
        release_mended(session, item, program.by, body.reason)
        return exception_values(item)

    return once(request, program, body.model_dump(), done)


@router.post("/invoices/{number}/{what}")
def settle_invoice(
    request: Request, program: Invoices, number: int, what: Literal["accept", "dispute", "reject"], body: Why
) -> Response:
    """Accept what an invoice differs in, dispute it with the supplier, or reject it."""
    do = {"accept": accept_invoice, "dispute": dispute_invoice, "reject": reject_invoice}[what]

    def done(session: Session) -> Any:
        row = own(session, program, Invoice, number)
        do(session, row, program.by.partition(" ")[0], body.reason)
        return invoice_values(session, row)

    return once(request, program, body.model_dump(), done)


@router.post("/packages/{key}/confirm")
def confirm(request: Request, program: Invoices, key: str) -> Response:
    """Say that accounts payable has taken a package; it is handed over no more."""

    def done(session: Session) -> Any:
        return {"confirmed": confirm_package(session, program.organisation_id, key, program.by)}

    return once(request, program, {}, done)


@router.post("/messages")
async def hand_over(request: Request, program: Messages) -> Response:
    """Hand over one mail (message/rfc822, the body of the request), as if it had come in; the same bytes enter once."""
    data = await request.body()
    if not data or len(data) > LARGEST_MAIL:
        raise ApiError(422, "invalid", f"Send one mail of at most {LARGEST_MAIL} bytes as the body.")

    def done(session: Session) -> Any:
        number = enter_mail(session, program.organisation_id, data, program.place.blobs, program.place.clock())
        return {"message": number}

    return await run_in_threadpool(once, request, program, hashlib.sha256(data).hexdigest(), done)


def _open(session: Session, program: Program, number: int) -> ExceptionItem:
    item = own(session, program, ExceptionItem, number)
    if item.state not in OPEN_STATES:
        raise ApiError(409, "not_open", f"Exception {number} is {item.state} already.")
    if item.lease_by is not None and item.lease_until is not None and item.lease_until > program.place.clock():
        raise ApiError(409, "held", f"{item.lease_by} works on exception {number} until {item.lease_until:%H:%M} UTC.")
    return item
