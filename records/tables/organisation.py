"""The organisation: the tenant that every other row belongs to."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base, Owned, RowId, utc_now


class Organisation(Base):
    """One buying organisation: how it signs, writes, approves, tolerates and reminds."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str]
    address: Mapped[list[str]] = mapped_column(default=list)
    country: Mapped[str | None] = mapped_column(default=None)  # ISO 3166-1 alpha-2
    tax_number: Mapped[str | None] = mapped_column(default=None)
    email: Mapped[str]  # the address that the desk writes from
    operator_email: Mapped[str | None] = mapped_column(default=None)  # who is told of alarms
    phone: Mapped[str | None] = mapped_column(default=None)
    accent: Mapped[str] = mapped_column(default="#1f4e79")
    currency: Mapped[str] = mapped_column(String(3))  # base currency, ISO 4217
    language: Mapped[str] = mapped_column(String(5), default="en")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    domains: Mapped[list[str]] = mapped_column(default=list)  # its own mail domains
    borders: Mapped[list[str]] = mapped_column(default=list)  # authserv-ids whose results are trusted
    order_number: Mapped[str] = mapped_column(default="PO-{year}-{number:05d}")
    next_order: Mapped[int] = mapped_column(default=1)
    next_requisition: Mapped[int] = mapped_column(default=1)
    payment_terms: Mapped[str | None] = mapped_column(default=None)
    delivery_terms: Mapped[str | None] = mapped_column(default=None)
    terms: Mapped[list[str]] = mapped_column(default=list)
    email_approval_limit: Mapped[Decimal | None] = mapped_column(default=None)  # base currency
    approval_days: Mapped[list[int]] = mapped_column(default=list)  # reminders, working days after asking
    chase_days: Mapped[list[int]] = mapped_column(default=list)  # chasers, days after issue
    overdue_days: Mapped[int] = mapped_column(default=7)
    delivery: Mapped[dict[str, Any]] = mapped_column(default=dict)  # procurement.chasing: before_due, after_due
    calendar: Mapped[dict[str, Any]] = mapped_column(default=dict)  # procurement.working_time
    tolerance: Mapped[dict[str, Any]] = mapped_column(default=dict)  # procurement.order_response.Tolerance
    billing: Mapped[dict[str, Any]] = mapped_column(default=dict)  # procurement.invoice_match.Allowance
    checks: Mapped[dict[str, Any]] = mapped_column(default=dict)  # procurement.splitting.Watch
    smtp: Mapped[dict[str, Any]] = mapped_column(default=dict)  # dispatch.smtp.Relay, secrets by reference
    message_key: Mapped[str] = mapped_column(default=lambda: secrets.token_hex(32))  # makes Message-IDs unguessable
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TemplateFile(Owned):
    """One of an organisation's own templates, laid over ours of the same path (templates.own)."""

    __tablename__ = "template_file"
    __table_args__ = (UniqueConstraint("organisation_id", "path"),)

    path: Mapped[str] = mapped_column(String(120))
    text: Mapped[str]
