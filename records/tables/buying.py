"""Before the order: people, suppliers, catalog, coding, budgets, policy, requisitions, approvals."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.base import Base, Owned, RowId, Work


class Person(Owned):
    """Somebody of the organisation; ``roles`` are requester, approver, buyer, agent, administrator, ..."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("organisation_id", "email"),)

    email: Mapped[str]  # lower case
    name: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(default=list)
    manager_email: Mapped[str | None] = mapped_column(default=None)
    approval_limit: Mapped[Decimal | None] = mapped_column(default=None)  # base currency; None: may not sign
    language: Mapped[str | None] = mapped_column(default=None)
    active: Mapped[bool] = mapped_column(default=True)


class Supplier(Owned):
    """A supplier and the addresses and domains that it may write from."""

    __tablename__ = "supplier"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(default=list)
    emails: Mapped[list[str]] = mapped_column(default=list)
    domains: Mapped[list[str]] = mapped_column(default=list)
    order_email: Mapped[str]
    contact_name: Mapped[str | None] = mapped_column(default=None)
    phone: Mapped[str | None] = mapped_column(default=None)
    address: Mapped[list[str]] = mapped_column(default=list)
    country: Mapped[str | None] = mapped_column(default=None)
    tax_number: Mapped[str | None] = mapped_column(default=None)
    language: Mapped[str] = mapped_column(String(5), default="en")
    currency: Mapped[str] = mapped_column(String(3))
    payment_terms: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[str] = mapped_column(String(20), default="active")  # onboarding, active, blocked
    status_reason: Mapped[str | None] = mapped_column(default=None)
    status_since: Mapped[date | None] = mapped_column(default=None)
    tolerance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    order_xml: Mapped[str | None] = mapped_column(String(10), default=None)  # what goes beside the PDF: ubl


class CatalogItem(Owned):
    """An item that may be bought, from one supplier, at a contract price while it is valid."""

    __tablename__ = "catalog_item"
    __table_args__ = (
        UniqueConstraint("organisation_id", "item_number"),
        Index("ix_catalog_supplier_number", "supplier_id", "supplier_item_number"),
    )

    item_number: Mapped[str] = mapped_column(String(80))
    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"))
    supplier_item_number: Mapped[str | None] = mapped_column(String(80), default=None)
    description: Mapped[str]
    category: Mapped[str | None] = mapped_column(default=None)
    unit: Mapped[str] = mapped_column(String(20))
    unit_price: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3))
    tax_rate: Mapped[Decimal | None] = mapped_column(default=None)
    contract: Mapped[str | None] = mapped_column(default=None)
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)  # inclusive
    minimum_quantity: Mapped[Decimal | None] = mapped_column(default=None)
    quantity_multiple: Mapped[Decimal | None] = mapped_column(default=None)
    contents: Mapped[Decimal | None] = mapped_column(default=None)  # so many ``content_unit`` are in one unit
    content_unit: Mapped[str | None] = mapped_column(String(20), default=None)
    price_breaks: Mapped[list[Any]] = mapped_column(default=list)  # [from quantity, price] as texts, ascending


class CatalogNumber(Base):
    """One number of a catalog item, ours or its supplier's, by which it is found."""

    __tablename__ = "catalog_number"

    organisation_id: Mapped[int] = mapped_column(RowId, ForeignKey("organisation.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(60), primary_key=True)
    item_id: Mapped[int] = mapped_column(RowId, ForeignKey("catalog_item.id"), primary_key=True)


class CatalogWord(Base):
    """The items of one block of ids that hold a word (records.postings); a supplier's id counts as a word."""

    __tablename__ = "catalog_word"

    organisation_id: Mapped[int] = mapped_column(RowId, ForeignKey("organisation.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    items: Mapped[int]  # how many
    places: Mapped[bytes]


class CostCenter(Owned):
    """A cost centre and the person who owns it."""

    __tablename__ = "cost_center"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    owner_email: Mapped[str]
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)
    accounts: Mapped[list[str]] = mapped_column(default=list)  # that may be stated with it; none: all


class Budget(Owned):
    """Money of one cost centre (and account, "" for all) for a period, in base currency."""

    __tablename__ = "budget"
    __table_args__ = (UniqueConstraint("organisation_id", "cost_center", "account", "starts_on"),)

    cost_center: Mapped[str] = mapped_column(String(60))
    account: Mapped[str] = mapped_column(String(60), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # inclusive
    amount: Mapped[Decimal]


class ShipTo(Owned):
    """A place to deliver to."""

    __tablename__ = "ship_to"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    address: Mapped[list[str]] = mapped_column(default=list)
    country: Mapped[str | None] = mapped_column(default=None)
    email: Mapped[str | None] = mapped_column(default=None)
    is_default: Mapped[bool] = mapped_column(default=False)


class Policy(Owned):
    """One version of the approval policy; ``rules`` are data (procurement.policy)."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("organisation_id", "version"),)

    version: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    rules: Mapped[list[Any]] = mapped_column(default=list)


class Requisition(Work):
    """Somebody's request to buy. ``reading`` is what was read, untouched; corrections lie over it."""

    __tablename__ = "requisition"

    number: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), default=None)
    requester_id: Mapped[int] = mapped_column(RowId, ForeignKey("person.id"))
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    currency: Mapped[str | None] = mapped_column(String(3), default=None)
    needed_by: Mapped[date | None] = mapped_column(default=None)
    ship_to: Mapped[str | None] = mapped_column(default=None)
    cost_center: Mapped[str | None] = mapped_column(default=None)
    account: Mapped[str | None] = mapped_column(default=None)
    project: Mapped[str | None] = mapped_column(default=None)
    justification: Mapped[str | None] = mapped_column(default=None)
    net_total: Mapped[Decimal | None] = mapped_column(default=None)
    base_total: Mapped[Decimal | None] = mapped_column(default=None)  # in base currency
    content_hash: Mapped[str | None] = mapped_column(String(64), default=None)  # what is wanted
    revision_hash: Mapped[str | None] = mapped_column(String(64), default=None)  # what is decided on
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    policy_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("policy.id"), default=None)
    policy_rule: Mapped[str | None] = mapped_column(default=None)
    drawn: Mapped[str | None] = mapped_column(String(10), default=None)  # how it counts: committed or spent
    drawings: Mapped[list[Any]] = mapped_column(default=list)  # [kind, key, account, day, hundredths] that it took
    billed_share: Mapped[Decimal] = mapped_column(default=Decimal(0))  # of what it ordered; so much of it is spent
    maverick_total: Mapped[Decimal | None] = mapped_column(default=None)  # off contract or catalog, base currency
    signals: Mapped[list[str]] = mapped_column(default=list)  # which lessons it was checked with

    requester: Mapped[Person] = relationship()
    lines: Mapped[list["RequisitionLine"]] = relationship(
        back_populates="requisition", order_by="RequisitionLine.line_number", cascade="all, delete-orphan"
    )

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the uniqueness of numbers, and that one message makes one requisition."""
        return (
            UniqueConstraint("organisation_id", "number"),
            UniqueConstraint("message_id", name="uq_requisition_message"),
            Index("ix_requisition_content", "requester_id", "content_hash"),
            Index("ix_requisition_coding", "organisation_id", "cost_center", "submitted_at"),
            Index("ix_requisition_wanted", "organisation_id", "content_hash"),
            Index("ix_requisition_of_person", "requester_id", "submitted_at"),
            Index("ix_requisition_drawn", "organisation_id", "drawn", "state"),
            Index("ix_requisition_submitted", "organisation_id", "submitted_at"),
        )


class RequisitionLine(Owned):
    """One checked line: what is wanted, matched to a catalog item where one clearly fits."""

    __tablename__ = "requisition_line"
    __table_args__ = (UniqueConstraint("requisition_id", "line_number"),)

    requisition_id: Mapped[int] = mapped_column(RowId, ForeignKey("requisition.id"))
    line_number: Mapped[int]
    description: Mapped[str]
    quantity: Mapped[Decimal]
    unit: Mapped[str]
    unit_price: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3))
    tax_rate: Mapped[Decimal | None] = mapped_column(default=None)
    needed_by: Mapped[date | None] = mapped_column(default=None)
    supplier_id: Mapped[int] = mapped_column(RowId, ForeignKey("supplier.id"))
    catalog_item_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("catalog_item.id"), default=None)
    item_number: Mapped[str | None] = mapped_column(default=None)
    supplier_item_number: Mapped[str | None] = mapped_column(default=None)
    category: Mapped[str | None] = mapped_column(default=None)
    contract: Mapped[str | None] = mapped_column(default=None)
    maverick: Mapped[str | None] = mapped_column(String(20), default=None)  # off_catalog, off_contract

    requisition: Mapped[Requisition] = relationship(back_populates="lines")
    supplier: Mapped[Supplier] = relationship()


class Approval(Work):
    """One approver asked in one step for one revision of a requisition.

    States: to_ask, asked, approved, rejected, question, void.
    """

    __tablename__ = "approval"

    requisition_id: Mapped[int] = mapped_column(RowId, ForeignKey("requisition.id"))
    revision_hash: Mapped[str] = mapped_column(String(64))
    step_number: Mapped[int]  # from 1
    need: Mapped[str] = mapped_column(String(3))  # all or any of the step's approvers
    reason: Mapped[str]  # why this person is asked
    approver_id: Mapped[int] = mapped_column(RowId, ForeignKey("person.id"))
    principal_email: Mapped[str | None] = mapped_column(default=None)  # in whose place; None: signs himself
    escalated_at: Mapped[datetime | None] = mapped_column(default=None)  # since then a superior is asked as well
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    reminders: Mapped[int] = mapped_column(default=0)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_message_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("message.id"), default=None)
    words: Mapped[str | None] = mapped_column(default=None)  # the approver's own words

    requisition: Mapped[Requisition] = relationship()
    approver: Mapped[Person] = relationship()

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return that one person is asked once for one revision and step, and how approvals are listed."""
        return (
            UniqueConstraint("requisition_id", "revision_hash", "step_number", "approver_id"),
            Index("ix_approval_asked", "organisation_id", "asked_at"),
            Index("ix_approval_approver", "approver_id", "state"),
        )


class ApprovalToken(Owned):
    """One token that was mailed to an approver; kept as its SHA-256 only, valid once until it expires."""

    __tablename__ = "approval_token"

    approval_id: Mapped[int] = mapped_column(RowId, ForeignKey("approval.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)

    approval: Mapped[Approval] = relationship()
