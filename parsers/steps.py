"""The step ``read``: each document and then the whole message become a Reading."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from parsers.asked import Asked
from parsers.decision import decide
from parsers.decision_list import decisions
from parsers.hints import Lessons, hints_of
from parsers.mail import read_message
from parsers.message import Message as Mail
from parsers.message import parse_message
from parsers.own_words import own_words
from parsers.reading import Reading
from parsers.screening import screen
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Keep, Progress
from records.lessons import LAYOUT_KINDS, count_use, lessons_of, sentence
from records.tables import Message, Notice, Outbound, Person, Requisition

MOST_NUMBERS = 20  # of requisitions in one subject that are looked up
_REQUISITION = re.compile(r"(?<![\w-])R-\d{5,12}(?![\w-])")


class ReadDocument(Protocol):
    """Reads one document with limits; whatever dies there is a Reading with a problem."""

    def __call__(
        self, data: bytes, name: str | None, media_type: str | None, *, lessons: Lessons | None = None
    ) -> Reading:
        """Return what ``data`` says, read with ``lessons`` where they are about its layout."""
        ...


@dataclass(frozen=True)
class Taught:
    """What was learned of a sender's layouts; ``told`` maps (layout, "kind key") to a lesson's row and sentence."""

    lessons: Lessons = field(default_factory=dict)
    told: Mapping[tuple[str, str], tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class MailRead:
    """A message read whole: its documents' Readings by their SHA-256, and the lessons that were used."""

    whole: Reading
    decision: str | None
    documents: Mapping[str, Reading]
    used: frozenset[int]
    decisions: Mapping[str, str] = field(default_factory=dict)  # of several requests, by number


def read(session: Session, message: Message, *, blobs: Blobs, read_document: ReadDocument) -> Progress:
    """Keep the Reading of every attachment and of the whole message on their rows.

    Documents are read in a child process, so that a hostile one hurts only itself.
    """
    raw = message.raw_sha256
    sent_texts, known = texts_sent_before(session, message), taught(session, message)
    asked = asked_before(session, message)
    yield Keep()
    write(session, message, read_mail(blobs.get(raw), sent_texts, read_document, known, asked))
    return Done("read")


def taught(session: Session, message: Message) -> Taught:
    """Return what was learned of the layouts that the proven sender of ``message`` uses."""
    layouts: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    told = {}
    for lesson in lessons_of(session, message, LAYOUT_KINDS):
        layouts[lesson.layout][lesson.kind, lesson.key] = lesson.value
        told[lesson.layout, f"{lesson.kind} {lesson.key}".strip()] = (lesson.id, sentence(lesson))
    return Taught({layout: hints_of(values) for layout, values in layouts.items()}, told)


def read_mail(
    raw: bytes, sent_texts: Sequence[str], read_document: ReadDocument, known: Taught, asked: Sequence[Asked] = ()
) -> MailRead:
    """Return what a mail and its documents say; where lessons were used, the Readings name them.

    ``asked`` are the questions of ours that the mail may answer.
    """
    readings: dict[str, Reading] = {}
    used: set[int] = set()

    def remember(data: bytes, name: str | None, media_type: str | None) -> Reading:
        reading = read_document(data, name, media_type, lessons=known.lessons)
        named = [known.told[at] for one in reading.learned if (at := (reading.layout or "", one)) in known.told]
        used.update(number for number, _ in named)
        reading = reading.with_(learned=tuple(text for _, text in named))
        readings[hashlib.sha256(data).hexdigest()] = reading
        return reading

    mail = parse_message(raw)
    whole = read_message(mail, remember, sent_texts=sent_texts, asked=asked)
    words = _deciding_words(mail, sent_texts)
    return MailRead(whole, decide(words), readings, frozenset(used), decisions(words))


def write(session: Session, message: Message, found: MailRead) -> None:
    """Put what was read on the rows of ``message`` and its documents, and count the lessons that were used."""
    for document in message.documents:
        if document.sha256 in found.documents:
            document.reading = found.documents[document.sha256].as_dict()
    message.reading, message.decision = found.whole.as_dict(), found.decision
    if found.decisions:
        message.reading = {**message.reading, "decisions": dict(found.decisions)}
    count_use(session, found.used, utc_now())


def _deciding_words(mail: Mail, sent_texts: Sequence[str]) -> str:
    """Return the author's own words as far as they can decide; none where they can be read in two ways.

    What a program sent decides nothing, whatever it says.
    """
    if screen(mail).automatic:
        return ""
    words = own_words(mail, sent_texts)
    return "" if words.alternatives_disagree or words.hidden or words.struck_out else words.text


def asked_before(session: Session, message: Message) -> tuple[Asked, ...]:
    """Return the questions about a requisition that the mail may answer: those asked last.

    The mail belongs to the requisition by its thread, or by the number in its subject where it has none.
    """
    named = select(Requisition.id).where(
        Requisition.organisation_id == message.organisation_id,
        Requisition.number.in_(_REQUISITION.findall((message.subject or "").upper())[:MOST_NUMBERS]),
        Requisition.requester.has(Person.email == message.sender_address),
    )
    answered = select(Outbound.subject_id).where(
        Outbound.organisation_id == message.organisation_id,
        Outbound.message_id.in_(message.in_reply_to),
        Outbound.subject_table == "requisition",
    )
    latest = select(Notice.details).where(
        Notice.organisation_id == message.organisation_id,
        Notice.subject_table == "requisition",
        Notice.subject_id.in_(answered if message.in_reply_to else named),
        Notice.kind == "requisition_question",
        Notice.state != "suppressed",
    )
    details = session.scalars(latest.order_by(Notice.id.desc()).limit(1)).first()
    return tuple(map(Asked.from_dict, details["questions"])) if details else ()


def texts_sent_before(session: Session, message: Message) -> tuple[str, ...]:
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
