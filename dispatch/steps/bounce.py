"""The step ``bounce``: a delivery failure is tied to the mail of ours that it is about."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.steps.decide import mark_bounced
from dispatch.steps.forward import forward, next_contact, order_of
from parsers.message import parse_message
from parsers.screening import screen
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Keep, Progress
from records.tables import Message, Outbound

PERMANENT = frozenset({"failed_hard", "failed_soft"})


def bounce(session: Session, message: Message, *, blobs: Blobs, clock: Callable[[], datetime] = utc_now) -> Progress:
    """Mark the mail that came back and tell an agent; a delay warning changes nothing.

    What the supplier has to know of an order goes to the next of his people.

    A failure that fits no mail of ours goes aside like any automatic mail.
    """
    raw_sha256 = message.raw_sha256
    yield Keep()
    screened = screen(parse_message(blobs.get(raw_sha256)))
    row = _returned(session, message, screened.original_message_id)
    if row is None:
        return Done("automatic")
    message.outbound_id = row.id
    if (order := order_of(session, row)) is not None:
        message.order_id = order.id
    if screened.state in PERMANENT:
        reason = " ".join((screened.reason or "no reason given").split())[:300]
        detail = f"“{row.subject}” could not be delivered to {row.recipient}: {reason}."
        other = next_contact(session, row)
        told = f" It was sent to {other} instead; correct the address." if other else ""
        if mark_bounced(session, row, detail + told, "step:bounce") and other:
            forward(session, row, other, blobs=blobs, now=clock())
    return Done("automatic")


def _returned(session: Session, message: Message, original: str | None) -> Outbound | None:
    names = [name for name in (original, *message.in_reply_to) if name]
    if not names:
        return None
    return session.scalars(
        select(Outbound)
        .where(Outbound.organisation_id == message.organisation_id, Outbound.message_id.in_(names))
        .order_by(Outbound.id.desc())
        .limit(1)
    ).first()
