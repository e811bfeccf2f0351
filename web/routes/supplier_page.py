"""The supplier's own page of an order, by the link of its mail: to look, and to answer line by line.

Nothing is chosen beforehand: a form that is sent as it came answers nothing.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from parsers.reading import LineStatus
from procurement.steps.supplier_link import link_behind
from records.tables import OrderRevision, Organisation, SupplierLink
from web.access import everybody
from web.desk.refused import CommandError
from web.desk.supplier_answer import LineAnswer, SupplierAnswer, take_answer
from web.pages import page
from web.place import Place, place_of

router = APIRouter(prefix="/s/{token}", dependencies=[Depends(everybody)])
ACCEPT_ALL = "accept_all"


@router.get("")
def show(request: Request, token: str) -> Response:
    """Show the order, and the form to answer it."""
    place = place_of(request)
    with place.database.read() as session:
        return page(request, "supplier_page.html", **_shown(session, _link(session, place, token), token, ""))


@router.get("/pdf")
def paper(request: Request, token: str) -> Response:
    """Return the order's PDF."""
    place = place_of(request)
    with place.database.read() as session:
        link = _link(session, place, token)
        found = select(OrderRevision.pdf_sha256).where(
            OrderRevision.order_id == link.order_id, OrderRevision.revision == link.revision
        )
        name = session.scalars(found).one_or_none()
    if name is None:
        raise HTTPException(404)
    headers = {"content-disposition": 'inline; filename="order.pdf"'}
    return Response(place.blobs.get(name), media_type="application/pdf", headers=headers)


@router.post("")
async def answer(request: Request, token: str) -> Response:
    """Take the answer; what is not clear comes back with a sentence, nothing changed."""
    return await run_in_threadpool(_answer, request, token, await request.form())


def _answer(request: Request, token: str, form: FormData) -> Response:
    place = place_of(request)
    with place.database.session() as session:
        link = _link(session, place, token)
        try:
            take_answer(session, place.blobs, link, _read(form, link), place.clock())
        except CommandError as error:
            values = _shown(session, link, token, str(error))
            return page(request, "supplier_page.html", status=422, **values)
    return page(request, "done.html", title="Thank you", sentence="Your answer has reached us.")


def _link(session: Session, place: Place, token: str) -> SupplierLink:
    link = link_behind(session, token, place.clock())
    if link is None:
        raise HTTPException(404)
    return link


def _shown(session: Session, link: SupplierLink, token: str, sentence: str) -> dict[str, Any]:
    order = link.order
    barred = ""
    if order.state != "issued":
        barred = f"This order is {order.state}; it takes no answers any more."
    elif link.revision != order.revision:
        barred = f"We sent revision {order.revision} of this order since; please answer that one."
    return {
        "order": order,
        "lines": list(order.lines),
        "buyer": session.get_one(Organisation, order.organisation_id).name,
        "revision": link.revision,
        "token": token,
        "sentence": sentence,
        "barred": barred,
    }


def _read(form: FormData, link: SupplierLink) -> SupplierAnswer:
    numbers = [line.line_number for line in link.order.lines]
    if _text(form, "all") == ACCEPT_ALL:
        lines = tuple(LineAnswer(number, LineStatus.ACCEPTED) for number in numbers)
    else:
        lines = tuple(one for number in numbers if (one := _line(form, number)) is not None)
    return SupplierAnswer(_text(form, "name"), lines, _text(form, "number") or None, _text(form, "note") or None)


def _line(form: FormData, number: int) -> LineAnswer | None:
    status = _text(form, f"status-{number}")
    if not status:
        return None
    if status not in set(LineStatus):
        raise CommandError(f"Line {number}: please choose one of the answers.")
    return LineAnswer(
        number,
        LineStatus(status),
        quantity=_decimal(_text(form, f"quantity-{number}"), number),
        unit_price=_decimal(_text(form, f"price-{number}"), number),
        promised_on=_day(_text(form, f"date-{number}"), number),
        substitute=_text(form, f"substitute-{number}") or None,
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _decimal(text: str, line: int) -> Decimal | None:
    """Return a number with a point or a comma before its decimals; a sign that could be either is asked about."""
    if not text:
        return None
    try:
        if text.count(",") == 1 and "." not in text and len(text.rpartition(",")[2]) != 3:
            text = text.replace(",", ".")
        return Decimal(text)
    except InvalidOperation as error:
        raise CommandError(f"Line {line}: please write {text[:40]} like 1250.50, with a point.") from error


def _day(text: str, line: int) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"Line {line}: please write the date like 2026-07-14.") from error
