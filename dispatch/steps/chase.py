"""The step ``chase``: a supplier who has not answered is reminded, then the buyer is told."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.outbox import ORDER_KINDS
from procurement.order import next_chase
from procurement.steps.notices import notify
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome, Wait
from records.problems import Code, Problem
from records.tables import Organisation, Outbound, PurchaseOrder

ANSWERED = frozenset({"accepted", "changed", "rejected", "not_required"})
LOOK_AGAIN = timedelta(days=30)


def chase(session: Session, order: PurchaseOrder, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Remind the supplier on the organisation's days; AB ("received") is not acceptance and goes on.

    Nobody is reminded of an order whose mail is not out. An answered order is looked at when it changes.
    """
    now = clock()
    if order.acknowledgement in ANSWERED or order.on_hold:
        return Done(order.state)
    organisation = session.get_one(Organisation, order.organisation_id)
    issued_at = order.issued_at or now
    days = organisation.chase_days
    due = sum(1 for day in days if now >= issued_at + timedelta(days=day))
    if due > order.chasers and _is_out(session, order):
        order.chasers = due
        key = f"chaser:{order.id}:{order.revision}:{due}"
        notify(session, order, "order_reminder", order.supplier.order_email, key=key, number=due)
        record(session, order, "chased", "step:chase", chaser=due)
    overdue_at = issued_at + timedelta(days=organisation.overdue_days)
    if now < overdue_at:
        return Wait(min(overdue_at, next_chase(issued_at, days, organisation.overdue_days, due)))
    order.acknowledgement = "overdue"
    detail = f"{order.supplier.name} has not answered {order.number} for {organisation.overdue_days} days."
    problems = (Problem(Code.RESPONSE_OVERDUE, detail + " Call them; waive this to wait on."),)
    if barring := not_waived(session, order, problems):
        return Hold(barring, owner="buyer")
    return Wait(now + LOOK_AGAIN)


def _is_out(session: Session, order: PurchaseOrder) -> bool:
    mail = select(Outbound.id).where(
        Outbound.subject_table == order.__tablename__,
        Outbound.subject_id == order.id,
        Outbound.revision == order.revision,
        Outbound.kind.in_(ORDER_KINDS),
        Outbound.state == "sent",
    )
    return session.scalars(mail.limit(1)).first() is not None
