"""Which address of a supplier mail about an order goes to: the one for orders, then his other people."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.chasing import recipient
from records.tables import Outbound, PurchaseOrder, SupplierContact


def contact_for(session: Session, order: PurchaseOrder, number: int) -> str | None:
    """Return who gets the ``number``-th mail (from 1) of a kind about ``order``; None where all mail came back."""
    contacts = session.execute(
        select(SupplierContact.purpose, SupplierContact.email)
        .where(SupplierContact.supplier_id == order.supplier_id)
        .order_by(SupplierContact.id)
    ).all()
    people = [(purpose, email.lower()) for purpose, email in contacts]
    return recipient(order.supplier.order_email, people, came_back(session, order), max(number, 1))


def came_back(session: Session, order: PurchaseOrder) -> frozenset[str]:
    """Return the addresses at which mail about ``order`` came back, or was refused for good."""
    found = select(Outbound.recipient).where(
        Outbound.subject_table == order.__tablename__,
        Outbound.subject_id == order.id,
        Outbound.state.in_(["bounced", "failed"]),
    )
    return frozenset(session.scalars(found))
