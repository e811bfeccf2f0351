"""One order whole, and what a buyer does with it: hold, change, cancel, close short, answer the supplier."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.response_decision import Offer
from records.tables import OrderResponse, OrderRevision, PurchaseOrder
from web.access import READS_ALL, Here, Role, allowed
from web.desk import changes, responses
from web.desk.orders import order_values
from web.desk.receipts import receipts
from web.desk.refused import CommandError
from web.desk.timeline import order_story
from web.pages import at, go, page
from web.routes.details import open_exception, own_row

router = APIRouter(prefix="/o/{organisation}/orders")
Buyer = Annotated[Here, Depends(allowed(Role.BUYER, Role.ADMINISTRATOR))]
Text = Annotated[str, Form()]


@router.get("/{number}")
def order(request: Request, number: int, here: Annotated[Here, Depends(allowed(*READS_ALL))]) -> Response:
    """Show one order: its lines, revisions, answers, receipts and story."""
    with here.place.database.read() as session:
        row = own_row(session, here, PurchaseOrder, number)
        waiting = responses.responses_of(session, here.organisation_id, waiting=True, count=5, order=row)
        values: dict[str, Any] = {
            "row": row,
            "order": order_values(session, row),
            "receipts": receipts(session, row),
            "waiting": [_whole(session, here, one["id"]) for one in waiting],
            "exception": open_exception(session, here, row),
            "events": order_story(session, row),
            "may_act": here.may(Role.BUYER, Role.ADMINISTRATOR),
        }
        return page(request, "order.html", **values)


@router.get("/{number}/pdf/{revision}")
def paper(number: int, revision: int, here: Annotated[Here, Depends(allowed(*READS_ALL))]) -> Response:
    """Return the PDF of a revision as it was frozen."""
    with here.place.database.read() as session:
        own_row(session, here, PurchaseOrder, number)
        found = select(OrderRevision).where(OrderRevision.order_id == number, OrderRevision.revision == revision)
        row = session.scalars(found).one_or_none()
    if row is None:
        raise HTTPException(404)
    headers = {"content-disposition": f'inline; filename="order-{number}-{revision}.pdf"'}
    return Response(here.place.blobs.get(row.pdf_sha256), media_type="application/pdf", headers=headers)


@router.post("/{number}/act")
def act(number: int, here: Buyer, what: Text = "", reason: Text = "", lines: Text = "") -> Response:
    """Hold, release, cancel, force, close short or reopen an order."""
    acts: dict[str, Callable[[Session, PurchaseOrder], object]] = {
        "hold": lambda session, row: changes.hold_order(session, row, by=here.by, reason=reason),
        "release": lambda session, row: changes.release_order(session, row, by=here.by, reason=reason),
        "cancel": lambda session, row: changes.cancel_order(session, row, by=here.by, reason=reason),
        "force": lambda session, row: changes.force_cancellation(session, row, by=here.by, reason=reason),
        "close": lambda session, row: changes.close_short(session, row, _lines(lines), by=here.by, reason=reason),
        "reopen": lambda session, row: changes.reopen(session, row, _lines(lines), by=here.by, reason=reason),
    }
    if what not in acts:
        raise CommandError("Say what is to be done with the order.")
    if not reason.strip():
        raise CommandError("Say why; the history and the audit chain keep it.")
    with here.place.database.session() as session:
        acts[what](session, own_row(session, here, PurchaseOrder, number))
    return go(at(here, f"orders/{number}"))


@router.post("/{number}/change")
def change(
    number: int,
    here: Buyer,
    line: Text = "",
    quantity: Text = "",
    unit_price: Text = "",
    needed_by: Text = "",
    reason: Text = "",
) -> Response:
    """Draft a change of one line; approvers are asked where the policy wants it."""
    wanted = changes.wish(
        _whole_number(line), quantity=_decimal(quantity), unit_price=_decimal(unit_price), needed_by=_day(needed_by)
    )
    if not reason.strip():
        raise CommandError("Say why; the history and the audit chain keep it.")
    with here.place.database.session() as session:
        changes.change_order(session, own_row(session, here, PurchaseOrder, number), wanted, by=here.by, reason=reason)
    return go(at(here, f"orders/{number}"))


@router.post("/{number}/answers/{response}")
def decide(
    number: int,
    response: int,
    here: Buyer,
    line: Text = "",
    what: Text = "",
    reason: Text = "",
    tell: Text = "",
    quantity: Text = "",
    unit_price: Text = "",
    promised_on: Text = "",
) -> Response:
    """Accept, counter or refuse one line of a supplier's answer, or all that wait."""
    if not reason.strip():
        raise CommandError("Say why; the history and the audit chain keep it.")
    chosen = [line] if line else []
    with here.place.database.session() as session:
        row = own_row(session, here, OrderResponse, response)
        if row.order_id != number:
            raise HTTPException(404)
        if what == "accept":
            responses.accept_lines(session, row, chosen, here.by, reason)
        elif what == "refuse":
            responses.refuse_lines(session, row, chosen, here.by, reason, tell or None)
        elif what == "counter" and line:
            offer = Offer(_decimal(quantity), _decimal(unit_price), _day(promised_on))
            responses.counter_line(session, row, line, offer, here.by, reason, tell or None)
        else:
            raise CommandError("Say whether to accept, counter or refuse the line.")
    return go(at(here, f"orders/{number}"))


def _whole(session: Session, here: Here, response: int) -> dict[str, Any]:
    row = responses.response_numbered(session, here.organisation_id, response)
    return responses.response_values(session, row)


def _lines(text: str) -> list[int]:
    return [_whole_number(one) or 0 for one in text.replace(",", " ").split()]


def _whole_number(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 6:
        raise CommandError(f"{text[:40]} is no line number.")
    return int(text)


def _decimal(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise CommandError(f"{text[:40]} is no number; write it like 12.50.") from error
    if not number.is_finite():
        raise CommandError(f"{text[:40]} is no number; write it like 12.50.")
    return number


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise CommandError(f"{text[:40]} is no day; write it like 2026-07-14.") from error
