"""What programs may look at: lists by key, single rows whole, reports."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.base import Owned
from records.tables import (
    ExceptionItem,
    Invoice,
    Message,
    OrderRevision,
    Organisation,
    PurchaseOrder,
    Requisition,
)
from web.api.access import Program, Reads
from web.api.problem import ApiError, Json
from web.desk import lists, lists_master
from web.desk.invoices import invoice_values, latest_invoices, open_packages
from web.desk.orders import order_values
from web.desk.paging import MOST, SIZE, Asked
from web.desk.receipts import receipts
from web.desk.refused import CommandError
from web.desk.reports.figures import PeriodError, period_of
from web.desk.reports.files import as_json as report_as_json
from web.desk.reports.shelf import report_named
from web.desk.timeline import Event, message_story, order_story, requisition_story

router = APIRouter(tags=["reading"])
Row = TypeVar("Row", bound=Owned)
OF_REQUISITION = (
    *("id", "number", "state", "currency", "needed_by", "ship_to", "cost_center", "account", "project"),
    *("justification", "net_total", "base_total", "policy_rule"),
)
OF_LINE = ("line_number", "description", "quantity", "unit", "unit_price", "currency", "item_number", "contract")
Search = Annotated[str, Query(max_length=100, description="A number or its beginning, or (part of) a name.")]
After = Annotated[str | None, Query(max_length=100, description="The cursor `after` of the page before.")]
Size = Annotated[int, Query(ge=1, le=MOST)]
LISTS = {
    "messages": lists.messages,
    "requisitions": lists.requisitions,
    "approvals": lists.approvals,
    "orders": lists.orders,
    "suppliers": lists_master.suppliers,
    "catalog": lists_master.catalog,
    "people": lists_master.people,
}


def own(session: Session, program: Program, table: type[Row], number: int) -> Row:
    """Return a row of the token's organisation; 404 for what is another's or nobody's."""
    row = session.get(table, number)
    if row is None or row.organisation_id != program.organisation_id:
        raise ApiError(404, "not_there", f"There is no {table.__tablename__.replace('_', ' ')} {number}.")
    return row


@router.get("/me")
def me(program: Reads) -> Response:
    """Return what the token is: its organisation, who it acts for, its scopes."""
    with program.place.database.read() as session:
        organisation = session.get_one(Organisation, program.organisation_id)
        return Json({"organisation": organisation.slug, "by": program.by, "scopes": sorted(program.scopes)})


def _list_of(name: str) -> None:
    def listed(
        program: Reads, search: Search = "", state: str | None = None, after: After = None, size: Size = SIZE
    ) -> Response:
        with program.place.database.read() as session:
            page = LISTS[name](session, program.organisation_id, Asked(search, state, after, size))
        return Json({"rows": page.rows, "after": page.after})

    listed.__doc__ = f"Return {name}, a page at a time; `after` of the answer is the cursor of the next page."
    router.add_api_route(f"/{name}", listed, methods=["GET"], name=f"list_{name}", operation_id=f"list_{name}")


for _name in LISTS:
    _list_of(_name)


@router.get("/messages/{number}")
def message(program: Reads, number: int) -> Response:
    """Return one mail: its sender and trust, its Reading with evidence, its documents' Readings, its story."""
    with program.place.database.read() as session:
        row = own(session, program, Message, number)
        names = ("id", "subject", "sender_address", "sender_name", "authenticated", "kind", "state", "received_at")
        values = {name: getattr(row, name) for name in (*names, "reading", "corrections", "signals")}
        documents = [
            {"id": one.id, "name": one.name, "media_type": one.media_type, "reading": one.reading}
            for one in row.documents
        ]
        return Json(values | {"documents": documents, "story": _story(message_story(session, row))})


@router.get("/requisitions/{number}")
def requisition(program: Reads, number: int) -> Response:
    """Return one requisition with its lines and its story."""
    with program.place.database.read() as session:
        row = own(session, program, Requisition, number)
        head = {name: getattr(row, name) for name in OF_REQUISITION}
        lines = [{name: getattr(line, name) for name in OF_LINE} for line in row.lines]
        requester = row.requester.email
        story = _story(requisition_story(session, row))
        return Json(head | {"requester": requester, "lines": lines, "story": story})


@router.get("/orders/{number}")
def order(program: Reads, number: int) -> Response:
    """Return one order whole: lines, revisions, answers, changes, receipts, story."""
    with program.place.database.read() as session:
        row = own(session, program, PurchaseOrder, number)
        more = {"id": row.id, "receipts": receipts(session, row), "story": _story(order_story(session, row))}
        return Json(order_values(session, row) | more)


@router.get("/orders/{number}/pdf/{revision}", response_class=Response)
def paper(program: Reads, number: int, revision: int) -> Response:
    """Return the PDF of a revision, with its Order-X inside, as it was sent."""
    with program.place.database.read() as session:
        row = own(session, program, PurchaseOrder, number)
        found = select(OrderRevision.pdf_sha256).where(
            OrderRevision.order_id == row.id, OrderRevision.revision == revision
        )
        name = session.scalars(found).one_or_none()
    if name is None:
        raise ApiError(404, "not_there", f"There is no revision {revision} of it.")
    return Response(program.place.blobs.get(name), media_type="application/pdf")


@router.get("/exceptions")
def exceptions(program: Reads, after: int = 0, size: Size = SIZE) -> Response:
    """Return open exceptions, oldest first; `after` of the answer is the cursor of the next page."""
    open_items = select(ExceptionItem).where(
        ExceptionItem.organisation_id == program.organisation_id,
        ExceptionItem.state.in_(("to_review", "reviewing", "postponed")),
        ExceptionItem.id > after,
    )
    with program.place.database.read() as session:
        rows = session.scalars(open_items.order_by(ExceptionItem.id).limit(size + 1)).all()
        shown = [exception_values(row) for row in rows[:size]]
    return Json({"rows": shown, "after": shown[-1]["id"] if len(rows) > size else None})


@router.get("/exceptions/{number}")
def exception(program: Reads, number: int) -> Response:
    """Return one exception with its problems and what each needs."""
    with program.place.database.read() as session:
        return Json(exception_values(own(session, program, ExceptionItem, number)))


@router.get("/invoices")
def invoices(program: Reads, state: str | None = None, size: Size = SIZE) -> Response:
    """Return the newest invoices."""
    with program.place.database.read() as session:
        return Json({"rows": latest_invoices(session, program.organisation_id, size, state), "after": None})


@router.get("/invoices/{number}")
def invoice(program: Reads, number: int) -> Response:
    """Return one invoice with what differs line by line."""
    with program.place.database.read() as session:
        return Json(invoice_values(session, own(session, program, Invoice, number)))


@router.get("/packages")
def packages(program: Reads) -> Response:
    """Return the match-ready packages that accounts payable has not confirmed yet, oldest first."""
    with program.place.database.read() as session:
        return Json({"rows": open_packages(session, program.organisation_id), "after": None})


@router.get("/reports/{name}")
def report(program: Reads, name: str, first: date | None = None, last: date | None = None) -> Response:
    """Return a report over a period; the last 30 days where none is named."""
    try:
        make = report_named(name)
    except CommandError as error:
        raise ApiError(404, "not_there", str(error)) from error
    with program.place.database.read() as session:
        organisation = session.get_one(Organisation, program.organisation_id)
        try:
            period = period_of(organisation, first, last, program.place.clock())
        except PeriodError as error:
            raise ApiError(422, "invalid", str(error)) from error
        return Json(report_as_json(make(session, organisation, period)))


def exception_values(row: ExceptionItem) -> dict[str, Any]:
    """Return an exception as plain values."""
    names = ("id", "subject_table", "subject_id", "step", "state", "owner", "code", "problems", "opened_at", "due_by")
    return {name: getattr(row, name) for name in (*names, "wake_at", "lease_by", "lease_until", "resolution")}


def _story(events: list[Event]) -> list[dict[str, Any]]:
    return [asdict(event) for event in events]
