"""Notices: rules say that somebody is to be told something; the mail is written later, by dispatch."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.base import Work, utc_now
from records.tables import Notice


def notify(
    session: Session,
    row: Work,
    kind: str,
    recipient: str,
    key: str,
    at: datetime | None = None,
    **details: Any,
) -> Notice:
    """Note that ``recipient`` is to get the mail ``kind`` about ``row``; the same ``key`` is said once."""
    found = select(Notice).where(Notice.organisation_id == row.organisation_id, Notice.key == key)
    if notice := session.scalars(found).one_or_none():
        return notice
    notice = Notice(
        organisation_id=row.organisation_id,
        state="to_write",
        due_at=at or utc_now(),
        kind=kind,
        subject_table=row.__tablename__,
        subject_id=row.id,
        key=key,
        recipient=recipient,
        details=details,
    )
    session.add(notice)
    return notice
