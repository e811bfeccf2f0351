"""What people's corrections teach: lessons of the layout of a document, and a sender's names for things.

Learning comes after the correction and never in its way: what cannot be proven on the document itself is
not kept, and the correction stands as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy.orm import Session

from parsers.hints import Lesson as LayoutLesson
from parsers.hints import Lessons
from parsers.learn import Learned
from parsers.steps import taught
from records.blobs import Blobs
from records.database import Database
from records.exceptions import subject
from records.lessons import LONGEST_KEY, keep, sentence
from records.tables import ExceptionItem, Lesson, Message, OrderResponse, Requisition, Supplier
from web.desk.learning_names import contact_learned, names_learned


class Learn(Protocol):
    """Finds what the corrections of a document teach (parsers.child.learn_in_child)."""

    def __call__(
        self, data: bytes, name: str | None, media_type: str | None, corrections: Mapping[str, Any], lessons: Lessons
    ) -> Learned:
        """Return what ``corrections`` of ``data`` teach."""
        ...


@dataclass(frozen=True)
class Paper:
    """One document of the message that an exception is about."""

    id: int
    name: str | None
    media_type: str
    sha256: str
    reading: Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """Where an exception's row was read: the message, its documents, and whose lessons these would be."""

    sender: str  # "" where nobody is proven to have sent it
    address: str | None  # that it came from
    message_id: int | None
    reading: Mapping[str, Any]
    corrections: Mapping[str, Any] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()
    lessons: Lessons = field(default_factory=dict)


def learn_from(
    database: Database, blobs: Blobs, learn: Learn, number: int, corrections: Mapping[str, Any], by: str
) -> list[str]:
    """Keep what ``corrections`` of the exception ``number`` teach, and return a sentence for each lesson.

    No transaction is open while documents are read. A sender who is not proven teaches nothing.
    """
    with database.read() as session:
        source = source_of(session, session.get_one(ExceptionItem, number))
    if not source.sender:
        return []
    found: list[tuple[Paper, Learned]] = []
    for paper in source.papers:
        wanted = _of_paper(paper, source, corrections)
        if wanted:
            learned = learn(blobs.get(paper.sha256), paper.name, paper.media_type, wanted, source.lessons)
            found.append((paper, learned))
    with database.session() as session:
        item = session.get_one(ExceptionItem, number)
        rows = [
            row
            for paper, learned in found
            for row in lesson_rows(item, source, learned.layout or "", learned.lessons, by, paper.id)
        ]
        columns = {lesson.value for _, learned in found for lesson in learned.lessons if lesson.kind == "column"}
        rows += [
            new_lesson(item, source, name.kind, name.key, name.value, by, shown=name.shown)
            for name in names_learned(session, item.organisation_id, source.reading, corrections, source.corrections)
            if name.kind not in columns
        ]
        rows += [
            new_lesson(item, replace(source, sender=one.shown), one.kind, one.key, one.value, by, shown=one.shown)
            for one in contact_learned(session, item, corrections, source.address)
        ]
        return [sentence(keep(session, row)) for row in rows]


def learned_of(row: object) -> list[str]:
    """Return the lessons that ``row`` was read and checked with."""
    documents = (getattr(row, "reading", None) or {}).get("documents", [])
    read_with = [one for document in documents for one in document.get("learned", [])]
    return [*read_with, *(row.signals if isinstance(row, Requisition) else [])]


def source_of(session: Session, item: ExceptionItem) -> Source:
    """Return where the row of ``item`` was read."""
    row = subject(session, item)
    message = message_of(session, row)
    reading = getattr(row, "reading", None) or {}
    if message is None:
        return Source("", None, None, reading, row.corrections)
    papers = tuple(
        Paper(one.id, one.name, one.media_type, one.sha256, one.reading) for one in message.documents if one.reading
    )
    lessons = taught(session, message).lessons
    return Source(
        _sender(session, message), message.sender_address, message.id, reading, row.corrections, papers, lessons
    )


def message_of(session: Session, row: object) -> Message | None:
    """Return the message that ``row`` is, or was read from."""
    if isinstance(row, Message):
        return row
    if isinstance(row, Requisition | OrderResponse) and row.message_id is not None:
        return session.get(Message, row.message_id)
    return None


def lesson_rows(
    item: ExceptionItem, source: Source, layout: str, lessons: Sequence[LayoutLesson], by: str, document_id: int
) -> list[Lesson]:
    """Return the rows, not yet kept, of what was learned of one layout."""
    return [
        new_lesson(item, source, x.kind, x.key, x.value, by, shown=x.shown, layout=layout, document_id=document_id)
        for x in lessons
        if len(x.key) <= LONGEST_KEY
    ]


def new_lesson(
    item: ExceptionItem,
    source: Source,
    kind: str,
    key: str,
    value: str,
    by: str,
    *,
    shown: str,
    layout: str = "",
    document_id: int | None = None,
) -> Lesson:
    """Return a lesson of the source's sender that ``item`` taught, not yet kept."""
    return Lesson(
        organisation_id=item.organisation_id,
        sender=source.sender,
        layout=layout,
        kind=kind,
        key=key,
        value=value,
        shown=shown,
        message_id=source.message_id,
        document_id=document_id,
        exception_id=item.id,
        learned_by=by,
    )


def _sender(session: Session, message: Message) -> str:
    """Return whose lessons those of ``message`` are: a supplier's whole domain, else the very address."""
    address = message.sender_address
    if not message.authenticated or not address:
        return ""
    supplier = session.get(Supplier, message.supplier_id) if message.supplier_id else None
    domain = address.rpartition("@")[2]
    return f"@{domain}" if supplier and domain in supplier.domains else address


def _of_paper(paper: Paper, source: Source, corrections: Mapping[str, Any]) -> dict[str, Any]:
    """Return the corrections that may be about this document; lines count only if they are its own lines."""
    lines, shown = source.reading.get("lines", []), paper.reading.get("lines", [])
    own = len(lines) == len(shown) and all(
        a.get("description") == b.get("description") for a, b in zip(lines, shown, strict=True)
    )
    return {at: value for at, value in corrections.items() if own or not at.startswith("/lines")}
