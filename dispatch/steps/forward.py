"""A mail about an order that came back goes to the next of the supplier's people, if there is one."""

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from sqlalchemy.orm import Session

from dispatch.compose import Attachment, Outgoing
from dispatch.message_id import message_id
from dispatch.outbox import ORDER_KINDS
from dispatch.steps.contacts import came_back, people_of
from dispatch.steps.queue import queue_mail
from procurement.chasing import recipient
from records.blobs import Blobs
from records.tables import Organisation, Outbound, PurchaseOrder

FORWARDED = ORDER_KINDS | {"order_cancellation", "order_reminder", "response_decided"}


def order_of(session: Session, outbound: Outbound) -> PurchaseOrder | None:
    """Return the order that ``outbound`` is about, None where it is about something else."""
    if outbound.subject_table != PurchaseOrder.__tablename__:
        return None
    return session.get(PurchaseOrder, outbound.subject_id)


def next_contact(session: Session, outbound: Outbound) -> str | None:
    """Return who may get ``outbound`` in the place of its recipient, at whom it came back; None where nobody may.

    Only what still stands goes on: mail to the supplier about the latest revision of an open order.
    """
    order = order_of(session, outbound)
    if order is None or outbound.kind not in FORWARDED or order.state != "issued" or order.on_hold:
        return None
    people = people_of(session, order)
    if outbound.recipient not in {order.supplier.order_email, *(email for _, email in people)}:
        return None
    if outbound.kind in ORDER_KINDS and outbound.revision != order.revision:
        return None
    dead = came_back(session, order) | {outbound.recipient}
    return recipient(order.supplier.order_email, people, dead, 1)


def forward(session: Session, outbound: Outbound, to: str, *, blobs: Blobs, now: datetime) -> Outbound:
    """Queue what ``outbound`` says, with all that is attached, for ``to``."""
    organisation = session.get_one(Organisation, outbound.organisation_id)
    mail = message_from_bytes(blobs.get(outbound.raw_sha256), policy=default)
    assert isinstance(mail, EmailMessage)  # what its policy makes
    page = mail.get_body(("html",))
    identifier = message_id(
        bytes.fromhex(organisation.message_key),
        organisation.email.rpartition("@")[2],
        organisation.slug,
        f"{outbound.subject_table}:{outbound.kind}:{outbound.subject_id}:{outbound.id}",
        outbound.revision,
        to,
    )
    envelope = Outgoing(
        sender=outbound.sender,
        sender_name=organisation.name,
        recipient=to,
        subject=outbound.subject,
        text=outbound.text,
        html=page.get_content() if page else None,
        message_id=identifier,
        date=now.replace(microsecond=0),
        attachments=tuple(_attachments(mail)),
        automatic=outbound.kind not in ORDER_KINDS,
    )
    order = session.get_one(PurchaseOrder, outbound.subject_id)
    return queue_mail(session, order, envelope, kind=outbound.kind, blobs=blobs, revision=outbound.revision)


def _attachments(mail: EmailMessage) -> list[Attachment]:
    found = ((part, part.get_payload(decode=True)) for part in mail.iter_attachments())
    return [
        Attachment(part.get_filename() or "file", content, part.get_content_type())
        for part, content in found
        if isinstance(content, bytes)
    ]
