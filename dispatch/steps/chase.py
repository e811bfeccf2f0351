"""The step ``chase``: a supplier who does not answer, or does not deliver, is asked; in the end the buyer is told."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.outbox import ORDER_KINDS
from dispatch.steps.chase_delivery import ask_about_delivery
from dispatch.steps.contacts import contact_for
from procurement.chasing import MOST_A_DAY, next_reminder, reminders_due
from procurement.steps.change import open_change, standing_cancellation
from procurement.steps.notices import notify
from procurement.working_time import WorkingTime, in_working_time, working_days_later, working_time
from records.audit import record
from records.base import utc_now
from records.exceptions import not_waived
from records.flow import Done, Hold, Outcome, Wait
from records.problems import Code, Problem
from records.tables import Notice, OrderResponse, Organisation, Outbound, PurchaseOrder

ANSWERED = frozenset({"accepted", "changed", "rejected", "not_required"})
KINDS = ("order_reminder", "delivery_reminder", "delivery_overdue")
LOOK_AGAIN = timedelta(days=30)
DAY = timedelta(days=1)


def chase(session: Session, order: PurchaseOrder, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Remind the supplier on the organisation's working days; AB ("received") is not acceptance and goes on.

    Nobody is reminded of an order whose mail is not out, or while it is our turn: an answer waits for the buyer, a
    change for its approval, or the order is being cancelled. An order on hold is left alone.
    """
    now = clock()
    if order.on_hold:
        return Done(order.state)
    organisation = session.get_one(Organisation, order.organisation_id)
    working = working_time(organisation.calendar, organisation.country, organisation.time_zone)
    if (begins := in_working_time(now, working)) > now:
        return Wait(begins)
    if _is_our_turn(session, order):
        return Wait(in_working_time(now + DAY, working))
    recipient = contact_for(session, order, order.chasers + 1)
    if _was_written_enough(session, order, recipient, now):
        return Wait(in_working_time(now + DAY, working))
    if order.acknowledgement in ANSWERED:
        moment = ask_about_delivery(session, order, organisation.delivery, working, now)
        return Done(order.state, at=moment)
    return _remind(session, order, organisation, working, now)


def _remind(
    session: Session, order: PurchaseOrder, organisation: Organisation, working: WorkingTime, now: datetime
) -> Outcome:
    asked_at, days = max(filter(None, (order.issued_at, order.asked_at)), default=now), organisation.chase_days
    due = reminders_due(asked_at, days, now, working)
    recipient = contact_for(session, order, due)
    if due > order.chasers and recipient and _is_out(session, order):
        order.chasers = due
        key = f"chaser:{order.id}:{order.revision}:{asked_at.isoformat()}:{due}"
        language = order.supplier.language
        notify(session, order, "order_reminder", recipient, key=key, number=due, language=language)
        record(session, order, "chased", "step:chase", chaser=due, recipient=recipient)
    overdue_at = working_days_later(asked_at, organisation.overdue_days, working)
    if now < overdue_at:
        return Wait(min(overdue_at, next_reminder(asked_at, days, now, working) or overdue_at))
    order.acknowledgement = "overdue"
    detail = f"{order.supplier.name} has not answered {order.number} for {organisation.overdue_days} working days."
    problems = (Problem(Code.RESPONSE_OVERDUE, detail + " Call them; waive this to wait on."),)
    if barring := not_waived(session, order, problems):
        return Hold(barring, owner="buyer")
    moment = ask_about_delivery(session, order, organisation.delivery, working, now)
    return Wait(moment or now + LOOK_AGAIN)


def _is_our_turn(session: Session, order: PurchaseOrder) -> bool:
    waiting = OrderResponse.order_id == order.id, OrderResponse.state == "received"
    if session.scalars(select(OrderResponse.id).where(*waiting).limit(1)).first() is not None:
        return True
    return open_change(session, order) is not None or standing_cancellation(session, order) is not None


def _was_written_enough(session: Session, order: PurchaseOrder, recipient: str | None, now: datetime) -> bool:
    """Return whether the supplier got as many reminders in a day as we ask anybody to bear."""
    told = (
        Notice.organisation_id == order.organisation_id,
        Notice.recipient == recipient,
        Notice.created_at > now - DAY,
        Notice.kind.in_(KINDS),
    )
    return session.scalars(select(func.count()).select_from(Notice).where(*told)).one() >= MOST_A_DAY


def _is_out(session: Session, order: PurchaseOrder) -> bool:
    mail = select(Outbound.id).where(
        Outbound.subject_table == order.__tablename__,
        Outbound.subject_id == order.id,
        Outbound.revision == order.revision,
        Outbound.kind.in_(ORDER_KINDS),
        Outbound.state == "sent",
    )
    return session.scalars(mail.limit(1)).first() is not None
