"""Exceptions as rows, without the steps that would open them."""

from datetime import datetime

from sqlalchemy.orm import Session

from records.exceptions import hold
from records.problems import Code, Problem
from records.tables import ExceptionItem, Notice


def add_item(session: Session, organisation_id: int, due_by: datetime, **changes: object) -> int:
    """Add an exception that is to be cleared by ``due_by``, and return its number."""
    notice = Notice(
        organisation_id=organisation_id,
        state="to_write",
        kind="receipt",
        subject_table="message",
        subject_id=1,
        key=f"{due_by.isoformat()}:{session.query(Notice).count()}",
        recipient="ada@north.example",
    )
    session.add(notice)
    session.flush()
    item: ExceptionItem = hold(session, notice, "write", [Problem(Code.GAVE_UP, "It failed.")], "agent")
    item.due_by = due_by
    for name, value in changes.items():
        setattr(item, name, value)
    session.flush()
    return item.id
