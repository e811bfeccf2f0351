"""Which address of a supplier mail about an order goes to: the one for orders, then his other people."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.chasing import recipient
from records.tables import Outbound, PurchaseOrder, SupplierContact


def contact_for(session: Session, order: PurchaseOrder, number: int) -> str | None:
    """Return who gets the ``number``-th mail (from 1) of a kind about ``order``; None where all mail came back."""
    dead = came_back(session, order)
    return recipient(order.supplier.order_email, people_of(session, order), dead, max(number, 1))


def people_of(session: Session, order: PurchaseOrder) -> list[tuple[str, str]]:
    """Return the supplier's people as (purpose, address)."""
    contacts = session.execute(
        select(SupplierContact.purpose, SupplierContact.email)
        .where(SupplierContact.supplier_id == order.supplier_id)
        .order_by(SupplierContact.id)
    )
    return [(purpose, email.lower()) for purpose, email in contacts]


def came_back(session: Session, order: PurchaseOrder) -> frozenset[str]:
    """Return the addresses at which mail about ``order`` came back, or was refused for good."""
    found = select(Outbound.recipient).where(
        Outbound.subject_table == order.__tablename__,
        Outbound.subject_id == order.id,
        Outbound.state.in_(["bounced", "failed"]),
    )
    return frozenset(session.scalars(found))
