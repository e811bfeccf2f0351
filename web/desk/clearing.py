"""What else a person does with an exception: ask the sender, send it to somebody else, discard it, take that back."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from procurement.steps.notices import notify
from procurement.working_time import working_days_later, working_time
from records.audit import record
from records.base import Work
from records.exceptions import open_item, postpone, subject, wake
from records.tables import AuditEntry, ExceptionItem, Message, OrderResponse, Organisation, Requisition
from web.desk.learning import message_of
from web.desk.queue import OWNERS
from web.desk.refused import CommandError
from web.desk.resolution import correct

ANSWER_DAYS = 2  # working days that somebody who was asked has to answer
UNDO = timedelta(minutes=30)
LONGEST_QUESTION = 2000
HANDLED = "/handled"


def sender_of(session: Session, item: ExceptionItem) -> str | None:
    """Return the address that may be asked about ``item``; None where it came from nobody."""
    row = subject(session, item)
    if isinstance(row, Requisition):
        return row.requester.email
    message = message_of(session, row)
    return message.sender_address if message is not None else None


def ask_sender(session: Session, item: ExceptionItem, words: str, by: str, now: datetime) -> str:
    """Mail a question about ``item`` to who sent it, postpone the item, and return the address."""
    words, row, recipient = words.strip(), subject(session, item), sender_of(session, item)
    if not words or len(words) > LONGEST_QUESTION:
        raise CommandError(f"Write a question of at most {LONGEST_QUESTION} characters.")
    if recipient is None or not isinstance(row, Message | Requisition | OrderResponse):
        raise CommandError("Nobody sent this: there is nobody to ask.")
    message = message_of(session, row)
    language = (message.reading or {}).get("language") if message is not None else None
    key = f"desk-question:{item.id}:{now.isoformat()}"
    notify(session, row, "desk_question", recipient, key, words=words, language=language)
    organisation = session.get_one(Organisation, item.organisation_id)
    working = working_time(organisation.calendar, organisation.country, organisation.time_zone)
    postpone(item, working_days_later(now, ANSWER_DAYS, working))
    record(session, row, "sender_asked", by, exception=item.id, recipient=recipient, words=words)
    return recipient


def hand_to(session: Session, item: ExceptionItem, owner: str, why: str, by: str) -> None:
    """Let somebody else see to ``item``: an agent, a buyer or an operator."""
    if owner not in OWNERS:
        raise CommandError(f"An exception belongs to {', '.join(OWNERS)}; not {owner!r}.")
    if not why.strip():
        raise CommandError("Say why it goes there, so that nobody has to find out again.")
    record(session, subject(session, item), "exception_handed", by, exception=item.id, to=owner, why=why.strip())
    item.owner = owner
    wake(item)


def discard(session: Session, item: ExceptionItem, why: str, by: str) -> None:
    """End what ``item`` is about without the desk doing anything; ``undo`` takes it back for a while."""
    if not why.strip() or len(why) > LONGEST_QUESTION:
        raise CommandError("Say why nothing is to be done about this.")
    correct(session, item, [f"{HANDLED}={why.strip()}"], by)


def may_undo(item: ExceptionItem, now: datetime) -> bool:
    """Return whether ``item`` was discarded a short while ago."""
    discarded = item.state == "resolved" and item.resolution == f"corrected {HANDLED}"
    return discarded and item.resolved_at is not None and now - item.resolved_at < UNDO


def undo(session: Session, item: ExceptionItem, by: str, now: datetime) -> None:
    """Put what was discarded back to where it stood, and ``item`` back into the queue."""
    row = subject(session, item)
    if not may_undo(item, now) or open_item(session, row) is not None:
        raise CommandError("This can be taken back no more.")
    row.state = _before(session, row)
    row.corrections = {at: value for at, value in row.corrections.items() if at != HANDLED}
    row.due_at = None
    item.resolved_at = item.resolved_by = item.resolution = None
    wake(item)
    record(session, row, "discard_undone", by, exception=item.id, state=row.state)


def _before(session: Session, row: Work) -> str:
    """Return the state from which ``row`` was last moved."""
    moved = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.subject_table == row.__tablename__,
            AuditEntry.subject_id == row.id,
            AuditEntry.organisation_id == row.organisation_id,
            AuditEntry.action == "moved",
        )
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).one_or_none()
    if moved is None or moved.detail.get("new") != row.state:
        raise CommandError("This can be taken back no more: it has gone on.")
    state = str(moved.detail["old"])
    return "incomplete" if isinstance(row, Requisition) else state
