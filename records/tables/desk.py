"""The exception queue, waivers, and the audit chain."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base, Owned, RowId, utc_now

_OPEN = text("state in ('to_review', 'reviewing', 'postponed')")


class ExceptionItem(Owned):
    """A row that waits for a person, with all its problems; at most one is open for a row."""

    __tablename__ = "exception_item"
    __table_args__ = (
        Index(
            "uq_exception_open",
            "subject_table",
            "subject_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_exception_state", "organisation_id", "state", "opened_at"),
        Index("ix_exception_opened", "organisation_id", "opened_at"),
    )

    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(RowId)
    step: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default="to_review")
    owner: Mapped[str] = mapped_column(String(20), default="agent")
    problems: Mapped[list[Any]] = mapped_column(default=list)
    detail: Mapped[str | None] = mapped_column(default=None)  # a traceback, for gave_up
    opened_at: Mapped[datetime] = mapped_column(default=utc_now)
    wake_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_by: Mapped[str | None] = mapped_column(default=None)
    resolution: Mapped[str | None] = mapped_column(default=None)


class Waiver(Owned):
    """Somebody's recorded decision to go on in spite of one problem at one place of one row."""

    __tablename__ = "waiver"
    __table_args__ = (UniqueConstraint("subject_table", "subject_id", "code", "at"),)

    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(RowId)
    code: Mapped[str] = mapped_column(String(40))
    at: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str]
    why: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class AuditEntry(Base):
    """One link of an organisation's audit chain: ``hash`` covers the entry and the hash before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_subject", "subject_table", "subject_id"),)

    organisation_id: Mapped[int] = mapped_column(RowId, ForeignKey("organisation.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(60))
    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(RowId)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
