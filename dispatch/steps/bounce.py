"""The step ``bounce``: a delivery failure is tied to the mail of ours that it is about."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.steps.decide import mark_bounced
from parsers.message import parse_message
from parsers.screening import screen
from records.blobs import Blobs
from records.flow import Done, Keep, Progress
from records.tables import Message, Outbound

PERMANENT = frozenset({"failed_hard", "failed_soft"})


def bounce(session: Session, message: Message, *, blobs: Blobs) -> Progress:
    """Mark the mail that came back and tell an agent; a delay warning changes nothing.

    A failure that fits no mail of ours goes aside like any automatic mail.
    """
    raw_sha256 = message.raw_sha256
    yield Keep()
    screened = screen(parse_message(blobs.get(raw_sha256)))
    row = _returned(session, message, screened.original_message_id)
    if row is None:
        return Done("automatic")
    message.outbound_id = row.id
    if screened.state in PERMANENT:
        reason = " ".join((screened.reason or "no reason given").split())[:300]
        detail = f"“{row.subject}” could not be delivered to {row.recipient}: {reason}."
        mark_bounced(session, row, detail, "step:bounce")
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
