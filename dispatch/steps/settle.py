"""The step ``settle_by_answer``: an order mail of which nobody knows whether it arrived is proven by its answer."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from dispatch.steps.send import uncertain
from records.audit import record
from records.base import utc_now
from records.flow import Done, Outcome
from records.tables import Message, Outbound, PurchaseOrder


def settle_by_answer(session: Session, outbound: Outbound, *, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """Move an uncertain mail to ``sent`` once it was answered: whoever answers a mail has got it.

    An answer is a mail that refers to it by its Message-ID, which nobody can guess, or a proven one of the
    supplier about the same order, written since. Without one the mail stays uncertain.
    """
    proven = Message.authenticated & Message.supplier_id.is_not(None) & (Message.received_at >= outbound.created_at)
    about_order = literal(outbound.subject_table == PurchaseOrder.__tablename__)
    answers = select(Message.id).where(
        Message.organisation_id == outbound.organisation_id,
        Message.state.in_(["matched", "filed"]),
        or_(
            Message.outbound_id == outbound.id,
            (Message.order_id == outbound.subject_id) & proven & about_order,
        ),
    )
    answer = session.scalars(answers.order_by(Message.id).limit(1)).first()
    if answer is None:
        return uncertain(outbound)
    outbound.sent_at = clock()
    record(session, outbound, "delivery_proven", "step:settle_by_answer", message=answer)
    return Done("sent")
