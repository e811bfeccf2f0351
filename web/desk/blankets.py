"""Blanket orders at the desk: written from a contract or a request, called off, shown with what is left, closed."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.blanket import left_of
from procurement.steps.blanket import Wanted, call_off, drawn_of, frame_of
from procurement.steps.route import void
from procurement.steps.signing import approvals_of
from records.audit import record
from records.base import utc_now
from records.exceptions import open_item, resolve
from records.tables import (
    BlanketLine,
    BlanketOrder,
    CallOff,
    CatalogItem,
    Contract,
    Organisation,
    Person,
    Requisition,
    Supplier,
)
from web.desk.refused import CommandError

_MAY_BECOME_FRAME = ("incomplete", "pending_approval", "returned")


def from_contract(
    session: Session,
    organisation: Organisation,
    number: str,
    contract: str,
    ceilings: Mapping[str, Decimal],
    *,
    by: str,
) -> BlanketOrder:
    """Write the blanket order ``number`` of a contract: its catalog items, its ceiling, its days.

    ``ceilings`` are quantities by item number; an item without one is limited by the amount alone.
    """
    wanted = Contract.organisation_id == organisation.id, Contract.reference == contract
    terms = session.scalars(select(Contract).where(*wanted)).one_or_none()
    if terms is None:
        raise CommandError(f"There is no contract {contract} at {organisation.slug}.")
    mine = CatalogItem.organisation_id == organisation.id, CatalogItem.contract == contract
    items = session.scalars(select(CatalogItem).where(*mine).order_by(CatalogItem.item_number)).all()
    _one_supplier({item.supplier_id for item in items}, f"contract {contract}")
    if unknown := set(ceilings) - {item.item_number for item in items}:
        raise CommandError(f"Contract {contract} has no item {min(unknown)}.")
    blanket = BlanketOrder(
        organisation_id=organisation.id,
        number=_free(session, organisation, number),
        supplier_id=items[0].supplier_id,
        currency=terms.currency,
        contract=contract,
        ceiling=terms.ceiling,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        lines=[_from_item(place, item, ceilings.get(item.item_number)) for place, item in enumerate(items, 1)],
    )
    return _write(session, blanket, by)


def from_request(
    session: Session,
    organisation: Organisation,
    number: str,
    request: str,
    valid: tuple[date | None, date | None],
    *,
    by: str,
) -> BlanketOrder:
    """Write the blanket order ``number`` of a request, whose lines are its ceilings.

    It takes the request's place, which is withdrawn: nothing is ordered before it is called off.
    """
    mine = Requisition.organisation_id == organisation.id, Requisition.number == request.upper()
    row = session.scalars(select(Requisition).where(*mine)).one_or_none()
    if row is None or not row.lines:
        raise CommandError(f"There is no request {request} with lines at {organisation.slug}.")
    if row.state not in _MAY_BECOME_FRAME:
        raise CommandError(f"{row.number} is {row.state.replace('_', ' ')}: no blanket order is written of it.")
    _one_supplier({line.supplier_id for line in row.lines}, f"request {request}")
    blanket = BlanketOrder(
        organisation_id=organisation.id,
        number=_free(session, organisation, number),
        supplier_id=row.lines[0].supplier_id,
        currency=row.lines[0].currency,
        ceiling=row.net_total,
        valid_from=valid[0],
        valid_until=valid[1],
        lines=[
            BlanketLine(
                organisation_id=organisation.id,
                line_number=place,
                description=line.description,
                item_number=line.item_number,
                supplier_item_number=line.supplier_item_number,
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                tax_rate=line.tax_rate,
                category=line.category,
            )
            for place, line in enumerate(row.lines, 1)
        ],
    )
    _withdraw(session, row, by, number)
    return _write(session, blanket, by)


def call_off_blanket(
    session: Session, blanket: BlanketOrder, wanted: Wanted, requester: str, *, by: str
) -> Requisition:
    """Call ``wanted`` off for ``requester`` (an address) and return the request, which is approved like any other."""
    found = Person.organisation_id == blanket.organisation_id, Person.email == requester.lower(), Person.active
    person = session.scalars(select(Person).where(*found)).one_or_none()
    if person is None:
        raise CommandError(f"{requester} is no active person of the organisation.")
    made = call_off(session, blanket, wanted, person, by=by, now=utc_now())
    if isinstance(made, tuple):
        raise CommandError(" ".join(problem.detail for problem in made))
    return made


def close_blanket(session: Session, blanket: BlanketOrder, *, by: str, reason: str) -> None:
    """Close a blanket order: nothing more is called off; what was called off goes on."""
    if blanket.closed_at is not None:
        raise CommandError(f"{blanket.number} is closed already.")
    if not reason.strip():
        raise CommandError("Say why: --reason TEXT.")
    blanket.closed_at = utc_now()
    record(session, blanket, "blanket_closed", by, why=reason)


def blanket_numbered(session: Session, organisation: Organisation, number: str) -> BlanketOrder:
    """Return the blanket order of that number; raises CommandError where there is none."""
    mine = BlanketOrder.organisation_id == organisation.id, BlanketOrder.number == number
    row = session.scalars(select(BlanketOrder).where(*mine)).one_or_none()
    if row is None:
        raise CommandError(f"There is no blanket order {number} at {organisation.slug}.")
    return row


def blankets(session: Session, organisation: Organisation) -> list[dict[str, Any]]:
    """Return the blanket orders with what is left of each."""
    mine = select(BlanketOrder).where(BlanketOrder.organisation_id == organisation.id).order_by(BlanketOrder.number)
    return [_head(session, blanket) for blanket in session.scalars(mine)]


def blanket_values(session: Session, blanket: BlanketOrder) -> dict[str, Any]:
    """Return one blanket order whole: each line with what is called off and left, and its call-offs."""
    drawn = drawn_of(session, blanket)
    _, left = left_of(frame_of(blanket), drawn)
    names = ("line_number", "item_number", "description", "unit", "unit_price", "quantity")
    lines = [
        {name: getattr(line, name) for name in names}
        | {"called_off": drawn.quantities.get(line.line_number, Decimal(0)), "left": left[line.line_number]}
        for line in blanket.lines
    ]
    found = select(CallOff).where(CallOff.blanket_id == blanket.id).order_by(CallOff.id)
    calls = [
        {"requisition": one.requisition.number, "state": one.requisition.state, "net_total": one.requisition.net_total}
        for one in session.scalars(found)
    ]
    return _head(session, blanket) | {"lines": lines, "call_offs": calls}


def _head(session: Session, blanket: BlanketOrder) -> dict[str, Any]:
    drawn = drawn_of(session, blanket)
    amount, _ = left_of(frame_of(blanket), drawn)
    names = ("number", "contract", "currency", "ceiling", "valid_from", "valid_until")
    return {name: getattr(blanket, name) for name in names} | {
        "supplier": blanket.supplier.code,
        "state": "closed" if blanket.closed_at else "open",
        "called_off": drawn.amount,
        "left": amount,
    }


def _from_item(place: int, item: CatalogItem, ceiling: Decimal | None) -> BlanketLine:
    return BlanketLine(
        organisation_id=item.organisation_id,
        line_number=place,
        description=item.description,
        item_number=item.item_number,
        supplier_item_number=item.supplier_item_number,
        quantity=ceiling,
        unit=item.unit,
        unit_price=item.unit_price,
        tax_rate=item.tax_rate,
        category=item.category,
    )


def _write(session: Session, blanket: BlanketOrder, by: str) -> BlanketOrder:
    if blanket.ceiling is None and any(line.quantity is None for line in blanket.lines):
        raise CommandError("A blanket order needs a ceiling: an amount, or a quantity for every line.")
    supplier = session.get_one(Supplier, blanket.supplier_id)
    if supplier.status != "active":
        raise CommandError(f"{supplier.name} is {supplier.status}: nothing may be ordered.")
    session.add(blanket)
    session.flush()
    record(session, blanket, "blanket_written", by, number=blanket.number, ceiling=str(blanket.ceiling))
    return blanket


def _withdraw(session: Session, request: Requisition, by: str, number: str) -> None:
    record(session, request, "moved", by, old=request.state, new="withdrawn", why=f"blanket order {number}")
    request.state, request.due_at = "withdrawn", None
    void(session, approvals_of(session, request), by)
    if item := open_item(session, request):
        resolve(session, item, by, f"blanket order {number} takes its place")


def _one_supplier(suppliers: set[int], of: str) -> None:
    if len(suppliers) != 1:
        raise CommandError(f"A blanket order is with one supplier; {of} has items of {len(suppliers)}.")


def _free(session: Session, organisation: Organisation, number: str) -> str:
    mine: Sequence[Any] = (BlanketOrder.organisation_id == organisation.id, BlanketOrder.number == number)
    if not number.strip():
        raise CommandError("A blanket order needs a number.")
    if session.scalars(select(BlanketOrder.id).where(*mine)).first() is not None:
        raise CommandError(f"There is a blanket order {number} already.")
    return number.strip()
