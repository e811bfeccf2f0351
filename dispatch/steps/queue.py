"""Putting a mail into the outbox: its bytes are frozen first, and the same mail is queued once."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dispatch.compose import Outgoing, compose
from dispatch.outbox import check_sendable
from records.audit import record
from records.base import Owned
from records.blobs import Blobs
from records.tables import Outbound


def queue_mail(
    session: Session, subject: Owned, envelope: Outgoing, *, kind: str, blobs: Blobs, revision: int = 1
) -> Outbound:
    """Queue ``envelope`` about the row ``subject`` and return its row; the same Message-ID is queued once.

    A mail that stands in the outbox already is returned as it is, whatever became of it. ``kind`` is the
    name of the email's template. Raises HeaderError or NotSendableError for what may not go out.
    """
    organisation_id = subject.organisation_id
    if there := _queued(session, organisation_id, envelope.message_id):
        return there
    raw = compose(envelope)
    check_sendable(raw, kind, envelope.recipient, envelope.message_id)
    session.flush()
    row = Outbound(
        organisation_id=organisation_id,
        state="queued",
        message_id=envelope.message_id,
        kind=kind,
        subject_table=subject.__tablename__,
        subject_id=subject.id,
        revision=revision,
        sender=envelope.sender,
        recipient=envelope.recipient,
        subject=envelope.subject,
        text=envelope.text,
        raw_sha256=blobs.put(raw),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        there = _queued(session, organisation_id, envelope.message_id)
        if there is None:
            raise
        return there
    record(session, row, "queued", f"mail:{kind}", message_id=row.message_id, recipient=row.recipient)
    return row


def _queued(session: Session, organisation_id: int, message_id: str) -> Outbound | None:
    return session.scalars(
        select(Outbound).where(Outbound.organisation_id == organisation_id, Outbound.message_id == message_id)
    ).one_or_none()
