"""An agent says what a column or label of a document means; the document is read again with that at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from parsers.dates import Order
from parsers.hints import IGNORED, Lesson, Lessons, column_lesson, label_lesson
from parsers.learn import Learned
from parsers.lexicon import columns, fields
from parsers.numbers import Convention
from parsers.steps import MailRead, ReadDocument, asked_before, read_mail, taught, texts_sent_before, write
from records.audit import record
from records.base import Work
from records.blobs import Blobs
from records.database import Database
from records.exceptions import release, subject
from records.lessons import keep, sentence
from records.tables import ExceptionItem, Message, OrderResponse, Requisition
from web.desk.learning import Paper, Source, lesson_rows, message_of, source_of
from web.desk.refused import CommandError

# Where a row may stand for its document to be read again, and where it goes on from then.
AGAIN: dict[tuple[type[Work], str], str] = {
    (Message, "read"): "read",
    (Message, "matched"): "read",
    (Requisition, "incomplete"): "incomplete",
    (Requisition, "pending_approval"): "incomplete",
    (OrderResponse, "received"): "received",
}


class Prove(Protocol):
    """Finds the lessons that a document is read with (parsers.child.prove_in_child)."""

    def __call__(
        self, data: bytes, name: str | None, media_type: str | None, told: Sequence[Lesson], lessons: Lessons
    ) -> Learned:
        """Return those of ``told`` with which ``data`` is read and passes its checks."""
        ...


@dataclass(frozen=True)
class _Proven:
    """The document that ``lessons`` were tried on: it is read with each of them, and its checks hold."""

    paper: Paper
    layout: str
    lessons: tuple[Lesson, ...]


def meanings(
    columns_told: Iterable[str], labels_told: Iterable[str], decimals: str | None, dates: str | None
) -> tuple[Lesson, ...]:
    """Return what an agent says of a layout (``LABEL=MEANING``, point or comma, day_first or month_first).

    Raises CommandError for what means nothing.
    """
    roles = sorted(set(columns().values()))
    names = [*sorted({name for known in fields().values() for name in known}), IGNORED]
    told = [_meaning("column", text, column_lesson, roles) for text in columns_told]
    told += [_meaning("label", text, label_lesson, names) for text in labels_told]
    if decimals:
        told.append(Lesson("number", "", _one_of(decimals, list(Convention))))
    if dates:
        told.append(Lesson("dates", "", _one_of(dates, list(Order))))
    if not told:
        raise CommandError("Say what something means, e.g. --column 'Bedarf=quantity' or --label 'Vorgang=number'.")
    return tuple(told)


def teach(
    database: Database,
    blobs: Blobs,
    read: ReadDocument,
    prove: Prove,
    number: int,
    told: Sequence[Lesson],
    by: str,
) -> list[str]:
    """Keep ``told`` as lessons, read the message of exception ``number`` again and release it.

    Returns a sentence for each lesson. Raises CommandError where no document is read with all of them and
    passes its checks, where the sender is not proven, or where the row has gone on.
    """
    with database.read() as session:
        source = _teachable(session, session.get_one(ExceptionItem, number))
    proven = _proven(source, blobs, prove, told)
    with database.session() as session:
        item = session.get_one(ExceptionItem, number)
        rows = lesson_rows(item, source, proven.layout, proven.lessons, by, proven.paper.id)
        said = [sentence(keep(session, row)) for row in rows]
    _read_again(database, blobs, read, number, by)
    return said


def _meaning(
    kind: str, text: str, lesson_of: Callable[[str, str], tuple[str, str] | None], known: Sequence[str]
) -> Lesson:
    label, sign, meaning = text.rpartition("=")
    lesson = lesson_of(label, meaning.strip()) if sign else None
    if lesson is None:
        raise CommandError(f"{text!r} is not of the form LABEL=MEANING; a {kind} may mean {', '.join(known)}.")
    return Lesson(kind, *lesson, label.strip())


def _one_of(value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise CommandError(f"Say one of {', '.join(known)}, not {value!r}.")
    return value


def _teachable(session: Session, item: ExceptionItem) -> Source:
    row = subject(session, item)
    source = source_of(session, item)
    if not source.papers:
        raise CommandError(f"Exception {item.id} is about nothing that came as a document: correct its values.")
    if not source.sender:
        raise CommandError("It is not proven who sent this: nothing is learned from it. Correct its values.")
    if (type(row), row.state) not in AGAIN:
        raise CommandError(f"What exception {item.id} is about is {row.state.replace('_', ' ')}: it is not read again.")
    return source


def _proven(source: Source, blobs: Blobs, prove: Prove, told: Sequence[Lesson]) -> _Proven:
    """Return the document that is read with all that is ``told``; raises CommandError where there is none."""
    missing = set(told)
    for paper in source.papers:
        learned = prove(blobs.get(paper.sha256), paper.name, paper.media_type, told, source.lessons)
        left = set(told) - set(learned.lessons)
        if not left and learned.layout:
            return _Proven(paper, learned.layout, tuple(told))
        missing = min(missing, left, key=len)
    names = ", ".join(sorted(f"“{one.shown or one.value}”" for one in missing))
    detail = "It is not there, changes nothing, or the figures do not agree when it is read so."
    raise CommandError(f"No document of this message is read with {names}. {detail} Nothing was learned.")


def _read_again(database: Database, blobs: Blobs, read: ReadDocument, number: int, by: str) -> None:
    with database.read() as session:
        message = _message(session, number)
        raw, texts = message.raw_sha256, texts_sent_before(session, message)
        known, asked = taught(session, message), asked_before(session, message)
    found = read_mail(blobs.get(raw), texts, read, known, asked)
    with database.session() as session:
        _put(session, session.get_one(ExceptionItem, number), found, by)


def _message(session: Session, number: int) -> Message:
    message = message_of(session, subject(session, session.get_one(ExceptionItem, number)))
    if message is None:
        raise LookupError(f"exception {number} is about no message")
    return message


def _put(session: Session, item: ExceptionItem, found: MailRead, by: str) -> None:
    """Put the new Reading in the place of the old one and let the same step run again.

    A requisition that was told more since keeps what it has: the lesson then holds from the next mail on.
    """
    row, message = subject(session, item), _message(session, item.id)
    state = AGAIN.get((type(row), row.state))
    if state is None:
        return
    before = message.reading
    write(session, message, found)
    if isinstance(row, Requisition | OrderResponse) and row.reading == before:
        row.reading = message.reading or {}
    record(session, row, "read_again", by, exception=item.id)
    if row.state != state:
        record(session, row, "moved", by, old=row.state, new=state)
        row.state = state
    release(session, item, by, "read again with what was taught")
