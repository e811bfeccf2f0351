"""The exception queue, waivers, and the audit chain."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base, Owned, RowId, utc_now

_OPEN = text("state in ('to_review', 'reviewing', 'postponed')")
_WAITS_FOR_US = text("state in ('to_review', 'reviewing')")


class ExceptionItem(Owned):
    """A row that waits for a person, with all its problems; at most one is open for a row.

    While somebody works on it (state reviewing) it is leased: only who knows ``lease_id`` may change it, until
    ``lease_until``. ``due_by`` is what the service level promises; it moves on by the time spent waiting on others.
    """

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
        Index(
            "ix_exception_urgency",
            "organisation_id",
            "due_by",
            "id",
            sqlite_where=_WAITS_FOR_US,
            postgresql_where=_WAITS_FOR_US,
        ),
        Index(
            "ix_exception_code",
            "organisation_id",
            "code",
            "due_by",
            "id",
            sqlite_where=_WAITS_FOR_US,
            postgresql_where=_WAITS_FOR_US,
        ),
    )

    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(RowId)
    step: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default="to_review")
    owner: Mapped[str] = mapped_column(String(20), default="agent")
    problems: Mapped[list[Any]] = mapped_column(default=list)
    detail: Mapped[str | None] = mapped_column(default=None)  # a traceback, for gave_up
    opened_at: Mapped[datetime] = mapped_column(default=utc_now)
    code: Mapped[str] = mapped_column(String(40), default="")  # of the first problem
    stake: Mapped[int | None] = mapped_column(RowId, default=None)  # money in it, whole units of the base currency
    due_by: Mapped[datetime] = mapped_column(default=utc_now)
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    paused_seconds: Mapped[int] = mapped_column(RowId, default=0)  # that others were waited for so far
    wake_at: Mapped[datetime | None] = mapped_column(default=None)
    lease_id: Mapped[str | None] = mapped_column(String(32), default=None)
    lease_by: Mapped[str | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
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
