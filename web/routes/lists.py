"""Lists with a search, a state and pages that go on by key: mails, requests, approvals, orders, master data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from procurement.states import APPROVAL, MESSAGE, ORDER, REQUISITION
from records.flow import Moves
from web.access import READS_ALL, Here, allowed
from web.desk import lists, lists_master
from web.desk.paging import Asked, Page
from web.pages import page

router = APIRouter(prefix="/o/{organisation}")


def states_of(moves: Moves) -> tuple[str, ...]:
    """Return every state of a table of moves, in its order."""
    return tuple(dict.fromkeys([*moves, *(one for reached in moves.values() for one in sorted(reached))]))


@dataclass(frozen=True)
class Shelf:
    """One list: its title, how its rows are found, its columns (key, heading, kind), its states, its details."""

    title: str
    find: Callable[[Session, int, Asked], Page]
    columns: tuple[tuple[str, str, str], ...]
    search: str  # what can be searched for
    states: Iterable[str] = ()
    has_details: bool = False


SHELVES = {
    "messages": Shelf(
        "Mails",
        lists.messages,
        (
            ("received_at", "Received", "time"),
            ("subject", "Subject", "link"),
            ("sender_address", "From", "text"),
            ("kind", "Kind", "word"),
            ("state", "State", "state"),
        ),
        "the sender's address, or a name",
        states_of(MESSAGE),
        has_details=True,
    ),
    "requisitions": Shelf(
        "Requisitions",
        lists.requisitions,
        (
            ("number", "Number", "link"),
            ("requester", "Requester", "text"),
            ("created_at", "Received", "time"),
            ("cost_center", "Cost centre", "text"),
            ("net_total", "Net", "money"),
            ("needed_by", "Needed by", "text"),
            ("state", "State", "state"),
        ),
        "a number, or a requester",
        states_of(REQUISITION),
        has_details=True,
    ),
    "approvals": Shelf(
        "Approvals",
        lists.approvals,
        (
            ("requisition", "Requisition", "text"),
            ("approver", "Approver", "text"),
            ("net_total", "Net", "money"),
            ("reason", "Why", "text"),
            ("asked_at", "Asked", "time"),
            ("decided_at", "Decided", "time"),
            ("state", "State", "state"),
        ),
        "a number, or an approver",
        states_of(APPROVAL),
    ),
    "orders": Shelf(
        "Orders",
        lists.orders,
        (
            ("number", "Number", "link"),
            ("supplier", "Supplier", "text"),
            ("issued_at", "Issued", "time"),
            ("requisition", "Requisition", "text"),
            ("net_total", "Net", "money"),
            ("acknowledgement", "Answer", "state"),
            ("state", "State", "state"),
        ),
        "a number, or a supplier",
        states_of(ORDER),
        has_details=True,
    ),
    "suppliers": Shelf(
        "Suppliers",
        lists_master.suppliers,
        (
            ("code", "Code", "link"),
            ("name", "Name", "text"),
            ("order_email", "Orders go to", "text"),
            ("currency", "Currency", "text"),
            ("country", "Country", "text"),
            ("status", "Status", "state"),
        ),
        "a code, name or address",
        lists_master.SUPPLIER_STATES,
        has_details=True,
    ),
    "catalog": Shelf(
        "Catalog",
        lists_master.catalog,
        (
            ("item_number", "Number", "text"),
            ("description", "Description", "text"),
            ("supplier", "Supplier", "text"),
            ("unit", "Unit", "text"),
            ("unit_price", "Price", "money"),
            ("contract", "Contract", "text"),
            ("valid_until", "Valid until", "text"),
        ),
        "a number, or words of a description",
    ),
    "people": Shelf(
        "People",
        lists_master.people,
        (
            ("email", "Address", "text"),
            ("name", "Name", "text"),
            ("roles", "Roles", "words"),
            ("manager_email", "Manager", "text"),
            ("approval_limit", "Signs up to", "number"),
        ),
        "a name or address",
    ),
}


@router.get("/list/{shelf}")
def show(
    request: Request,
    shelf: str,
    here: Annotated[Here, Depends(allowed(*READS_ALL))],
    search: str = "",
    state: str = "",
    after: str = "",
) -> Response:
    """Show one page of a list."""
    found = SHELVES.get(shelf)
    if found is None:
        raise HTTPException(404)
    asked = Asked(search[:100], state or None, after[:100] or None)
    with here.place.database.read() as session:
        rows = found.find(session, here.organisation_id, asked)
    return page(request, "list.html", area=shelf, shelf=found, rows=rows, search=asked.search, state=state)
