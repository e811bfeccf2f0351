"""Taking an order's mail back before anybody can have got it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.outbox import ORDER_KINDS
from dispatch.steps.decide import supersede
from records.tables import Outbound, PurchaseOrder

MAY_BE_OUT = ("handing_over", "sent", "uncertain")


def take_back(session: Session, order: PurchaseOrder, by: str) -> bool:
    """Return whether no mail of the order can have gone out; then none will any more."""
    if any(mail.kind in ORDER_KINDS for mail in mails_to_supplier(session, order, MAY_BE_OUT)):
        return False
    supersede(session, order, order.revision + 1, by)
    return True


def mails_to_supplier(session: Session, order: PurchaseOrder, states: Iterable[str]) -> Sequence[Outbound]:
    """Return the mails to the supplier about ``order`` in ``states``, locked."""
    return session.scalars(
        select(Outbound)
        .where(
            Outbound.subject_table == order.__tablename__,
            Outbound.subject_id == order.id,
            Outbound.recipient == order.supplier.order_email,
            Outbound.state.in_(list(states)),
        )
        .with_for_update()
    ).all()
