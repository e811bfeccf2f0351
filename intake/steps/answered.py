"""Answers to questions that people at the desk asked: what waits for one comes back at once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.audit import record
from records.exceptions import answered, subject
from records.tables import ExceptionItem, Message, Outbound


def wake_asked(session: Session, message: Message, now: datetime) -> None:
    """Put the exception in front of people for which the sender was asked what ``message`` answers, if it waits."""
    asked = session.get(Outbound, message.outbound_id) if message.outbound_id else None
    if asked is None or asked.kind != "desk_question":
        return
    waiting = select(ExceptionItem).where(
        ExceptionItem.subject_table == asked.subject_table,
        ExceptionItem.subject_id == asked.subject_id,
        ExceptionItem.state == "postponed",
    )
    locked = waiting.with_for_update().execution_options(populate_existing=True)
    if item := session.scalars(locked).one_or_none():
        answered(item, now)
        record(session, subject(session, item), "sender_answered", "step:match", exception=item.id, message=message.id)
