"""Numbers of an organisation, given out in the transaction that uses them: no gaps, none twice."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from procurement.order import order_number
from records.tables import Organisation


def next_requisition_number(session: Session, organisation_id: int) -> str:
    """Return the next requisition number (``R-00017``)."""
    used = session.execute(
        update(Organisation)
        .where(Organisation.id == organisation_id)
        .values(next_requisition=Organisation.next_requisition + 1)
        .returning(Organisation.next_requisition)
    ).scalar_one()
    return f"R-{used - 1:05d}"


def next_order_number(session: Session, organisation_id: int, today: date) -> str:
    """Return the next order number, in the organisation's pattern (``PO-{year}-{number:05d}``)."""
    row = session.execute(
        update(Organisation)
        .where(Organisation.id == organisation_id)
        .values(next_order=Organisation.next_order + 1)
        .returning(Organisation.next_order, Organisation.order_number)
    ).one()
    return order_number(row.order_number, today.year, row.next_order - 1)
