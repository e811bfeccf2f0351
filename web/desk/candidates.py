"""What a problem's value might be: items, suppliers and orders that fit, to be taken with one key."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from procurement.steps.catalog import match_line
from records.tables import CatalogItem, Message, PurchaseOrder, Supplier
from web.desk.item_view import Field, View

MOST = 9  # one for each digit key
_OF_EACH = 3


@dataclass(frozen=True)
class Candidate:
    """A value for the field ``at``, and what it is; ``key`` is the digit that takes it."""

    key: int
    at: str
    value: str
    what: str


def candidates(session: Session, organisation_id: int, view: View) -> tuple[Candidate, ...]:
    """Return what the fields with problems might be, at most one for each digit."""
    found = [one for trouble in view.troubles for one in _for(session, organisation_id, view, trouble.field)]
    distinct = list(dict.fromkeys(found))[:MOST]
    return tuple(Candidate(number, *one) for number, one in enumerate(distinct, 1))


def _for(session: Session, organisation_id: int, view: View, at: str) -> Iterator[tuple[str, str, str]]:
    name = at.rpartition("/")[2]
    line = next((line for line in view.lines if any(field.at == at for field in line)), ())
    match name:
        case "item_number":
            for item in _items(session, organisation_id, line):
                told = f"{item.description} · {item.unit_price.normalize():f} {item.currency}/{item.unit}"
                yield at, item.item_number, told
        case "supplier" | "supplier_name":
            for supplier in _suppliers(session, organisation_id, view, line):
                yield at, supplier.code if name == "supplier" else supplier.name, supplier.name
        case "order_numbers" | "order_number":
            for order in _orders(session, organisation_id, view.message):
                yield at, order.number or "", f"{order.supplier.name}, {order.state}"
        case "sender":
            for supplier in _near_sender(session, organisation_id, view.message):
                yield at, supplier.order_email, supplier.name


def _items(session: Session, organisation_id: int, line: tuple[Field, ...]) -> tuple[CatalogItem, ...]:
    values = {field.name: field.value for field in line}
    match = match_line(session, organisation_id, values.get("description") or None, values.get("item_number") or None)
    return ((match.item,) if match.item else match.candidates)[:_OF_EACH]


def _suppliers(session: Session, organisation_id: int, view: View, line: tuple[Field, ...]) -> list[Supplier]:
    ids = list(dict.fromkeys(item.supplier_id for item in _items(session, organisation_id, line)))
    named = next((field.value for field in view.fields if field.name == "supplier_name"), "")
    fits: ColumnElement[bool] = Supplier.id.in_(ids)
    if word := next((one for one in named.split() if len(one) > 3), ""):
        fits = or_(fits, Supplier.name.icontains(word, autoescape=True))
    query = select(Supplier).where(Supplier.organisation_id == organisation_id, fits).order_by(Supplier.name)
    return list(session.scalars(query.limit(_OF_EACH)))


def _orders(session: Session, organisation_id: int, message: Message | None) -> list[PurchaseOrder]:
    if message is None or message.supplier_id is None:
        return []
    query = select(PurchaseOrder).where(
        PurchaseOrder.organisation_id == organisation_id,
        PurchaseOrder.supplier_id == message.supplier_id,
        PurchaseOrder.state == "issued",
    )
    return list(session.scalars(query.order_by(PurchaseOrder.id.desc()).limit(_OF_EACH)))


def _near_sender(session: Session, organisation_id: int, message: Message | None) -> list[Supplier]:
    """Return suppliers whose order address is at the sender's host or carries its name."""
    domain = (message.sender_address or "").rpartition("@")[2] if message else ""
    name = max(domain.split("."), key=len, default="")
    if len(name) < 4:
        return []
    fits = Supplier.order_email.icontains(name, autoescape=True)
    query = select(Supplier).where(Supplier.organisation_id == organisation_id, fits).order_by(Supplier.name)
    return list(session.scalars(query.limit(_OF_EACH)))
