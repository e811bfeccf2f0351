"""Notices: rules say that somebody is to be told something; the mail is written later, by dispatch."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from procurement.courtesy import AUTOMATIC, DAY, NEVER_TWICE, ONCE_A_DAY, Occasion, silence
from procurement.trust import may_ask
from records.audit import record
from records.base import Work, utc_now
from records.tables import Mailbox, Message, Notice, Organisation, Outbound


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
    if notice := _noted(session, row.organisation_id, key):
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


def answer_mail(
    session: Session, row: Work, kind: str, message: Message, key: str, *, now: datetime, **details: Any
) -> Notice:
    """Note that the writer of ``message`` is to get the automatic mail ``kind`` about ``row``, if one may go out.

    Where none may, the notice is ``suppressed`` and says why, and so does the audit chain. ``message`` stands
    in the details, and the language that it is written in.
    """
    if notice := _noted(session, row.organisation_id, key):
        return notice
    # Locked, so that two answers to one address that are decided at once count each other.
    session.execute(select(Organisation.id).where(Organisation.id == row.organisation_id).with_for_update())
    recipient = message.sender_address or ""
    why = silence(_occasion(session, row, kind, message, recipient, now))
    spoken = (message.reading or {}).get("language")
    notice = notify(session, row, kind, recipient, key, message=message.id, language=spoken, **details)
    notice.created_at = now
    session.flush()
    if why:
        notice.state, notice.due_at, notice.why = "suppressed", None, why
        record(session, row, "not_answered", "rule:courtesy", kind=kind, recipient=recipient, why=why)
    return notice


def times_told(session: Session, row: Work, kind: str) -> int:
    """Return how many mails of ``kind`` about ``row`` were noted, but for those that were suppressed."""
    return _count(
        session,
        Notice.subject_table == row.__tablename__,
        Notice.subject_id == row.id,
        Notice.kind == kind,
        Notice.state != "suppressed",
    )


def _noted(session: Session, organisation_id: int, key: str) -> Notice | None:
    found = select(Notice).where(Notice.organisation_id == organisation_id, Notice.key == key)
    return session.scalars(found).one_or_none()


def _occasion(session: Session, row: Work, kind: str, message: Message, recipient: str, now: datetime) -> Occasion:
    told = (
        Notice.organisation_id == row.organisation_id,
        Notice.recipient == recipient,
        Notice.created_at > now - DAY,
        Notice.kind.in_(AUTOMATIC),
        Notice.state != "suppressed",
    )
    about = () if kind in ONCE_A_DAY else (Notice.subject_table == row.__tablename__, Notice.subject_id == row.id)
    return Occasion(
        kind=kind,
        recipient=recipient,
        writer=message.sender_address,
        vouched=may_ask(message.authenticated, message.trust),
        no_answer=str(message.screened.get("no_answer", "")),
        is_ours=_is_desk(session, recipient),
        same_today=0 if kind in NEVER_TWICE else _count(session, *told, Notice.kind == kind, *about),
        today=_count(session, *told),
        in_thread=_automatic_before(session, message),
    )


def _is_desk(session: Session, address: str) -> bool:
    """Return whether some desk of this installation writes from ``address`` or is written to there."""
    desks = session.scalars(select(Organisation.id).where(func.lower(Organisation.email) == address).limit(1)).first()
    if desks is not None:
        return True
    configs = session.scalars(select(Mailbox.config))
    return any(str(config.get("address", "")).lower() == address for config in configs)


def _automatic_before(session: Session, message: Message) -> int:
    if not message.in_reply_to:
        return 0
    found = (
        Outbound.organisation_id == message.organisation_id,
        Outbound.message_id.in_(message.in_reply_to),
        Outbound.kind.in_(AUTOMATIC),
    )
    return session.scalars(select(func.count()).select_from(Outbound).where(*found)).one()


def _count(session: Session, *conditions: Any) -> int:
    return session.scalars(select(func.count()).select_from(Notice).where(*conditions)).one()
