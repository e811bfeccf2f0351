"""Absences: while an approver is away, somebody else is asked in his place."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Owned, RowId, utc_now


class Absence(Owned):
    """One absence of a person, both days included; ``source`` is folder, desk or reply (an absence note)."""

    __tablename__ = "absence"
    __table_args__ = (
        UniqueConstraint("organisation_id", "source", "email", "starts_on"),
        Index("ix_absence_days", "organisation_id", "ends_on"),
    )

    email: Mapped[str]  # of the person who is away, lower case
    deputy_email: Mapped[str | None] = mapped_column(default=None)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(10))
    message_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), default=None)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
