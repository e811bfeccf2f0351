"""Writing one mail: from a template and values to a row in the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.compose import Attachment, Outgoing
from dispatch.message_id import message_id
from dispatch.steps.own import own_templates
from dispatch.steps.queue import queue_mail
from records.base import Work
from records.blobs import Blobs
from records.tables import Message, Organisation, Outbound
from templates.render import render_email


@dataclass(frozen=True)
class Letter:
    """What a mail is about and to whom; ``occasion`` tells one mail of a kind about a row from the next."""

    kind: str
    recipient: str
    language: str
    values: Mapping[str, Any]
    revision: int = 1
    occasion: str = ""
    token: str = ""  # an answer's token; it stands in the subject too, which every mail program keeps
    attachments: Sequence[Attachment] = ()
    automatic: bool = True
    sees_absences: bool = False


def send_letter(session: Session, row: Work, letter: Letter, *, blobs: Blobs, now: datetime) -> Outbound:
    """Queue ``letter`` about ``row``; the same letter is queued once, whatever happens in between.

    It answers the latest mail of the same person about the same row, so that clients show one thread.
    """
    organisation = session.get_one(Organisation, row.organisation_id)
    subject = ":".join(filter(None, (letter.kind, str(row.id), letter.occasion)))
    identifier = message_id(
        bytes.fromhex(organisation.message_key),
        organisation.email.rpartition("@")[2],
        organisation.slug,
        f"{row.__tablename__}:{subject}",
        letter.revision,
        letter.recipient,
    )
    own = own_templates(session, organisation.id)
    text = render_email(letter.kind, letter.language, letter.values, own)
    headline = f"{text.subject} [#{letter.token}]" if letter.token else text.subject
    thread = _thread(session, row, letter.recipient)
    envelope = Outgoing(
        sender=organisation.email,
        sender_name=organisation.name,
        recipient=letter.recipient,
        subject=headline,
        text=text.text,
        html=text.html,
        message_id=identifier,
        date=now.replace(microsecond=0),
        in_reply_to=thread[-1] if thread else None,
        references=thread,
        attachments=tuple(letter.attachments),
        automatic=letter.automatic,
        sees_absences=letter.sees_absences,
    )
    return queue_mail(session, row, envelope, kind=letter.kind, blobs=blobs, revision=letter.revision)


def _thread(session: Session, row: Work, recipient: str) -> tuple[str, ...]:
    """Return the Message-IDs of the thread with ``recipient`` about ``row``, oldest first."""
    sent = session.scalars(
        select(Outbound.message_id)
        .where(
            Outbound.subject_table == row.__tablename__,
            Outbound.subject_id == row.id,
            Outbound.recipient == recipient,
        )
        .order_by(Outbound.id)
    ).all()
    origin = getattr(row, "message_id", None)
    message = row if isinstance(row, Message) else session.get(Message, origin) if isinstance(origin, int) else None
    first = [message.message_id] if message and message.message_id and message.sender_address == recipient else []
    return tuple([*first, *sent][-10:])
