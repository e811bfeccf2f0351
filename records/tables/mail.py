"""Mail in and out: mailboxes, messages, their documents, and the outbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Owned, RowId, Work


class Mailbox(Work):
    """A mailbox that is polled (states: active, stopped), or the place that imports go to (state: imported).

    ``config`` describes the account (intake.mailbox); secrets stand there by reference only.
    """

    __tablename__ = "mailbox"

    name: Mapped[str] = mapped_column(String(100))
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    uidvalidity: Mapped[int | None] = mapped_column(RowId, default=None)
    last_uid: Mapped[int] = mapped_column(RowId, default=0)  # all UIDs up to here were seen
    reconciled_at: Mapped[datetime | None] = mapped_column(default=None)
    last_contact_at: Mapped[datetime | None] = mapped_column(default=None)
    login_failures: Mapped[int] = mapped_column(default=0)
    last_mail_at: Mapped[datetime | None] = mapped_column(default=None)  # when the latest mail was received
    usual_silence: Mapped[int | None] = mapped_column(default=None)  # seconds: the longest gap of late
    learned_at: Mapped[datetime | None] = mapped_column(default=None)  # when that was looked up
    server_messages: Mapped[int | None] = mapped_column(default=None)  # accepted by the server so far

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the uniqueness of a mailbox's name in its organisation."""
        return (UniqueConstraint("organisation_id", "name"),)


class Message(Work):
    """One mail as it arrived; the raw bytes are the blob ``raw_sha256``, kept before the row.

    One row per (mailbox, UIDVALIDITY, UID). Message-ID is a hint and never a key.
    """

    __tablename__ = "message"

    mailbox_id: Mapped[int] = mapped_column(RowId, ForeignKey("mailbox.id"))
    uidvalidity: Mapped[int | None] = mapped_column(RowId, default=None)
    uid: Mapped[int | None] = mapped_column(RowId, default=None)
    gmail_id: Mapped[str | None] = mapped_column(String(20), default=None)  # X-GM-MSGID, where the server has it
    raw_sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    received_at: Mapped[datetime]  # INTERNALDATE, not the Date header
    settled_on_server: Mapped[bool] = mapped_column(default=False)  # moved or flagged after the commit
    message_id: Mapped[str | None] = mapped_column(default=None)
    in_reply_to: Mapped[list[str]] = mapped_column(default=list)  # In-Reply-To and References
    fingerprint: Mapped[str | None] = mapped_column(String(64), default=None)
    duplicate_of_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), default=None)
    subject: Mapped[str | None] = mapped_column(default=None)
    sender_address: Mapped[str | None] = mapped_column(default=None)
    sender_name: Mapped[str | None] = mapped_column(default=None)
    authenticated: Mapped[bool] = mapped_column(default=False)
    trust: Mapped[dict[str, Any]] = mapped_column(default=dict)  # intake.sender.Trust
    tokens: Mapped[list[str]] = mapped_column(default=list)  # hashes of the approval tokens it carries
    decision: Mapped[str | None] = mapped_column(String(20), default=None)  # that its own words state
    screened: Mapped[dict[str, Any]] = mapped_column(default=dict)  # parsers.screening.Screened
    reading: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    kind: Mapped[str | None] = mapped_column(default=None)  # the kind that was filed
    person_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("person.id"), default=None)
    supplier_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("supplier.id"), default=None)
    # What it answers: row ids without a foreign key, because those rows point back at messages.
    requisition_id: Mapped[int | None] = mapped_column(RowId, default=None)
    approval_id: Mapped[int | None] = mapped_column(RowId, default=None)
    order_id: Mapped[int | None] = mapped_column(RowId, default=None)
    outbound_id: Mapped[int | None] = mapped_column(RowId, default=None)
    more_order_ids: Mapped[list[int]] = mapped_column(default=list)  # further orders that it answers alike
    signals: Mapped[list[str]] = mapped_column(default=list)  # why it was matched so

    documents: Mapped[list["Document"]] = relationship(back_populates="message", order_by="Document.part")

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the keys by which a mail is found again."""
        return (
            UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
            Index("ix_message_raw", "mailbox_id", "raw_sha256"),
            Index(
                "ix_message_gmail",
                "mailbox_id",
                "gmail_id",
                sqlite_where=text("gmail_id is not null"),
                postgresql_where=text("gmail_id is not null"),
            ),
            Index("ix_message_fingerprint", "organisation_id", "fingerprint"),
            Index("ix_message_state", "mailbox_id", "state"),
            Index("ix_message_received", "organisation_id", "received_at"),
            Index("ix_message_sender", "organisation_id", "sender_address"),
            Index("ix_message_person", "person_id"),
            Index("ix_message_supplier", "supplier_id"),
            Index(
                "ix_message_unsettled",
                "mailbox_id",
                sqlite_where=text("settled_on_server = 0"),
                postgresql_where=text("not settled_on_server"),
            ),
            Index("ix_message_order", "order_id"),
            Index("ix_message_requisition", "requisition_id"),
            Index("ix_message_outbound", "outbound_id"),
        )


class Document(Owned):
    """One attachment of a message and its Reading."""

    __tablename__ = "document"

    message_id: Mapped[int] = mapped_column(RowId, ForeignKey("message.id"))
    part: Mapped[int]  # the leaf's place in the message, from 0
    name: Mapped[str | None] = mapped_column(default=None)
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    reading: Mapped[dict[str, Any] | None] = mapped_column(default=None)

    message: Mapped[Message] = relationship(back_populates="documents")

    __table_args__ = (UniqueConstraint("message_id", "part"),)


class Outbound(Work):
    """One mail to one recipient; the bytes that go out are the blob ``raw_sha256``, frozen when queued."""

    __tablename__ = "outbound"

    message_id: Mapped[str]
    kind: Mapped[str] = mapped_column(String(40))  # the email template's name
    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(RowId)
    revision: Mapped[int] = mapped_column(default=1)
    sender: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]  # the plain text, to recognise it where it is quoted
    raw_sha256: Mapped[str] = mapped_column(String(64))
    reply: Mapped[str | None] = mapped_column(default=None)  # the mail server's answer
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    copied_at: Mapped[datetime | None] = mapped_column(default=None)  # appended to the Sent folder

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the keys that keep a mail from being queued twice."""
        return (
            UniqueConstraint("organisation_id", "message_id"),
            Index("ix_outbound_subject", "subject_table", "subject_id"),
        )


class Notice(Work):
    """A mail that is to be written: what a rule wants said to whom (states: to_write, written, suppressed).

    ``key`` keeps the same thing from being said twice; ``why`` is the reason of an answer that is not sent.
    """

    __tablename__ = "notice"

    kind: Mapped[str] = mapped_column(String(40))  # the email template's name
    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(RowId)
    key: Mapped[str] = mapped_column(String(200))
    recipient: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    why: Mapped[str | None] = mapped_column(default=None)

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the key that keeps a notice from being written twice, and how notices are counted."""
        return (
            UniqueConstraint("organisation_id", "key"),
            Index("ix_notice_recipient", "organisation_id", "recipient", "created_at"),
            Index("ix_notice_subject", "subject_table", "subject_id"),
        )
