"""The step ``read``: each document and then the whole message become a Reading."""

import hashlib
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from parsers.decision import decide
from parsers.mail import read_message
from parsers.message import Message as Mail
from parsers.message import parse_message
from parsers.own_words import own_words
from parsers.reading import Reading
from records.blobs import Blobs
from records.flow import Done, Keep, Progress
from records.tables import Message, Outbound

ReadDocument = Callable[[bytes, str | None, str | None], Reading]


def read(session: Session, message: Message, *, blobs: Blobs, read_document: ReadDocument) -> Progress:
    """Keep the Reading of every attachment and of the whole message on their rows.

    ``read_document`` reads in a child process with limits: whatever dies there is a Reading with a
    problem, so that a hostile document hurts only itself.
    """
    raw = message.raw_sha256
    sent_texts = _sent_texts(session, message)
    yield Keep()
    readings: dict[str, Reading] = {}

    def remember(data: bytes, name: str | None, media_type: str | None) -> Reading:
        reading = read_document(data, name, media_type)
        readings[hashlib.sha256(data).hexdigest()] = reading
        return reading

    mail = parse_message(blobs.get(raw))
    whole = read_message(mail, remember, sent_texts=sent_texts)
    decision = _decision(mail, sent_texts)
    for document in message.documents:
        if document.sha256 in readings:
            document.reading = readings[document.sha256].as_dict()
    message.reading, message.decision = whole.as_dict(), decision
    return Done("read")


def _decision(mail: Mail, sent_texts: tuple[str, ...]) -> str | None:
    """Return the decision that the author's own words state; none where they can be read in two ways."""
    words = own_words(mail, sent_texts)
    if words.alternatives_disagree or words.hidden or words.struck_out:
        return None
    return decide(words.text)


def _sent_texts(session: Session, message: Message) -> tuple[str, ...]:
    """Return the texts that we sent and this message may quote: those it refers to by Message-ID."""
    if not message.in_reply_to:
        return ()
    found = session.scalars(
        select(Outbound.text)
        .where(
            Outbound.organisation_id == message.organisation_id,
            Outbound.message_id.in_(message.in_reply_to),
        )
        .limit(10)
    )
    return tuple(found)
