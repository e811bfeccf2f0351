"""Invoices: what was billed, how it compares with what was ordered and received, and what a buyer says of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from records.tables import Invoice
from web.access import READS_ALL, Here, Role, allowed
from web.desk.invoices import accept_invoice, dispute_invoice, invoice_values, latest_invoices, reject_invoice
from web.desk.invoices import reopen_invoice as reopen
from web.desk.refused import CommandError
from web.pages import at, go, page
from web.routes.details import open_exception, own_row

router = APIRouter(prefix="/o/{organisation}/invoices")
Reader = Annotated[Here, Depends(allowed(*READS_ALL))]
Buyer = Annotated[Here, Depends(allowed(Role.BUYER, Role.ADMINISTRATOR))]
ACTS = {"accept": accept_invoice, "dispute": dispute_invoice, "reject": reject_invoice, "reopen": reopen}
SHOWN = 100


@router.get("")
def newest(request: Request, here: Reader, state: str = "") -> Response:
    """Show the newest invoices."""
    with here.place.database.read() as session:
        rows = latest_invoices(session, here.organisation_id, SHOWN, state[:40] or None)
    return page(request, "invoices.html", rows=rows, state=state)


@router.get("/{number}")
def show(request: Request, here: Reader, number: int) -> Response:
    """Show one invoice with what differs line by line."""
    with here.place.database.read() as session:
        row = own_row(session, here, Invoice, number)
        values = invoice_values(session, row)
        held = open_exception(session, here, row)
        may_act = here.may(Role.BUYER, Role.ADMINISTRATOR)
        return page(request, "invoice.html", row=row, invoice=values, exception=held, may_act=may_act)


@router.post("/{number}/act")
def act(here: Buyer, number: int, what: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "") -> Response:
    """Accept the differences, dispute them with the supplier, reject the invoice, or match it again."""
    do = ACTS.get(what)
    if do is None:
        raise CommandError("Say what is to be done with the invoice.")
    if not reason.strip():
        raise CommandError("Say why; the history and the audit chain keep it.")
    with here.place.database.session() as session:
        do(session, own_row(session, here, Invoice, number), here.by, reason)
    return go(at(here, f"invoices/{number}"))
