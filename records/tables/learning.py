"""What people's corrections taught: lessons of one sender, shown as what they are and forgotten on request."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Owned, RowId, utc_now


class Lesson(Owned):
    """One thing learned of a sender; a forgotten one stays as history and is not active.

    ``sender`` is an address, or "@" and a supplier's domain. ``layout`` is the fingerprint of the documents
    it is about, "" where it holds for all that the sender writes. ``kind`` is column, label, number or dates
    (of a layout), item, unit or contact (of the sender); ``key`` is what ``value`` is meant by, in the form it
    is compared in, and ``shown`` as it was written.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        Index(
            "uq_lesson_active",
            "organisation_id",
            "sender",
            "layout",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("active = 1"),
            postgresql_where=text("active"),
        ),
    )

    sender: Mapped[str] = mapped_column(String(320))
    layout: Mapped[str] = mapped_column(String(16), default="")
    kind: Mapped[str] = mapped_column(String(10))
    key: Mapped[str]
    value: Mapped[str]
    shown: Mapped[str] = mapped_column(default="")
    message_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), default=None)
    document_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("document.id"), default=None)
    exception_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("exception_item.id"), default=None)
    learned_by: Mapped[str]
    learned_at: Mapped[datetime] = mapped_column(default=utc_now)
    used: Mapped[int] = mapped_column(default=0)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    active: Mapped[bool] = mapped_column(default=True)
    forgotten_by: Mapped[str | None] = mapped_column(default=None)
    forgotten_at: Mapped[datetime | None] = mapped_column(default=None)
